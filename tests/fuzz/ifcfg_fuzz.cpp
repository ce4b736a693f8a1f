// SPDX-License-Identifier: Apache-2.0
// libFuzzer: whatever Red Hat's network files are, a right vifchain.toml comes of them.
#include "convert/import/readers.hpp"
#include "draft_laws.hpp"
#include "import_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vifchain;
  const char* names[] = {"etc/sysconfig/network-scripts/ifcfg-bond0",
                         "etc/sysconfig/network-scripts/ifcfg-br0",
                         "etc/sysconfig/network-scripts/route-br0",
                         "etc/sysconfig/network-scripts/ifcfg-eth0.5", "etc/sysconfig/network"};
  DraftConfig draft;
  read_ifcfg(files_in({reinterpret_cast<const char*>(data), size}, names), draft);
  require_composable(std::move(draft));
  return 0;
}

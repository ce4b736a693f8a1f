// SPDX-License-Identifier: Apache-2.0
// libFuzzer: whatever systemd-networkd's files are, a right vifchain.toml comes of them.
#include "convert/import/readers.hpp"
#include "draft_laws.hpp"
#include "import_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vifchain;
  // A line of = ends a file, so that several go together.
  const char* names[] = {"etc/systemd/network/10-a.netdev", "etc/systemd/network/20-b.netdev",
                         "etc/systemd/network/30-c.network", "etc/systemd/network/40-d.network",
                         "etc/systemd/network/10-a.netdev.d/x.conf"};
  DraftConfig draft;
  read_networkd(files_in({reinterpret_cast<const char*>(data), size}, names), draft);
  require_composable(std::move(draft));
  return 0;
}

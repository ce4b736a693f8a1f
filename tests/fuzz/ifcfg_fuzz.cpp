// libFuzzer: whatever Red Hat's network files are, a right vifchain.toml comes of them.
#include "convert/import/readers.hpp"
#include "import_fuzz.hpp"
#include "sketch_laws.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vifchain;
  const char* names[] = {"etc/sysconfig/network-scripts/ifcfg-bond0",
                         "etc/sysconfig/network-scripts/ifcfg-br0",
                         "etc/sysconfig/network-scripts/route-br0",
                         "etc/sysconfig/network-scripts/ifcfg-eth0.5", "etc/sysconfig/network"};
  Sketch sketch;
  read_ifcfg(files_in({reinterpret_cast<const char*>(data), size}, names), sketch);
  require_composable(std::move(sketch));
  return 0;
}

// libFuzzer: whatever systemd-networkd's files are, a right vifchain.toml comes of them.
#include "convert/import/readers.hpp"
#include "import_fuzz.hpp"
#include "sketch_laws.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vifchain;
  // A line of = ends a file, so that several go together.
  const char* names[] = {"etc/systemd/network/10-a.netdev", "etc/systemd/network/20-b.netdev",
                         "etc/systemd/network/30-c.network", "etc/systemd/network/40-d.network",
                         "etc/systemd/network/10-a.netdev.d/x.conf"};
  Sketch sketch;
  read_networkd(files_in({reinterpret_cast<const char*>(data), size}, names), sketch);
  require_composable(std::move(sketch));
  return 0;
}

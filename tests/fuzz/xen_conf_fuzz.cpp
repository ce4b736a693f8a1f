// SPDX-License-Identifier: Apache-2.0
// libFuzzer: whatever is in xend-config.sxp, xl.conf and modprobe.d, it is answered with a right
// file and remarks. The first byte says which of them it is; scripts that are called are the text
// again.
#include "convert/import/readers.hpp"
#include "draft_laws.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vifchain;
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  const Include include = [&](const std::string& path, const std::string&) {
    return std::vector<SourceFile>{{path, text}};
  };
  DraftConfig draft;
  if (data[0] % 3 == 0) read_xend({{"xend-config.sxp", text}}, include, draft);
  if (data[0] % 3 == 1) read_xl_conf({{"xl.conf", text}}, draft);
  if (data[0] % 3 == 2) {
    draft.bond("bond0", {"interfaces", 1});
    draft.add_port(*draft.find("bond0"), "eth0", {"interfaces", 1});
    read_modprobe({{"bonding.conf", text}}, draft);
  }
  require_composable(std::move(draft));
  return 0;
}

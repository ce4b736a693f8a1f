// SPDX-License-Identifier: Apache-2.0
// libFuzzer: whatever a netplan file is, it is refused as YAML, or a right vifchain.toml comes of
// it.
#include "convert/import/readers.hpp"
#include "draft_laws.hpp"
#include "edge/parse/yaml.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vifchain;
  auto read = parse_yaml({reinterpret_cast<const char*>(data), size});
  if (const auto* wrong = std::get_if<Diagnostics>(&read)) {
    require(wrong->size() == 1, "what is no YAML has one mistake");
    require(wrong->front().place.line != 0, "a mistake has a place");
    return 0;
  }
  DraftConfig draft;
  read_netplan({{"etc/netplan/a.yaml", std::get<Table>(std::move(read))}}, draft);
  require_composable(std::move(draft));
  return 0;
}

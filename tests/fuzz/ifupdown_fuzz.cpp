// SPDX-License-Identifier: Apache-2.0
// libFuzzer: whatever is in /etc/network/interfaces, it is answered with a right file and remarks.
// What is read includes itself, by whatever name.
#include "convert/import/readers.hpp"
#include "draft_laws.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vifchain;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const Include include = [&](const std::string& pattern, const std::string&) {
    return std::vector<SourceFile>{{"/etc/network/" + pattern, text}};
  };
  DraftConfig draft;
  read_ifupdown({{"/etc/network/interfaces", text}}, include, draft);
  require_composable(std::move(draft));
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "core/text/interfaces_file.hpp"

#include <algorithm>
#include <array>

#include "core/text/lines.hpp"

namespace vifchain::inline core::inline text {
namespace {

// With either spelling that bridge-utils-interfaces(5) and ifenslave's take.
bool lists_ports(std::string key) {
  std::ranges::replace(key, '_', '-');
  constexpr std::array<std::string_view, 4> keys{"bridge-ports", "bond-slaves", "slaves",
                                                 "bond-ports"};
  return std::ranges::find(keys, key) != keys.end();
}

// What stands in a list of ports and is no name.
bool is_no_name(const std::string& word) {
  constexpr std::array<std::string_view, 5> words{"none", "all", "regex", "noregex", "glob"};
  return std::ranges::find(words, word) != words.end();
}

}  // namespace

InterfacesFile read_interfaces(std::string_view text) {
  InterfacesFile file;
  unsigned stanza = 0;  // the line of the one that goes on; 0: none does
  for (const auto& line : logical_lines(text)) {
    const auto words = words_of(line.text);
    const std::string& key = words.front();
    const std::vector<std::string> rest(words.begin() + 1, words.end());
    if (key == "iface" && !rest.empty()) {
      stanza = line.number;
      file.links.push_back({rest.front(), stanza});
    } else if (key == "source" || key == "source-directory") {
      auto& patterns = key == "source" ? file.sources : file.folders;
      patterns.insert(patterns.end(), rest.begin(), rest.end());
    } else if (key == "auto" || key == "mapping" || key.starts_with("allow-") || key == "rename" ||
               key == "no-auto-down" || key == "no-scripts" || key == "template") {
      stanza = 0;
    } else if (stanza != 0 && lists_ports(key)) {
      for (const auto& name : rest)
        if (!is_no_name(name)) file.links.push_back({name, stanza});
    }
  }
  return file;
}

}  // namespace vifchain::inline core::inline text

// SPDX-License-Identifier: Apache-2.0
// What libxlutil reads in a configuration of xl, as far as it was asked for.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace vifchain::inline core::inline guests {

struct XlItem {
  unsigned line = 0;                     // where it ends
  std::optional<std::string> text = {};  // nothing: it is a list itself
};

struct XlValue {
  unsigned line = 0;
  std::variant<std::string, std::vector<XlItem>> value;
};

using XlSettings = std::map<std::string, XlValue>;  // those of the keys that are there

// What is wrong with the text, in libxlutil's words.
struct XlMistake {
  unsigned line = 0;  // 0: it says none
  std::string text;
};

}  // namespace vifchain::inline core::inline guests

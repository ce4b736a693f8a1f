// SPDX-License-Identifier: Apache-2.0
// Lists of words.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace vifchain::inline core::inline text {

// Whether the word is in a list with a blank between its words, of which one that ends with "*"
// stands for all that begin so: "dns-* hostname".
inline bool is_one_of(std::string_view word, std::string_view list) {
  while (!list.empty()) {
    const auto one = list.substr(0, list.find(' '));
    if (one.ends_with('*') ? word.starts_with(one.substr(0, one.size() - 1)) : word == one)
      return true;
    list.remove_prefix(std::min(one.size() + 1, list.size()));
  }
  return false;
}

// "a, b and c"
inline std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

}  // namespace vifchain::inline core::inline text

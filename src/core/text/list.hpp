// SPDX-License-Identifier: Apache-2.0
// Lists of words.
#pragma once

#include <algorithm>
#include <functional>
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

// What `text_of` makes of each, with `between` between them: "a, b, c".
template <class Range, class TextOf = std::identity>
std::string joined(const Range& all, const TextOf& text_of = {}, std::string_view between = ", ") {
  std::string text;
  bool first = true;
  for (const auto& one : all) {
    if (!first) text += between;
    text += std::invoke(text_of, one);
    first = false;
  }
  return text;
}

// "a, b and c"
inline std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

// "1 step", "2 steps"
inline std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace vifchain::inline core::inline text

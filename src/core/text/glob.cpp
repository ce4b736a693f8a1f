// SPDX-License-Identifier: Apache-2.0
#include "core/text/glob.hpp"

#include <fnmatch.h>

#include <string>

namespace vifchain::inline core::inline text {

bool matches_glob(std::string_view pattern, std::string_view text) {
  const auto has_nul = [](std::string_view one) { return one.find('\0') != one.npos; };
  if (has_nul(pattern) || has_nul(text)) return pattern == text;  // its end, to fnmatch
  return fnmatch(std::string(pattern).c_str(), std::string(text).c_str(), 0) == 0;
}

bool is_glob(std::string_view pattern) {
  return pattern.find_first_of("*?[\\") != pattern.npos;
}

std::string glob_for(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    const bool special = c == '*' || c == '?' || c == '[';
    pattern += special ? std::string{'[', c, ']'} : std::string(1, c);
  }
  return pattern;
}

}  // namespace vifchain::inline core::inline text

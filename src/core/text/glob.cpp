// SPDX-License-Identifier: Apache-2.0
#include "core/text/glob.hpp"

#include <optional>

namespace vifchain::inline core::inline text {
namespace {

// A set "[a-z]" at the start of the pattern: whether the letter is in it, and how long it is.
struct InSet {
  bool holds = false;
  std::size_t size = 0;
};

std::optional<InSet> in_set(std::string_view pattern, char letter) {
  std::size_t at = 1;
  const bool inverted = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (inverted) ++at;
  bool holds = false;
  for (const auto first = at; at < pattern.size(); ++at) {
    if (pattern[at] == ']' && at != first) return InSet{holds != inverted, at + 1};
    const bool range = at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']';
    const char last = range ? pattern[at + 2] : pattern[at];
    if (pattern[at] <= letter && letter <= last) holds = true;
    if (range) at += 2;
  }
  return std::nullopt;
}

// How much of the pattern stands for this one letter; 0 where it does not.
std::size_t one_letter(std::string_view pattern, char letter) {
  if (pattern.empty()) return 0;
  if (pattern.front() == '?') return 1;
  if (pattern.front() == '[')
    if (const auto set = in_set(pattern, letter)) return set->holds ? set->size : 0;
  if (pattern.front() == '\\' && pattern.size() > 1) return pattern[1] == letter ? 2 : 0;
  return pattern.front() == letter ? 1 : 0;
}

}  // namespace

bool matches_glob(std::string_view pattern, std::string_view text) {
  std::size_t at = 0, read = 0;
  std::optional<std::size_t> star;  // where the pattern goes on after the last *
  std::size_t taken = 0;            // up to where that * reaches in the text
  while (read < text.size()) {
    const auto rest = pattern.substr(at);
    if (!rest.empty() && rest.front() == '*') {
      star = ++at;
      taken = read;
      continue;
    }
    const auto step = one_letter(rest, text[read]);
    if (step != 0) {
      at += step;
      ++read;
    } else if (star) {
      at = *star;
      read = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == pattern.npos;
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

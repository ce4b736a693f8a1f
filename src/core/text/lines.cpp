// SPDX-License-Identifier: Apache-2.0
#include "core/text/lines.hpp"

#include <algorithm>

namespace vifchain::inline core::inline text {
namespace {

constexpr std::string_view white = " \t\r\n\f\v";

}  // namespace

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(white);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(white) - first + 1);
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  while (!(line = trimmed(line)).empty()) {
    const auto end = std::min(line.find_first_of(white), line.size());
    words.emplace_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

std::string first_word(std::string_view line) {
  line = trimmed(line);
  return std::string(line.substr(0, std::min(line.find_first_of(white), line.size())));
}

std::vector<TextLine> logical_lines(std::string_view text) {
  std::vector<TextLine> lines;
  TextLine whole;
  for (unsigned number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (whole.text.empty()) whole.number = number;
    const bool goes_on = line.ends_with('\\') && !line.starts_with('#');
    if (!line.starts_with('#'))
      whole.text += std::string(goes_on ? line.substr(0, line.size() - 1) : line);
    if (goes_on && !text.empty()) continue;
    whole.text = std::string(trimmed(whole.text));
    if (!whole.text.empty()) lines.push_back(std::move(whole));
    whole = {};
  }
  return lines;
}

}  // namespace vifchain::inline core::inline text

// SPDX-License-Identifier: Apache-2.0
#include "core/text/printable.hpp"

#include <cstdint>

#include "core/text/utf8.hpp"

namespace vifchain::inline core::inline text {
namespace {

std::uint32_t code_of(std::string_view character) {
  std::uint32_t code = 0;
  for (const char c : character) code = code << 8 | static_cast<unsigned char>(c);
  return code;
}

// Characters as their bytes in UTF-8. What terminals act upon: C0, DEL, C1; U+061C, U+200E, U+200F,
// U+202A to U+202E and U+2066 to U+2069, which turn the direction; U+2028 and U+2029, ends of
// lines.
bool speaks_to_terminals(std::string_view character) {
  const auto code = code_of(character);
  return code < 0x20 || code == 0x7f || (code >= 0xc280 && code <= 0xc29f) || code == 0xd89c ||
         code == 0xe2808e || code == 0xe2808f || (code >= 0xe280a8 && code <= 0xe280ae) ||
         (code >= 0xe281a6 && code <= 0xe281a9);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    const auto character = text.substr(0, size == 0 ? 1 : size);
    safe += size == 0 || speaks_to_terminals(character) ? "?" : std::string(character);
    text.remove_prefix(character.size());
  }
  return safe;
}

std::string printable_lines(std::string_view text) {
  std::string safe;
  for (std::size_t begin = 0;;) {
    const auto end = text.find('\n', begin);
    safe += printable(text.substr(begin, end == text.npos ? end : end - begin));
    if (end == text.npos) return safe;
    safe += '\n';
    begin = end + 1;
  }
}

std::string printable_line(std::string_view text, std::size_t most_bytes) {
  constexpr std::string_view more = "...";
  std::string line(text.substr(0, 4 * most_bytes));
  for (char& c : line)
    if (c == '\n' || c == '\t') c = ' ';
  line = printable(line);
  if (line.size() <= most_bytes) return line;
  return std::string(first_characters(line, most_bytes - more.size())) + std::string(more);
}

}  // namespace vifchain::inline core::inline text

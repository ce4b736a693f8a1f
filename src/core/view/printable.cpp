// Text for terminals and pictures, whatever was in it.
#include <cstdint>

#include "core/view/words.hpp"

namespace vifchain {
namespace {

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// The length of the UTF-8 character at the start of `text`; 0 when there is none (RFC 3629,
// overlong forms and surrogates by their first two bytes).
std::size_t character_at(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t size = first < 0x80                     ? 1
                           : first >= 0xc2 && first <= 0xdf ? 2
                           : first >= 0xe0 && first <= 0xef ? 3
                           : first >= 0xf0 && first <= 0xf4 ? 4
                                                            : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if (!continues(text[i])) return 0;
  if (size < 3) return size;
  const auto second = static_cast<unsigned char>(text[1]);
  const bool wrong = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                     (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
  return wrong ? 0 : size;
}

// C0, DEL and, in UTF-8, C1: what terminals act upon.
bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const std::size_t size = character_at(text);
    const auto character = text.substr(0, size == 0 ? 1 : size);
    safe += size == 0 || is_control(character) ? "?" : std::string(character);
    text.remove_prefix(character.size());
  }
  return safe;
}

std::size_t width(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text)
    if (!continues(c)) ++count;
  return count;
}

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// UTF-8 (RFC 3629), character by character.
#pragma once

#include <string_view>

namespace vifchain::inline core::inline text {

// Whether the byte is one of a character that began before it.
inline bool continues_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

// The length of the character at the start of `text`, which is not empty; 0 when there is none.
std::size_t character_size(std::string_view text);

// Of the text as many whole characters as that many bytes have room for.
std::string_view first_characters(std::string_view text, std::size_t most_bytes);

}  // namespace vifchain::inline core::inline text

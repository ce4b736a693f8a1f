// SPDX-License-Identifier: Apache-2.0
// Texts inside other languages' quotes, and bytes as digits.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace vifchain::inline core::inline text {

inline std::string quoted(std::string_view text) {
  return '"' + std::string(text) + '"';
}

// The text with something else for some letters: {letter, what stands for it}.
template <class Escapes>
std::string escaped(std::string_view text, const Escapes& escapes) {
  std::string safe;
  for (const char c : text) {
    const auto found = std::find_if(std::begin(escapes), std::end(escapes),
                                    [&](const auto& escape) { return escape.first == c; });
    if (found == std::end(escapes))
      safe += c;
    else
      safe += found->second;
  }
  return safe;
}

// Two digits for each byte.
inline std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    (text += digits[byte >> 4]) += digits[byte & 15];
  }
  return text;
}

}  // namespace vifchain::inline core::inline text

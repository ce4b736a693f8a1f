// SPDX-License-Identifier: Apache-2.0
// Whole numbers in texts.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace vifchain::inline core::inline text {

// The number that `digits` is, and nothing else; nothing for any other text, or one too large.
template <typename Number = unsigned>
std::optional<Number> decimal(std::string_view digits, int base = 10) {
  Number number{};
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number, base);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

}  // namespace vifchain::inline core::inline text

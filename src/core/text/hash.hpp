// SPDX-License-Identifier: Apache-2.0
// A hash that is the same on every machine and in every version.
#pragma once

#include <cstdint>
#include <string_view>

namespace vifchain::inline core::inline text {

// FNV-1a, 64 bits.
constexpr std::uint64_t hash(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return h;
}

}  // namespace vifchain::inline core::inline text

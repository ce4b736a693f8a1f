// SPDX-License-Identifier: Apache-2.0
// Chains as bytes and back, for keeping what was already checked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/model/topology.hpp"

namespace vifchain::inline edge::inline state {

// Changes whenever encode() writes something else.
inline constexpr std::uint32_t encoding = 5;

std::string encode(const Chain& chain);

// The chain that was encoded; nothing when the bytes are no such thing.
std::optional<Chain> decode(std::string_view bytes);

}  // namespace vifchain::inline edge::inline state

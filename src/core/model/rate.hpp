// SPDX-License-Identifier: Apache-2.0
// Rates as tc(8) writes them: "100Mbit".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vifchain::inline core::inline model {

// Bits per second: a number, fractions allowed, and one of bit, kbit, Mbit, Gbit, Tbit in any case
// of letters, which are powers of 1000 as in tc(8). Nothing for a text that is none, for one that
// is not a whole number of bits, and for more than 10^18 of them.
std::optional<std::uint64_t> parse_rate(std::string_view text);

// The other way round, in the largest unit that leaves a whole number: "100Mbit", "1500kbit".
std::string show_rate(std::uint64_t bits_per_second);

}  // namespace vifchain::inline core::inline model

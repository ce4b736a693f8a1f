// SPDX-License-Identifier: Apache-2.0
// `rate=` of a vif as xl reads it.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "core/guests/vif_spec.hpp"

namespace vifchain::inline core::inline guests {

// Why xl takes a text for no rate, as half a sentence.
struct BadRate {
  std::string reason;
};

// RATE := DIGITS ["G" | "M" | "K"] ("B" | "b") "/s" ["@" DIGITS ["s" | "ms" | "us" | "m" | "u"]]
// Powers of 1000; a number that begins with 0 is octal; an interval without a suffix is in seconds,
// and without an interval it is 50 ms (xlu_vif_parse_rate in Xen's libxlu_vif.c). At a text that is
// none xl gives up with the whole configuration.
std::variant<VifRate, BadRate> read_xl_rate(std::string_view text);

}  // namespace vifchain::inline core::inline guests

// SPDX-License-Identifier: Apache-2.0
// Spans of time as systemd and netplan write them: "100ms", "1min 30s", "0.5" (systemd.time(7)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vifchain::inline core::inline text {

// In microseconds; a number without a unit counts `unit` microseconds. Nothing when it is none, or
// is longer than a century.
std::optional<std::int64_t> time_span(std::string_view text, std::int64_t unit = 1000000);

// A span as an option of a vifchain.toml has it: in seconds ("2.5"), or in milliseconds.
std::string in_seconds(std::int64_t microseconds);
std::string in_milliseconds(std::int64_t microseconds);

}  // namespace vifchain::inline core::inline text

// SPDX-License-Identifier: Apache-2.0
// What the daemon says of itself, for people.
#pragma once

#include <cstdint>
#include <string>

#include "core/model/daemon_report.hpp"
#include "core/view/tree.hpp"

namespace vifchain::inline core::inline view {

// Some lines: since when it runs, what is wrong with its file, what it waits for, what it healed
// lately, and with style.counters all that it counts. `now` is in seconds since 1970.
std::string daemon_text(const DaemonReport& report, std::int64_t now, const TreeStyle& style);

}  // namespace vifchain::inline core::inline view

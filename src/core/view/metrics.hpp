// SPDX-License-Identifier: Apache-2.0
// The daemon's numbers for Prometheus.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/model/daemon_report.hpp"

namespace vifchain::inline core::inline view {

// In the text format that node_exporter's textfile collector reads (Prometheus' "Exposition
// formats", version 0.0.4). Without a report it is vifchaind_up alone, and that 0. `now` is in
// seconds since 1970.
std::string metrics_text(const std::optional<DaemonReport>& report, std::int64_t now);

}  // namespace vifchain::inline core::inline view

// SPDX-License-Identifier: Apache-2.0
// What vifchaind says of itself, if it runs.
#pragma once

#include <optional>
#include <string>

#include "core/model/daemon_report.hpp"

namespace vifchain::inline cli {

struct DaemonSays {
  std::optional<DaemonReport> report;  // nothing when none runs, or nobody knows
  std::string unknown;                 // why nobody knows; empty when it answered or none runs
  bool may_not_ask = false;            // it is unknown because only root may ask
};

// Within two seconds.
DaemonSays ask_daemon();

}  // namespace vifchain::inline cli

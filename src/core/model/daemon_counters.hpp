// SPDX-License-Identifier: Apache-2.0
// What the daemon counts, by name.
#pragma once

#include <array>

#include "core/model/daemon_report.hpp"

namespace vifchain::inline core::inline model {

struct DaemonCounter {
  const char* name;  // lower case and "_", for machines
  std::uint64_t DaemonReport::Counters::*value;
  const char* meaning;  // one sentence
};

inline constexpr auto daemon_counters = [] {
  using All = DaemonReport::Counters;
  return std::array{
      DaemonCounter{"attached", &All::attached, "Vifs connected."},
      DaemonCounter{"refused", &All::refused, "Attempts to connect a vif that were refused."},
      DaemonCounter{"released", &All::released, "Vifs taken off their bridge."},
      DaemonCounter{"healed_ports", &All::healed_ports, "Vifs put back onto their bridge."},
      DaemonCounter{"healed_chains", &All::healed_chains, "Chains repaired."},
      DaemonCounter{"gave_way", &All::gave_way, "Repairs suspended, as a chain kept changing."},
      DaemonCounter{"torn_down", &All::torn_down, "Chains deleted with their last vif."},
      DaemonCounter{"store_events", &All::store_events, "Bursts of xenstore events."},
      DaemonCounter{"link_events", &All::link_events, "Bursts of rtnetlink events."},
      DaemonCounter{"lost_events", &All::lost_events, "Losses of rtnetlink events."},
      DaemonCounter{"store_restarts", &All::store_restarts, "Restarts of xenstored."},
  };
}();
static_assert(sizeof(DaemonReport::Counters) == daemon_counters.size() * sizeof(std::uint64_t),
              "every counter has its name");

}  // namespace vifchain::inline core::inline model

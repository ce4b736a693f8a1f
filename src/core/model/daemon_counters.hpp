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

inline constexpr std::array daemon_counters{
    DaemonCounter{"attached", &DaemonReport::Counters::attached, "Vifs that it connected."},
    DaemonCounter{"refused", &DaemonReport::Counters::refused,
                  "Attempts to connect a vif that ended with a reason."},
    DaemonCounter{"released", &DaemonReport::Counters::released,
                  "Vifs that it took off their bridge."},
    DaemonCounter{"healed_ports", &DaemonReport::Counters::healed_ports,
                  "Vifs that somebody had thrown off their bridge, and that it put back."},
    DaemonCounter{"healed_chains", &DaemonReport::Counters::healed_chains,
                  "Chains that somebody had changed, and that it put right."},
    DaemonCounter{"gave_way", &DaemonReport::Counters::gave_way,
                  "Times that it stopped, as somebody kept changing a chain."},
    DaemonCounter{"torn_down", &DaemonReport::Counters::torn_down,
                  "Chains that went with their last vif."},
    DaemonCounter{"store_events", &DaemonReport::Counters::store_events,
                  "Events of xenstore, those of one moment as one."},
    DaemonCounter{"link_events", &DaemonReport::Counters::link_events,
                  "Events of rtnetlink, those of one moment as one."},
    DaemonCounter{"lost_events", &DaemonReport::Counters::lost_events,
                  "Times that the kernel had more to tell than it could keep."},
    DaemonCounter{"store_restarts", &DaemonReport::Counters::store_restarts,
                  "Times that xenstored had hung up."},
};
static_assert(sizeof(DaemonReport::Counters) == daemon_counters.size() * sizeof(std::uint64_t),
              "every counter has its name");

}  // namespace vifchain::inline core::inline model

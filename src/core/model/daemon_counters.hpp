// SPDX-License-Identifier: Apache-2.0
// What the resident plugin counts, by name.
#pragma once

#include <array>

#include "core/model/daemon_report.hpp"

namespace vifchain::inline core::inline model {

struct ResidentCounter {
  const char* name;  // lower case and "_", for machines
  std::uint64_t ResidentReport::Counters::*value;
  const char* meaning;  // one sentence
};

inline constexpr std::array resident_counters{
    ResidentCounter{"attached", &ResidentReport::Counters::attached, "Vifs that it connected."},
    ResidentCounter{"refused", &ResidentReport::Counters::refused,
                    "Attempts to connect a vif that ended with a reason."},
    ResidentCounter{"released", &ResidentReport::Counters::released,
                    "Vifs that it took off their bridge."},
    ResidentCounter{"healed_ports", &ResidentReport::Counters::healed_ports,
                    "Vifs that somebody had thrown off their bridge, and that it put back."},
    ResidentCounter{"healed_chains", &ResidentReport::Counters::healed_chains,
                    "Chains that somebody had changed, and that it put right."},
    ResidentCounter{"gave_way", &ResidentReport::Counters::gave_way,
                    "Times that it stopped, as somebody kept changing a chain."},
    ResidentCounter{"torn_down", &ResidentReport::Counters::torn_down,
                    "Chains that went with their last vif."},
    ResidentCounter{"store_events", &ResidentReport::Counters::store_events,
                    "Events of xenstore, those of one moment as one."},
    ResidentCounter{"link_events", &ResidentReport::Counters::link_events,
                    "Events of rtnetlink, those of one moment as one."},
    ResidentCounter{"lost_events", &ResidentReport::Counters::lost_events,
                    "Times that the kernel had more to tell than it could keep."},
    ResidentCounter{"store_restarts", &ResidentReport::Counters::store_restarts,
                    "Times that xenstored had hung up."},
};
static_assert(sizeof(ResidentReport::Counters) == resident_counters.size() * sizeof(std::uint64_t),
              "every counter has its name");

}  // namespace vifchain::inline core::inline model

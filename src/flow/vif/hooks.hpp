// SPDX-License-Identifier: Apache-2.0
// The hooks of one event.
#pragma once

#include <map>
#include <optional>

#include "core/model/vif_event.hpp"
#include "flow/run/env.hpp"

namespace vifchain::inline flow::inline vif {

// What hooks are told besides the event itself.
struct HookFacts {
  LinkName port;                             // what its link is called now
  std::map<std::string, std::string> nodes;  // of the backend, as far as they were read
  std::optional<LinkName> bridge;
  std::optional<unsigned> mtu;
};

// Runs the administrator's hooks, if there are any, with the variables that Xen's vif scripts give
// theirs (vif-common.sh). Throws when one fails.
void run_event_hooks(Env& env, const VifEvent& event, const HookFacts& facts);

}  // namespace vifchain::inline flow::inline vif

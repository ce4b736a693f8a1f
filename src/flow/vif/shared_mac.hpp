// SPDX-License-Identifier: Apache-2.0
// Ports of one bridge whose guests have the same MAC: see share_mac() in core/vif/guest_port.hpp.
#pragma once

#include <vector>

#include "core/model/policy.hpp"
#include "flow/run/env.hpp"

namespace vifchain::inline flow::inline vif {

// The other ports of the bridge that may send from this MAC. What it costs does not depend on their
// number, but for one list of MACs.
std::vector<LinkName> others_with(Env& env, const Mac& mac, const LinkName& bridge,
                                  const LinkName& but);

// The other ports as they are while they share their MAC, for a desired state: unlocked, without a
// static entry, and learning unless their bridge's policy says otherwise.
Desired sharing(Env& env, const std::vector<LinkName>& others, const VifPolicy& policy);

// A port with this MAC has left the bridge: one that has it alone now is bound to it again, as its
// policy says. Where that cannot be done the log says so: its filter guards it.
void bind_who_is_left(Env& env, const Mac& mac, const LinkName& bridge);

}  // namespace vifchain::inline flow::inline vif

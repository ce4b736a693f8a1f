// SPDX-License-Identifier: Apache-2.0
// The VLANs that the uplinks of a VLAN-filtering bridge carry: those of somebody behind it.
#pragma once

#include <set>
#include <vector>

#include "core/model/link.hpp"

namespace vifchain::inline core::inline plan {

// The VLANs that somebody behind the bridge is in: its ports but the uplinks, and VLAN links on top
// of it.
std::set<VlanId> used_vlans(const Actual& links, const LinkName& bridge,
                            const std::vector<LinkName>& uplinks);

// Completes the desired state: ports that join a VLAN-filtering bridge which stands already carry,
// tagged, what its guests need, unless the desired state has VLANs for them.
void give_uplinks_vlans(Desired& desired, const Actual& actual);

}  // namespace vifchain::inline core::inline plan

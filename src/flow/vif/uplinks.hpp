// SPDX-License-Identifier: Apache-2.0
// The VLANs of a bridge's uplinks: what the guests on it need, and no more.
#pragma once

#include <vector>

#include "core/model/topology.hpp"
#include "edge/state/lock.hpp"
#include "flow/run/env.hpp"

namespace vifchain::inline flow::inline vif {

// The uplinks of the chain's bridge carry `vlans`, tagged, besides what they have; those whose
// VLANs the file fixes in [port] are left alone, with a warning where one lacks a VLAN. Nobody
// takes a VLAN from them while the locks live.
Locks need_vlans(Env& env, const Chain& chain, const std::vector<PortVlan>& vlans);

// Those of `vlans` that no port of the bridge but the uplinks is in any more have gone from the
// uplinks, and those that the file fixes were left alone.
void drop_vlans(Env& env, const Chain& chain, const std::vector<PortVlan>& vlans);

}  // namespace vifchain::inline flow::inline vif

// SPDX-License-Identifier: Apache-2.0
// A running guest's vif goes to another bridge, or other VLANs.
#pragma once

#include <map>
#include <string>

#include "flow/vif/handle.hpp"

namespace vifchain::inline flow::inline vif {

struct MoveRequest {
  VifEvent event;     // as of its online
  std::string libxl;  // "/libxl/D/device/vif/N", libxl's own copy of the nodes
  std::map<std::string, std::string> nodes;  // bridge, vlan, mtu: new values; "" takes one away
};

// After Connected the vif is a port as its new nodes say, and backend, /libxl and the frontend's
// mtu say so too, changed together; so is the emulated NIC beside it, if there is one. After
// Refused everything is as it was. The guest sees its link pause for a moment; what only this vif
// needed of the bridge it leaves has gone.
Outcome move_vif(Env& env, const MoveRequest& request);

}  // namespace vifchain::inline flow::inline vif

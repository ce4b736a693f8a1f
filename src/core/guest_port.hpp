// What is wanted of a guest's port, and what of a wish cannot be had.
#pragma once

#include <string>

#include "core/policy.hpp"
#include "core/request.hpp"

namespace vifchain {

// Why a port in `vlans` (none: said nowhere) cannot be had on this bridge, as a whole sentence with
// the line to change; empty when it can. A guest is never put where its VLANs mean nothing.
std::string why_no_vlans(const Link& bridge, const std::vector<PortVlan>& vlans);

// Whether the bridge itself can bind the guest's MAC to the port: the MAC is known, and the guest
// has no emulated NIC, which would send from the same MAC through another port.
bool can_lock(const VifPolicy& policy, const VifRequest& request);

// The guest's port `link` on `bridge` (as it is there), in `vlans`. `have` is the link as it is:
// what an earlier policy set and this one does not want goes back to the kernel's default.
Link guest_port(const Link& have, const Link& bridge, const VifRequest& request,
                const VifPolicy& policy, const std::vector<PortVlan>& vlans);

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// What is wanted of a guest's port, and what of a desired state cannot be had.
#pragma once

#include <string>

#include "core/model/policy.hpp"
#include "core/vif/request.hpp"

namespace vifchain::inline core::inline vif {

// Why a port in `vlans` (none: said nowhere) cannot be had on this bridge, as a whole sentence with
// the line to change; empty when it can. A guest is never put where its VLANs mean nothing.
std::string why_no_vlans(const Link& bridge, const std::vector<PortVlan>& vlans);

// Whether the bridge itself can bind the guest's MAC to the port: the MAC is known, and the guest
// has no emulated NIC, which would send from the same MAC through another port.
bool can_lock(const VifPolicy& policy, const VifRequest& request);

// Why the policy cannot be had for this guest, as a whole sentence; empty when it can. `backend` is
// where its nodes are.
std::string why_no_antispoof(const VifPolicy& policy, const VifRequest& request,
                             const std::string& backend);

// The filter of the guest's port on `bridge`; with mode off where none is wanted. `owner` is the
// kernel's own name of the port.
PortFilter wanted_filter(const VifPolicy& policy, const VifRequest& request, const LinkName& owner,
                         const LinkName& bridge);

// What the policy wants of the guest's port that is, or will be, in `vlans` of `bridge` (as it is
// there): options, lock, filter where one is wanted, rate where there is one. `have` is the link as
// it is: what an earlier policy set and this one does not want goes back to the kernel's default.
void want_policy(Link& port, const Link& have, const Link& bridge, const VifRequest& request,
                 const VifPolicy& policy, const std::vector<PortVlan>& vlans,
                 const LinkName& owner);

// While another port of the bridge has guests with the same MAC (an HVM guest and its stubdomain;
// the two vifs of a guest that migrates to its own host), neither can be bound to it: the bridge
// learns where the MAC is, and filters alone guard them.
void share_mac(Link& port, const VifPolicy& policy);

// The guest's port `link` on `bridge` with all that the policy wants.
Link guest_port(const Link& have, const Link& bridge, const VifRequest& request,
                const VifPolicy& policy, const std::vector<PortVlan>& vlans, const LinkName& owner);

}  // namespace vifchain::inline core::inline vif

// SPDX-License-Identifier: Apache-2.0
// Where this host's own addresses and routes live once a desired state is true.
#pragma once

#include <map>
#include <vector>

#include "core/model/hosting.hpp"
#include "core/model/link.hpp"
#include "core/plan/dhcp.hpp"
#include "core/plan/plan.hpp"

namespace vifchain::inline core::inline plan {

// The links of the desired state whose routes matter to rehome(): those that carry addresses, or
// are to.
std::vector<LinkName> links_to_rehome(const Desired& desired, const Actual& actual,
                                      const std::map<LinkName, Hosting>& hosting);

// The addresses that leave links of the desired state because their NICs do.
std::map<LinkName, std::vector<LinkAddress>> following_their_nics(
    const Desired& desired, const Actual& actual, const std::map<LinkName, Hosting>& hosting,
    const std::map<LinkName, DhcpLeavings>& left);

// Completes the desired state: nothing of this host is deaf or lost when it is true, but what
// stranded() names (core/plan/ways_out.hpp).
// - A link with a Hosting has those addresses and routes; of the others it has, it keeps what is
// not
//   marked as ours.
// - A link that carries addresses and is to become a port hands them and its routes to the link at
//   the top of what it becomes part of; that, and what lies between, is made with its MAC, so that
//   neither switch nor neighbours notice.
// - What is not marked as ours on a bridge or bond that is to go, goes to a port of it that stays:
//   the one whose MAC it has, or else the first.
// - What the file does not name on a bond or bridge of the desired state that stays, and whose NICs
//   all go elsewhere, goes where the NIC goes by which this host was reached, where the desired
//   state has that place; to a NIC that becomes free only where the link gets no other.
// - What a DHCP client leaves behind is gone.
// - What the kernel made of router advertisements goes along with the link's way to take them, if
//   the link where it goes has ra = true; routes get a stand-in (interim_of()). Where the kernel
//   does not take them itself, another program does, and nothing of it is taken along.
// - A bridge on which this host lives, or others have it live, is open to it (Link::apart).
// `actual` has addresses, and routes of links_to_rehome().
// Returns what would be lost for want of a word in the file, which the planner cannot know: IPv6 by
// router advertisements on a link that becomes a port, where the link at the top says neither
// ra = true nor ra = false.
std::vector<Conflict> rehome(Desired& desired, const Actual& actual,
                             const std::map<LinkName, Hosting>& hosting,
                             const std::map<LinkName, DhcpLeavings>& left = {});

}  // namespace vifchain::inline core::inline plan

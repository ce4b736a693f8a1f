// SPDX-License-Identifier: Apache-2.0
// What stands in the way of a desired state, before anything is planned.
#pragma once

#include <set>
#include <vector>

#include "core/plan/plan.hpp"

namespace vifchain::inline core::inline plan {

// What is said first of a link that is not there and cannot be made.
inline constexpr const char* no_such_link = "no such link on this host";

// The links that must be deleted: not wanted any more, to be made anew, or stacked on one of those.
std::set<LinkName> links_to_delete(const Desired& desired, const Actual& actual);

// The bonds that stay but change an option that the kernel only takes without ports.
std::set<LinkName> bonds_to_empty(const Desired& desired, const Actual& actual);

// Everything that forbids to go from `actual` to `desired`: links that are somebody else's and do
// not fit, ports that would be stolen, links that are missing and cannot be made, ports with
// addresses that would be lost, VLAN MTUs above what carries them.
std::vector<Conflict> obstacles(const Desired& desired, const Actual& actual);

}  // namespace vifchain::inline core::inline plan

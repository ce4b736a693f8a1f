// SPDX-License-Identifier: Apache-2.0
// Desired states in which less is left.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "flow/host/plan_host.hpp"

namespace vifchain::inline flow::inline host {

// No link of ours is there, but those that somebody uses, and what these stand on. With `force`
// guests do not count: their vifs are left without a bridge.
DesiredHost nothing_of_ours(bool force);

// The same for the links of these bridges, as far as no other bridge or link of ours needs them.
// Goes by the kernel and not by the file, which may have changed since. A bridge that is not there
// is gone already where it is one of `known`; for any other name that is no bridge of ours it
// throws Refusal, with those that are.
DesiredHost without_chains(std::vector<std::string> bridges, bool force,
                           std::set<std::string> known = {});

// Of the bridges that were asked to go, or of all of ours where none is named, those that stay by
// this plan, each with what uses it: "xenbr0 stays: vif7.0 uses it".
std::vector<std::string> what_stays(const HostPlan& plan, const std::vector<std::string>& bridges);

}  // namespace vifchain::inline flow::inline host

// SPDX-License-Identifier: Apache-2.0
// NICs that stop being ports of ours are left as they were found.
#pragma once

#include "core/plan/plan.hpp"
#include "flow/run/env.hpp"

namespace vifchain::inline flow::inline chain {

// Before the plan is carried out: keeps how each link of somebody else's is that it makes a port of
// ours. Where that cannot be kept the log says so.
void remember_nics(Env& env, const Plan& plan, const Actual& before);

// The desired state is for the whole host: NICs that we made ports of its links, and that are none
// by it, are free.
void let_go_of_nics(const Places& places, Desired& desired, const Actual& now);

// Those that are ports of what is to go are free, unless the desired state has another place for
// them.
void let_go_of_nics_below_what_goes(const Places& places, Desired& desired, const Actual& now);

// The desired state for links that it frees is that they are as they were.
void free_nics(const Places& places, Desired& desired, const Actual& now);

// Forgets what is kept of those that are no port of ours.
void forget_free_nics(Env& env, const Actual& now);

}  // namespace vifchain::inline flow::inline chain

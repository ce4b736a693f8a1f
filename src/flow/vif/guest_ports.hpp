// SPDX-License-Identifier: Apache-2.0
// Ports of guests that run, as the policies of the file have them.
#pragma once

#include <chrono>
#include <set>
#include <vector>

#include "core/model/topology.hpp"
#include "core/plan/leave_out.hpp"
#include "flow/run/env.hpp"

namespace vifchain::inline flow::inline vif {

// What is wanted of all ports of guests on these bridges, or on all: see desired_guests(). Where
// none is named, filters of links that are not there are to go as well: such a link is wanted with
// no filter. `notes` is told what cannot be had or known.
Desired guests_by_file(Env& env, const Topology& topology, const Actual& now,
                       const std::set<LinkName>& bridges, std::vector<std::string>& notes);

// Whether a link of a desired state is a guest's port that is to stay where it is, or one that is
// gone.
bool is_desired_guest(const Link& want, const Actual& now);

// The steps that make the ports as they are wanted; `now` has filters, rates and static MACs.
std::vector<Step> plan_guests(const Desired& guests, const Actual& now);

// Makes these ports as they are wanted, each under the lock of its vif, and reads them back: as it
// is wanted by then, for whoever had the lock before may have moved the guest, or another one may
// have come. Of `guests`, what guests_by_file() said of them, it counts only of which ports it is,
// and whether their filters alone are to be mended. Those that have gone meanwhile are passed over;
// so are those that another run is busy with, which are returned. `mended` is called for each that
// had to be changed. Throws Error, Refusal or Interrupted; then all are as they were, but those
// that others have been at since.
Desired mend_guests(Env& env, const Topology& topology, const Desired& guests,
                    const std::function<void(const LinkName& port, const Plan& done)>& mended = {});

// The same for ports that other runs were busy with, once those have ended; whoever calls this has
// no locks of links (edge/state/vif_lock.hpp). Returns the ports that are not as they are wanted
// all the same, each with the reason: somebody is busy with them for longer than `at_most`, or it
// cannot be done.
std::vector<LeftOut> mend_busy_guests(Env& env, const Topology& topology, Desired guests,
                                      std::chrono::milliseconds at_most);

}  // namespace vifchain::inline flow::inline vif

// SPDX-License-Identifier: Apache-2.0
// A plan for the host, carried out.
#pragma once

#include "edge/state/lock.hpp"
#include "flow/host/plan_host.hpp"

namespace vifchain::inline flow::inline host {

struct ApplyOptions {
  bool allow_disrupt = false;
  Others others = Others::stay;
  bool what_can = false;   // what cannot be had is left out, and named in what is returned
  bool takes_away = true;  // at boot: links of ours that the file does not name go
  // Called with the plan under which everything is locked, before the first change; whatever it
  // throws ends the run, and nothing was changed.
  std::function<void(const HostPlan&)> before_changes = {};
  // With which it waits for the locks of all that it writes to.
  LockPatience patience = {};
  // Links of which it is known that they are to be written to: these are locked before the first
  // plan, so that there need not be a second.
  std::set<LinkName> locked_first = {};
  // Called after each send with how many steps are done, and how many there are.
  std::function<void(std::size_t done, std::size_t all)> progress = {};
};

// The host is as `desired` has it: read back, and compared. Everything that is written to is locked
// meanwhile, so that vifs that come wait or find it done. Returns what was done, and in `left_out`
// the ports of guests that another run has been busy with for too long. Throws Refusal, Error or
// Interrupted, and the host is then as it was, addresses and routes included.
HostPlan apply(Env& env, const DesiredHost& desired, const ApplyOptions& options);

}  // namespace vifchain::inline flow::inline host

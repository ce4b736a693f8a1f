// SPDX-License-Identifier: Apache-2.0
// The host's chains at boot: whatever can stand does, and the rest is named.
#pragma once

#include <chrono>

#include "flow/host/apply.hpp"

namespace vifchain::inline flow::inline host {

// Waits until the NICs that the file names are there and udev is done with them, at most so long.
// The log says for which.
void wait_for_nics(Env& env, const Topology& topology, std::chrono::seconds limit);

// As apply() for the whole file, but what something is in the way of is left out, and named in what
// is returned. If all at once fails it is done chain by chain, and those that fail are left out
// too. From then on the chains that are left out wait for their NICs (flow/host/late_nic.hpp).
// Throws Interrupted, and Refusal or Error when not even one chain could be planned.
HostPlan apply_what_can(Env& env, const Topology& topology, const ApplyOptions& options);

// No chain waits for a NIC any more.
void forget_waiting(Env& env);

// Where it is kept which do.
std::string waiting_folder(const Places& places);

}  // namespace vifchain::inline flow::inline host

// SPDX-License-Identifier: Apache-2.0
// What became of a vif, as xenstore is told it: for netback, for the guest, and for the toolstack.
#pragma once

#include "flow/run/env.hpp"
#include "flow/vif/attach.hpp"

namespace vifchain::inline flow::inline vif {

// Nothing here makes a folder: what a toolstack has taken away stays away, and so does what a guest
// has.

// Netback knows that the vif is connected, and the frontend its MTU, at one moment. Throws Refusal,
// and nothing is written, when there is no backend directory any more.
void tell_connected(Env& env, const VifEvent& event, unsigned mtu);

// The nodes of the move stand in the backend and in libxl's copy, and the frontend has its MTU, at
// one moment. Throws Refusal likewise.
void tell_moved(Env& env, const VifEvent& event, const Move& move, unsigned mtu);

// The reason stands where libxl and netback look: hotplug-error and hotplug-status=error below
// `backend`, together, while there is such a directory. A store that cannot be reached is logged.
void tell_refused(Store& store, Log& log, const std::string& backend, const std::string& reason);

}  // namespace vifchain::inline flow::inline vif

// The way back of a change that nobody has confirmed.
#pragma once

#include <chrono>
#include <string>

#include "flow/host_plan.hpp"

namespace vifchain {

// Puts the way back onto the disk, and leaves a process behind (`vifchain confirm --or-go-back`)
// that takes it after `window` unless it was confirmed by then: it has a session of its own, and
// does not end with this one. Returns when it watches. Throws Refusal when another change waits for
// its confirmation, and Error when there can be no way back; nothing has been changed then.
void leave_way_back(const Places& places, const HostPlan& plan, std::chrono::seconds window);

// What that process does: takes the way back after `window` unless it was confirmed by then, and
// says in the log what it did. The exit code.
int go_back_unless_confirmed(const Places& places, std::chrono::seconds window);

// There is no way back any more. False when there was none.
bool confirm(const Places& places);

// The change was not made after all: there is nothing to go back from.
void forget_way_back(const Places& places);

// The file was applied and is what the host goes back to from later changes.
void remember_applied(const Places& places);

// A way back that nobody watches any more, because its process or the machine died: takes it.
// False when there is none. Throws Refusal when one is watched: a change waits to be confirmed.
bool go_back_if_forgotten(Site& site);

// The same at boot: when the machine died of the change nothing is left of it but the file, which
// alone goes back then.
bool go_back_at_boot(Site& site);

// The file is one that was put back unconfirmed and could not give its place to one before it: it
// is not to be applied unless somebody says so.
bool is_unconfirmed(const Places& places);

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// The link of a guest's port: finding it, and giving it the name that the guest's owner wants.
#pragma once

#include <optional>

#include "core/model/vif_event.hpp"
#include "flow/run/env.hpp"

namespace vifchain::inline flow::inline vif {

// The present name of the link that is this event's port, whatever it was renamed to: of a vif by
// its xenbus device, and of everything by the names it had before. Nothing when there is none (not
// yet, or no more). Never another guest's link.
std::optional<LinkName> find_port(Env& env, const VifEvent& event);

// That link itself with its VLANs, as the kernel has it now.
std::optional<Link> present_port(Env& env, const VifEvent& event);

// What the port's link is called as far as sysfs tells; where it does not, the name that the kernel
// or the device model made it with. Asks the kernel nothing.
LinkName quick_name(const Env& env, const VifEvent& event);

// The link `from` is called `name` from now on. Where that is the name of a link of the same guest
// that is on its way out (restore, migration to the same host), that one gets its own name back.
// Throws Refusal when somebody else has the name, and says who, or when it is one that the file has
// a use for, or the kernel for another vif; then nothing has changed.
void take_name(Env& env, const VifEvent& event, const LinkName& from, const LinkName& name);

}  // namespace vifchain::inline flow::inline vif

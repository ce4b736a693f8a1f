// SPDX-License-Identifier: Apache-2.0
// What the kernel says of all links from moment to moment.
#pragma once

#include <functional>
#include <map>

#include "core/model/link_state.hpp"
#include "edge/kernel/kernel.hpp"
#include "edge/kernel/links.hpp"

namespace vifchain::inline edge::inline kernel {

// Of every link of the network namespace, from one dump; speeds, of NICs and bonds, are asked of
// the drivers, one question each. Needs no privileges. Throws Error.
std::map<LinkName, LinkState> read_link_states(bool counters, Patience patience = {});

// All of it that a link message (RTM_NEWLINK) says.
LinkState read_state(const nlmsghdr& link_message, Names& names);

}  // namespace vifchain::inline edge::inline kernel

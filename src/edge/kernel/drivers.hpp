// SPDX-License-Identifier: Apache-2.0
// Which kinds of links this kernel makes, as far as it can be told without making one.
#pragma once

#include <string>

#include "core/plan/preflight/preflight.hpp"
#include "edge/kernel/kernel.hpp"

namespace vifchain::inline edge::inline kernel {

// By what is loaded or built in, and by the modules that there are for this kernel, below
// `root`/sys, `root`/proc and `root`/lib/modules. What those leave open is absent; nothing is
// loaded for the answer.
Drivers read_drivers(const std::string& root = "");

// False when this kernel is known to have no driver of this name, nor a module of it to load.
bool may_have_driver(const std::string& module);

// Whether the bridges of this kernel filter VLANs (CONFIG_BRIDGE_VLAN_FILTERING), by whether it
// knows the question for the VLANs of ports. Only a kernel with a bridge driver, loaded, can tell.
std::optional<bool> tell_vlan_filtering(const Patience& patience);

}  // namespace vifchain::inline edge::inline kernel

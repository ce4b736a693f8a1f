// SPDX-License-Identifier: Apache-2.0
// vifchain vif: a running guest's vif goes to another bridge or VLAN.
#pragma once

#include "cli/command.hpp"

namespace vifchain::inline cli {

// GUEST[/DEVID] and at least one of bridge=, vlan=, mtu=.
Run declare_vif(CLI::App& app, const Common& common);

}  // namespace vifchain::inline cli

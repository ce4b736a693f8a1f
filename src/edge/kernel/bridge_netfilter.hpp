// SPDX-License-Identifier: Apache-2.0
// The switches by which iptables sees bridged frames.
#pragma once

#include <string>

#include "core/plan/preflight/preflight.hpp"

namespace vifchain::inline edge::inline kernel {

// Those of the network namespace that this process is in, below `folder`. Without br_netfilter
// there are none.
BridgeNetfilter read_bridge_netfilter(const std::string& folder = "/proc/sys/net/bridge");

}  // namespace vifchain::inline edge::inline kernel

// SPDX-License-Identifier: Apache-2.0
// The files that many tests use.
#pragma once

namespace vifchain {

// The README's.
inline constexpr const char* seven_lines = R"([bond.bond1]
ports     = ["eth0", "eth3"]
mode      = "802.3ad"
miimon    = 100
lacp_rate = "fast"

[bridge.xenbrlan]
ports = ["bond1.3"]

[bridge.xenbrdmz]
ports = ["bond1.2"]
)";

// One NIC, one bridge; nothing that is missing is waited for.
inline constexpr const char* one_bridge = R"([vif]
wait = 0

[bridge.xenbr0]
ports = ["eth0"]
)";

}  // namespace vifchain

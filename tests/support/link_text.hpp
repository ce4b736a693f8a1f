// SPDX-License-Identifier: Apache-2.0
// Link tables as text, one line a link, for golden cases and for what a failed law prints:
//
//   eth0   given in bond1 up mtu=1500 mac=02:00:00:00:00:01
//   bond1  bond ours up mode=802.3ad miimon=100 birth.mac=02:00:00:00:00:01
//   bond1.3 vlan 3 on bond1 802.1ad in xenbrlan up port.isolated=true vlans=2,3u,4pu
//   vif7.0 given in trunk up port.locked=true vlans=5pu fdb=02:00:00:00:00:07@5
//   eth9   given keep down addr_gen=none addresses=10.0.0.1/24,fd00::1/64
//   old    absent
//
// Lines that start with # and empty lines are skipped.
#pragma once

#include <string>
#include <string_view>

#include "core/model/link.hpp"

namespace vifchain {

// Throws std::invalid_argument with the line that makes no sense.
Desired parse_desired(std::string_view text);
Actual parse_actual(std::string_view text);

std::string print(const Link& link);
std::string print(const Actual& links);
std::string print(const Desired& desired);

}  // namespace vifchain

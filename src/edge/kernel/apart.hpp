// SPDX-License-Identifier: Apache-2.0
// Bridges that this host itself hears nothing from, as rtnetlink messages: a filter on what the
// bridge device receives (clsact, cls_bpf) that drops it all. There the kernel looks for it only
// once a bridge has passed on what is for its ports, and before ARP, IPv4, IPv6 and VLAN links get
// anything (__netif_receive_skb_core in net/core/dev.c); what STP and snooping need went elsewhere.
// It is a part of the link: it lives and ends with it, and no other tool's flush takes it away.
#pragma once

#include <vector>

#include "edge/netlink/rtnl.hpp"

namespace vifchain::inline edge::inline kernel {

// Two requests. The first fails with EEXIST where the bridge has a place for filters already.
std::vector<Message> close_to_host(unsigned index);

// Asks for the filter, and what its answer says. A kernel without filters says EOPNOTSUPP.
Message ask_closed(unsigned index);
bool says_closed(const Answer& answer);

// Takes the filter away, and its place where nobody else has a filter there.
void open_to_host(Rtnl& rtnl, unsigned index);

// False when this kernel is known to have no such filters.
bool can_close_to_host();

}  // namespace vifchain::inline edge::inline kernel

// SPDX-License-Identifier: Apache-2.0
// The rules of bonds that balance by source MAC (mode balance-slb) as text for nftables (nft(8)):
// one table in the netdev family for each bond, with chains on its ports.
//
// Such a bond is balance-xor with the vlan+srcmac hash, and its switch knows nothing of it: to the
// switch the ports are several of its own. So what it floods comes to every port: what a guest
// sends by one port comes back by the others, and what others send to all comes as often as there
// are ports. The rules let pass
//
// - nothing that comes in with a MAC that was sent from here, in the same VLAN, within the last
//   second: it is an echo. A guest that has moved to another host is heard a second after its last
//   frame from here;
// - everything to a MAC that was sent from here within the last second: the switch knows where
//   that is, so there are no copies, and it costs two lookups;
// - of the rest (broadcast, multicast, unicast to whom the switch may not know) one copy: the port
//   that brings a sender's first frame keeps that sender's frames to that receiver, while no 100 ms
//   pass between them. Copies that come on other ports are dropped. No port is preferred, and
//   nobody has to tell the rules when one loses its link: 100 ms later the frames are taken from
//   another. It also serves groups that the switch delivers to one port only (IGMP snooping).
//
// What a switch keeps for itself (01:80:c2:00:00:0x: STP, LACP, LLDP) passes on every port.
// It takes the netdev family's egress hook, Linux 5.16 (CONFIG_NETFILTER_EGRESS).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/link.hpp"

namespace vifchain::inline core::inline filter {

// Why there can be no rules for this bond and these ports, as half a sentence; empty when there
// can.
std::string why_no_slb_rules(const LinkName& bond, const std::vector<LinkName>& ports);

// The name of the bond's table; of no other bond.
std::string slb_table(const LinkName& bond);

// The commands that make the table, in the place of one that is there, or take it away. The ports,
// of which there is one at least, must exist.
std::string put_slb_rules(const LinkName& bond, const std::vector<LinkName>& ports);
std::string drop_slb_rules(const LinkName& bond);

// What is there, from the table's comment and from how many chains and sets it has: a port that
// went away for a moment has taken its chains along.
SlbRules read_slb_rules(std::string_view comment, std::uint32_t parts);

}  // namespace vifchain::inline core::inline filter

// The anti-spoofing filters as text for nftables (nft(8)): one table in the bridge family with a
// constant number of rules, and the elements of each guest's port.
//
// A frame is judged before the bridge learns from it, before connections are tracked and before
// other tables see it, so a frame to the host itself is judged too. What a port may send is known
// by its name; the cost of a frame does not depend on how many ports there are.
//
// mac: the frame has the guest's MAC, and so has what it says inside ARP and neighbour discovery,
// also in a VLAN. No DHCP, DHCPv6 or multicast router's word comes from a guest, no router
// advertisement and no redirect: a router that is a guest needs a port without a filter.
//
// mac_ip: besides, no VLAN tags, nothing but ARP, IPv4 and IPv6, and only the guest's addresses as
// source, ARP sender and advertised neighbour. Of link-local IPv6 addresses a guest has the one
// that it makes of its MAC (EUI-64); where it makes others (RFC 7217, RFC 8981) its addresses must
// name them, or fe80::/64: any of them may be the router's.
//
// closed: nothing.
//
// Nothing that a switch keeps for itself (01:80:c2:00:00:0x: STP, LACP, LLDP) passes in any mode,
// where it comes here at all: such a frame is mostly taken by the port before (br_handle_frame).
#pragma once

#include <cstdint>
#include <string>

#include "core/guard.hpp"

namespace vifchain {

// Whether frames of guests' ports (vif*, tap*) without a filter are dropped on bridges where others
// have one. That takes a kernel that knows a frame's bridge (CONFIG_NFT_BRIDGE_META); with another
// one a port without a filter is as free as without this table.
enum class Unknown : std::uint8_t { dropped, passed };

// There is no table.
std::string no_table();

// Makes the table, without any port, in the place of one that is there. `stamp` marks it.
std::string fresh_table(Unknown unknown, std::uint32_t stamp);

// Changes with every change of fresh_table()'s text but the stamp.
std::uint64_t table_version(Unknown unknown);

// As part of a transaction: it fails as a whole unless the table is there and has this stamp.
std::string only_if_stamped(std::uint32_t stamp);

// The port may send what the guard says; its bridge is guarded. The port has no other elements.
std::string let_in(const Guard& guard);

// The port has none of the guard's elements, whether it had them or not.
std::string take_out(const Guard& guard);

// The bridge is not guarded any more, whether it was or not.
std::string release(const LinkName& bridge);

}  // namespace vifchain

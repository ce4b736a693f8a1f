// SPDX-License-Identifier: Apache-2.0
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
// source, ARP sender and advertised neighbour. Of link-local IPv6 addresses (fe80::/10) a guest has
// whichever it makes: of its MAC (EUI-64), or another (RFC 7217, RFC 8981), as Windows and
// NetworkManager do. Never those of routers, that the file lists.
//
// closed: nothing.
//
// Nothing that a switch keeps for itself (01:80:c2:00:00:0x: STP, LACP, LLDP) passes in any mode,
// where it comes here at all: such a frame is mostly taken by the port before (br_handle_frame).
#pragma once

#include <cstdint>
#include <string>

#include "core/filter/filter_elements.hpp"

namespace vifchain::inline core::inline filter {

// Whether frames of guests' ports (vif*, tap*) without a filter are dropped on bridges where others
// have one. That takes a kernel that knows a frame's bridge (CONFIG_NFT_BRIDGE_META); with another
// one a port without a filter is as free as without this table.
enum class Unknown : std::uint8_t { dropped, passed };

inline constexpr const char* filter_table = "vifchain";  // in the bridge family
inline constexpr const char* filter_base_chain = "prerouting";

// There is no table.
std::string no_table();

// Makes the table, without any port, in the place of one that is there.
std::string fresh_table(Unknown unknown);

// Changes with every change of the rules.
std::uint64_t rules_version();

// An empty chain of this name is in a table whose rules had this fingerprint when they were made.
std::string seal_chain(std::uint64_t fingerprint);
std::string add_chain(const std::string& chain);

// One element of one port, which must not be there, or must be.
std::string add_element(const FilterElement& element);
std::string delete_element(const FilterElement& element);

// On the bridge guests' ports without a filter are closed, whether they were before or not; and not
// any more, where no element speaks of its chain.
std::string guard_bridge(const LinkName& bridge);
std::string release_bridge(const LinkName& bridge);

}  // namespace vifchain::inline core::inline filter

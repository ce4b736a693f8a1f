// SPDX-License-Identifier: Apache-2.0
// Links, vifs and their states in a few words each, for every kind of picture.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/text/printable.hpp"
#include "core/view/view.hpp"

namespace vifchain::inline core::inline view {

// "NIC", "veth", "bond 802.3ad", "VLAN 3", "VLAN 3 (802.1ad)", "bridge".
std::string kind_of(const LinkView& link);

// "up", "down", "no carrier", or what else operstate says.
std::string state_of(const LinkView& link);

// "10 Gbit/s", "2.5 Gbit/s", "100 Mbit/s half duplex".
std::string in_words(const Speed& speed);

// "5 untagged, 10-20 and 30 tagged"
std::string in_words(const std::vector<PortVlan>& vlans);

// "off", "mac", "mac-ip", "closed", as the file has them.
std::string_view in_words(Antispoof antispoof);

// "init-wait", "connected"; "disabled", "forwarding".
std::string_view in_words(XenbusState state);
std::string_view in_words(Forwarding state);

// "full", "half"
std::string_view in_words(Duplex duplex);

// How many of a bond's ports carry its traffic, of how many that it should have.
struct PortCount {
  std::size_t active = 0, all = 0;
};
PortCount active_ports(const LinkView& bond, const View& view);

// All that a line about the link says, each a few words; what is wrong is not among it.
std::vector<std::string> facts_of(const LinkView& link, const View& view);

// What of it is worth saying once more: kind, state, and how many of a bond's ports carry traffic.
std::vector<std::string> brief_facts_of(const LinkView& link, const View& view);

// "received 12.3 MB in 4567 packets, …"
std::string in_words(const Counters& counters);

// "web/0 (vif5.0)": the guest's name or number, the device, and its link.
std::string guest_in_words(const GuestView& guest);
// "web", or "domain 5" where its name is not known.
std::string name_of(const GuestVif& vif);
// "connected", "backend init-wait, frontend initialising"; empty where nothing is known.
std::string state_of(const GuestVif& vif);
std::vector<std::string> facts_of(const GuestView& guest, const View& view);

// How many characters `text` takes on a terminal, each counted as one column.
std::size_t width(std::string_view text);

}  // namespace vifchain::inline core::inline view

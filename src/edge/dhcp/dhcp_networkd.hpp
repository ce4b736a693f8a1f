// SPDX-License-Identifier: Apache-2.0
// DHCP by systemd-networkd: a file for each link, below /run.
#pragma once

#include <map>

#include "edge/dhcp/dhcp_clients.hpp"

namespace vifchain::inline edge::inline dhcp {

// It manages this host's network.
bool networkd_is_there(const DhcpPlaces& places);

// The links that it has a file of ours for, and the families.
std::map<LinkName, Dhcp> links_of_networkd(const DhcpPlaces& places);

// It asks for these families on the link, and leaves all else of it as it is; with off it has
// nothing to do with the link. Throws Error.
void tell_networkd(const DhcpPlaces& places, const LinkName& link, Dhcp dhcp,
                   const Deadline& deadline);

}  // namespace vifchain::inline edge::inline dhcp

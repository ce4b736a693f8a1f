// SPDX-License-Identifier: Apache-2.0
// A guest of libvirt's Xen driver: from its domain XML to its vifs.
#pragma once

#include <map>
#include <string>

#include "core/guests/guest_config.hpp"
#include "core/guests/xml_element.hpp"

namespace vifchain::inline core::inline guests {

// libvirt's networks by name: the bridge of each, empty where it has none.
using NetworkBridges = std::map<std::string, std::string>;

// As libxlMakeNic in libvirt's libxl_conf.c goes about it: <mac>, <source>, <target>, <ip>,
// <script>, <model>, <backenddomain>, <bandwidth> and, for Open vSwitch, <vlan> come through;
// <mtu>, <vlan> of another bridge and what else there is do not.
GuestConfig read_libvirt_guest(const std::string& file, const XmlElement& domain,
                               const NetworkBridges& networks);

// The names of the networks that a domain's interfaces are of.
std::vector<std::string> networks_of(const XmlElement& domain);

// The bridge that a network's XML tells; empty when it tells none.
std::string bridge_of_network(const XmlElement& network);

}  // namespace vifchain::inline core::inline guests

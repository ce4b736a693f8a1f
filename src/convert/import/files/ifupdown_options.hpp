// SPDX-License-Identifier: Apache-2.0
// Lines of a stanza about the options of its link, as ifenslave, vlan, bridge-utils and ifupdown2
// have them.
#pragma once

#include <string>
#include <vector>

#include "convert/import/files/ifupdown_vlans.hpp"
#include "convert/import/script/command.hpp"

namespace vifchain::inline convert {

// A stanza of a link, with what it inherits.
struct IfupStanza {
  std::string name;            // of the link, perhaps with a label: "eth0:1"
  std::string family, method;  // empty where ifupdown2 needs none
  std::vector<std::string> inherits = {};
  Said at;
  std::vector<InterfacesLine> lines = {};

  // The value of the last line with this key; empty when there is none.
  [[nodiscard]] std::string value(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const;
};

// Whether a stanza with this line is that of a bond, or of a bridge, and not that of a port.
bool is_of_bond(const InterfacesLine& line);
bool is_of_bridge(const InterfacesLine& line);

// The link and the VLAN of "bond1.3", "eth0.0003", "vlan3", "vlan0003"; each empty where the name
// does not tell.
struct IfupVlanName {
  std::string parent, vid;
};
IfupVlanName ifup_vlan_name(const std::string& name);

// The stanza makes a VLAN link, when it is one of such a name or has a vlan-raw-device.
void tell_ifup_vlan(const IfupStanza& stanza, const std::string& name, DraftConfig& draft);

// What the line says of the link of that name is in the draft, or else a remark. VLANs of ports are
// kept in `vlans`.
void tell_ifup_option(const InterfacesLine& line, const IfupStanza& stanza, const std::string& name,
                      IfupVlans& vlans, Telling& telling);

}  // namespace vifchain::inline convert

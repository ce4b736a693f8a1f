// SPDX-License-Identifier: Apache-2.0
// The VLANs that a vif asks for: `vlan=` of xl-network-configuration(5), and the bridge syntax of
// Xen's Open vSwitch script, which libvirt writes too.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/model/link.hpp"
#include "core/text/bad_spec.hpp"

namespace vifchain::inline core::inline vif {

struct VlanSpec {
  std::vector<PortVlan> vlans;        // by id, at least one, exactly one pvid
  std::vector<std::string> warnings;  // where two readings of the text differ
};

// SPEC := TERM { "/" TERM }
// TERM := N ["p" | "u"] | N "-" M ["u"] | N "+" OFFSET "x" COUNT ["u"]
// p: the PVID, which is untagged too; u: untagged. A spec of one single VLAN is its own PVID. COUNT
// is the number of entries after the first, as the manual's text says; one of its examples and the
// author's patch read it otherwise, so every spec with a COUNT has a warning. No VLAN is named
// twice, and no number begins with 0.
std::variant<VlanSpec, BadSpec> read_vlan_spec(std::string_view text);

struct BridgeSpec {
  std::string bridge;           // a right link name without "." and ":"
  std::vector<PortVlan> vlans;  // by id; empty: the text is a name and nothing else
};

// SPEC := NAME [ "." TAG ] [ ":" VID { ":" VID } ]     (vif-openvswitch in Xen's tools/hotplug)
// TAG alone: an access port of that VLAN. VIDs alone: a trunk of these, nothing untagged. Both: the
// VIDs tagged and TAG untagged, which is what whoever writes it means.
std::variant<BridgeSpec, BadSpec> read_bridge_spec(std::string_view text);

}  // namespace vifchain::inline core::inline vif

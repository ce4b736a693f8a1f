// SPDX-License-Identifier: Apache-2.0
// `bridge=NAME.TAG:VID:VID`, by the grammar of Xen's vif-openvswitch
#include <map>

#include "core/text/cursor.hpp"
#include "core/vif/vlan_grammar.hpp"

namespace vifchain::inline core::inline vif {
namespace {

using Vlans = std::map<VlanId, PortVlan>;

void add_vlan(SpecReader& spec, bool untagged, Vlans& vlans) {
  const auto column = spec.column();
  const auto id = *VlanId::from(spec.number(vlan_id_form));
  if (!vlans.emplace(id, PortVlan{id, untagged, untagged}).second)
    throw BadSpec{column, "VLAN " + std::to_string(id.number()) + " is named twice"};
}

Vlans read_vlans(SpecReader& spec) {
  Vlans vlans;
  if (spec.take('.')) add_vlan(spec, true, vlans);
  while (spec.take(':')) add_vlan(spec, false, vlans);
  if (!spec.at_end()) spec.refuse("':' or the end");
  return vlans;
}

BridgeSpec read_spec(SpecReader spec) {
  BridgeSpec read{std::string(spec.until(".:")), {}};
  const auto why_not = why_no_link_name(read.bridge);
  if (!why_not.empty()) throw BadSpec{1, "bridge name " + why_not};
  for (const auto& [id, vlan] : read_vlans(spec)) read.vlans.push_back(vlan);
  return read;
}

}  // namespace

std::variant<BridgeSpec, BadSpec> read_bridge_spec(std::string_view text) {
  return read_or_refuse([&] { return read_spec(SpecReader(text)); });
}

}  // namespace vifchain::inline core::inline vif

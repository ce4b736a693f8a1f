// SPDX-License-Identifier: Apache-2.0
#include "core/plan/uplink_vlans.hpp"

#include <algorithm>

#include "core/plan/impact.hpp"
#include "core/plan/obstacles.hpp"

namespace vifchain::inline core::inline plan {
namespace {

std::int64_t option_of(const Link& want, const Link& have, Option option) {
  const auto wanted = integer(options_of(want), option);
  return wanted ? *wanted : integer(options_of(have), option).value_or(0);
}

// A port that joins is in the default PVID by itself (nbp_vlan_init).
std::vector<PortVlan> vlans_of_new_port(const std::set<VlanId>& used, std::int64_t default_pvid) {
  std::vector<PortVlan> vlans;
  for (const auto& id : used) vlans.push_back({.id = id});
  const auto own = VlanId::from(default_pvid);
  if (!own) return vlans;
  std::erase_if(vlans, [&](const PortVlan& vlan) { return vlan.id == *own; });
  vlans.push_back({.id = *own, .pvid = true, .untagged = true});
  std::ranges::sort(vlans);
  return vlans;
}

// Ports that are or were its uplinks: those that the desired state names and that are no guest's.
std::vector<LinkName> uplinks_by(const Desired& desired, const Actual& actual) {
  std::vector<LinkName> names;
  for (const auto& [name, want] : desired) {
    const auto have = actual.find(name);
    if (have == actual.end() || !is_guest_port(have->second)) names.push_back(name);
  }
  return names;
}

}  // namespace

std::set<VlanId> used_vlans(const Actual& links, const LinkName& bridge,
                            const std::vector<LinkName>& uplinks) {
  std::set<VlanId> used;
  for (const auto& [name, link] : links) {
    const auto* vlan = std::get_if<Vlan>(&link.kind);
    if (vlan != nullptr && vlan->parent == bridge) used.insert(vlan->id);
    if (link.controller != bridge || !link.vlans) continue;
    if (std::ranges::find(uplinks, name) != uplinks.end()) continue;
    for (const auto& member : *link.vlans) used.insert(member.id);
  }
  return used;
}

void give_uplinks_vlans(Desired& desired, const Actual& actual) {
  const auto going = links_to_delete(desired, actual);
  const auto uplinks = uplinks_by(desired, actual);
  for (const auto& [name, have] : actual) {
    const auto bridge = desired.find(name);
    if (bridge == desired.end() || !bridge->second || !std::holds_alternative<Bridge>(have.kind) ||
        !std::holds_alternative<Bridge>(bridge->second->kind) ||
        option_of(*bridge->second, have, Option::bridge_vlan_filtering) == 0)
      continue;
    const auto vlans =
        vlans_of_new_port(used_vlans(actual, name, uplinks),
                          option_of(*bridge->second, have, Option::bridge_vlan_default_pvid));
    for (const auto& port : uplinks) {
      const auto& want = desired.at(port);
      if (!want || want->controller != name) continue;
      const auto there = actual.find(port);
      const bool joins = there == actual.end() || there->second.controller != name ||
                         going.contains(port) || going.contains(name);
      if (joins && !desired.at(port)->vlans) desired.at(port)->vlans = vlans;
    }
  }
}

}  // namespace vifchain::inline core::inline plan

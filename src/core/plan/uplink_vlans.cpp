// SPDX-License-Identifier: Apache-2.0
#include "core/plan/uplink_vlans.hpp"

#include <algorithm>

#include "core/model/links.hpp"
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
    const Link* have = link_in(actual, name);
    if (have == nullptr || !is_guest_port(*have)) names.push_back(name);
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
    const Link* bridge = link_in(desired, name);
    if (!is<Bridge>(have) || !is<Bridge>(bridge) ||
        option_of(*bridge, have, Option::bridge_vlan_filtering) == 0)
      continue;
    const auto vlans =
        vlans_of_new_port(used_vlans(actual, name, uplinks),
                          option_of(*bridge, have, Option::bridge_vlan_default_pvid));
    for (const auto& port : uplinks) {
      Link* want = link_in(desired, port);
      if (want == nullptr || want->controller != name) continue;
      const Link* there = link_in(actual, port);
      const bool joins = there == nullptr || there->controller != name || going.contains(port) ||
                         going.contains(name);
      if (joins && !want->vlans) want->vlans = vlans;
    }
  }
}

}  // namespace vifchain::inline core::inline plan

// SPDX-License-Identifier: Apache-2.0
#include "convert/import/files/ifupdown_vlans.hpp"

#include <algorithm>

#include "core/text/lines.hpp"

namespace vifchain::inline convert {
namespace {

// ifupdown2 makes the bridge itself a member of a VLAN when there is a link for it.
void warn_of_links_on(const DraftLink& bridge, DraftConfig& draft) {
  for (const auto* link : draft.links()) {
    if (link->kind != DraftKind::vlan || link->parent != bridge.name) continue;
    const auto vid = std::to_string(link->vid->number());
    draft.warn(link->first,
               bridge.name + " filters VLANs, and is to be in VLAN " + vid +
                   " itself, which vifchain does not see to: bridge vlan add dev " + bridge.name +
                   " vid " + vid + " self",
               link->name);
  }
}

}  // namespace

bool IfupVlans::takes(const InterfacesLine& line, const std::string& link) {
  const bool vids = line.key == "bridge-vids", pvid = line.key == "bridge-pvid",
             access = line.key == "bridge-access", untagged = line.key == "bridge-allow-untagged";
  if (!vids && !pvid && !access && !untagged) return false;
  auto& vlans = vlans_[link];
  vlans.at = line.at;
  if (vids) {
    vlans.vids += (vlans.vids.empty() ? "" : " ") + line.value;
    vlans.vids_at = line.at;
  }
  if (pvid) vlans.pvid = first_word(line.value);
  if (access) vlans.access = first_word(line.value);
  if (untagged) vlans.untagged = line.value != "no" && line.value != "off" && line.value != "0";
  return true;
}

void IfupVlans::give_to_ports(DraftConfig& draft) const {
  std::set<std::string> done;
  for (const auto* bridge : draft.links()) {
    if (bridge->kind != DraftKind::bridge || !filters_vlans(bridge->options)) continue;
    const Vlans own = of(bridge->name);
    const bool in_vlan_1 =
        integer(bridge->options, Option::bridge_vlan_default_pvid).value_or(1) == 1;
    for (const auto& port : std::vector(bridge->ports))
      if (in_vlan_1 || vlans_.contains(port) || !own.vids.empty() || !own.pvid.empty())
        give(port, own, draft);
    warn_of_links_on(*bridge, draft);
    done.insert(bridge->name);
    done.insert(bridge->ports.begin(), bridge->ports.end());
  }
  for (const auto& [name, vlans] : vlans_)
    if (!done.contains(name))
      draft.lose(vlans.at, "VLANs of a bridge's port need a bridge that is bridge-vlan-aware",
                 name);
}

IfupVlans::Vlans IfupVlans::of(const std::string& link) const {
  const auto found = vlans_.find(link);
  return found == vlans_.end() ? Vlans{} : found->second;
}

// Where a command has told already, a stanza that says nothing adds nothing.
void IfupVlans::give(const std::string& name, const Vlans& of_bridge, DraftConfig& draft) const {
  const bool has_own = vlans_.contains(name);
  const bool says = has_own || !of_bridge.vids.empty() || !of_bridge.pvid.empty();
  const auto* known = draft.find(name);
  if (known != nullptr && (known->pvid || !known->vlans.empty()) && !says) return;
  const Vlans own = of(name);
  const Said& at = has_own ? own.at : of_bridge.at;
  auto& port = draft.link(name, at);
  if (!own.access.empty()) return draft.set_pvid(port, own.access, at);
  const auto& pvid = !own.pvid.empty() ? own.pvid : of_bridge.pvid;
  if (own.untagged) draft.set_pvid(port, pvid.empty() ? "1" : pvid, at);
  const auto& vids = own.vids.empty() ? of_bridge : own;
  draft.add_vlans(port, vids.vids, vids.vids_at);
}

}  // namespace vifchain::inline convert

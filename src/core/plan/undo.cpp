// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "core/model/links.hpp"
#include "core/plan/compare.hpp"
#include "core/plan/obstacles.hpp"
#include "core/plan/plan.hpp"

namespace vifchain::inline core::inline plan {
namespace {

const Link* below_of(const Link& link, const Actual& links) {
  const auto* parent = parent_of(link);
  return parent == nullptr ? nullptr : link_in(links, *parent);
}

// A VLAN link with the MAC of what it is stacked on has it from there.
bool inherits_mac(const Link& link, const Actual& snapshot) {
  const Link* below = below_of(link, snapshot);
  return below != nullptr && below->mac == link.mac;
}

// A link on somebody else's VLAN link or bridge has the MTU that this leaves it.
bool stands_on_others(const Link& link, const Actual& snapshot) {
  const Link* below = below_of(link, snapshot);
  if (below == nullptr || is_given(*below)) return false;
  return (!below->ours && !is<Bond>(*below)) || stands_on_others(*below, snapshot);
}

// Where an MTU takes IPv6 from a link, on the way or by another one, what was set of it goes too.
bool loses_ipv6(const Desired& desired, const Actual& snapshot) {
  return std::ranges::any_of(
             desired, [](const auto& want) { return want.second && !has_mtu6(*want.second); }) ||
         std::ranges::any_of(snapshot, [](const auto& had) { return !has_mtu6(had.second); });
}

// What of a link that was there is to be as it was: everything we may write, and of the rest only
// what the desired state named. `remade`: on the way to the desired state it is deleted.
Link as_it_was(const Link& before, const Link* want, bool remade, const Actual& snapshot,
               bool ipv6_too) {
  Link goal = before;
  goal.permanent_mac.reset();
  const bool our_bond = before.ours && is<Bond>(before);
  if (inherits_mac(before, snapshot) && !(want != nullptr && want->mac)) goal.mac.reset();
  if (remade) goal.birth.mac = goal.mac;
  if (!remade && !want->mac && !our_bond) goal.mac.reset();
  if (!remade && !want->addr_gen && !ipv6_too) goal.addr_gen.reset();
  if (!remade && !want->addresses && !before.controller) goal.addresses.reset();
  if (!remade && !want->ra && !ipv6_too) goal.ra.reset();
  if (!remade && !want->apart) goal.apart.reset();
  if (goal.addr_gen != AddrGen::stable_privacy) goal.secret.reset();
  if (goal.routes) hand_over_to_ra(*goal.routes);
  const bool is_nic = is<Given>(before);
  if (!before.ours && !is_nic && !(want != nullptr && want->mtu)) goal.mtu.reset();
  if (stands_on_others(before, snapshot)) goal.mtu.reset();
  if (!before.ours) goal.kind = Given{};
  if (goal.fdb)
    std::erase_if(*goal.fdb, [&](const FdbEntry& entry) { return !is_in_vlan_of(before, entry); });
  if (goal.slb && goal.slb->spoilt) goal.slb = want != nullptr ? want->slb : std::nullopt;
  if (want == nullptr || !want->filter) goal.filter.reset();
  if (goal.filter) goal.filter->spoilt = false;  // what was left of it, whole
  const bool limit_goes = want != nullptr && want->mtu && before.rate.value_or(0) != 0;
  if (want == nullptr || !(want->rate || limit_goes)) goal.rate.reset();
  if (want != nullptr && want->controller != before.controller) goal.may_leave = want->controller;
  goal.keep_controller = !before.controller && !goal.may_leave;
  return goal;
}

// Links of ours that the desired state does not name but its links drag along, perhaps over
// somebody else's: VLAN links go down and up with what they are on and lose their MTU when that of
// the link below sinks; a bond that loses its last port loses its MAC; a bridge may follow its
// ports' MTU.
void add_neighbours(Desired& goal, const Actual& snapshot, bool ipv6_too) {
  std::set<LinkName> dragged;
  for (const auto& [name, want] : goal) dragged.insert(name);
  const auto is_dragged = [&](const Link& link) {
    const auto* parent = parent_of(link);
    return (parent != nullptr && dragged.contains(*parent)) ||
           std::ranges::any_of(snapshot, [&](const auto& entry) {
             return entry.second.controller == link.name && dragged.contains(entry.first);
           });
  };
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& [name, link] : snapshot) {
      if (dragged.contains(name) || !is_dragged(link)) continue;
      dragged.insert(name);
      if (link.ours) goal.emplace(name, as_it_was(link, &link, false, snapshot, ipv6_too));
      grew = true;
    }
  }
}

// A new default PVID changes the membership of every port of its bridge.
void add_memberships(Desired& goal, const Desired& desired, const Actual& snapshot) {
  for (const auto& [name, link] : snapshot) {
    if (!link.controller || !link.vlans || goal.contains(name)) continue;
    const Link* bridge = link_in(desired, *link.controller);
    if (bridge == nullptr || !options_of(*bridge).contains(Option::bridge_vlan_default_pvid))
      continue;
    goal.emplace(name, Link{.name = name, .keep_controller = true, .vlans = link.vlans});
  }
}

}  // namespace

Desired undo_target(const Desired& desired, const Actual& snapshot) {
  Desired goal;
  const auto going = links_to_delete(desired, snapshot);
  const bool ipv6_too = loses_ipv6(desired, snapshot);
  for (const auto& [name, want] : desired) {
    if (const Link* before = link_in(snapshot, name))
      goal.emplace(name, as_it_was(*before, want ? &*want : nullptr, going.contains(name), snapshot,
                                   ipv6_too));
    else if (want && !is<Given>(*want))
      goal.emplace(name, std::nullopt);
  }
  add_neighbours(goal, snapshot, ipv6_too);
  add_memberships(goal, desired, snapshot);
  return goal;
}

}  // namespace vifchain::inline core::inline plan

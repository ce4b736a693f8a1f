// SPDX-License-Identifier: Apache-2.0
#include "flow/vif/uplinks.hpp"

#include <algorithm>

#include "core/plan/uplink_vlans.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline flow::inline vif {
namespace {

// Apart from the locks of links, so that it can be taken while those are held, and always last.
Locks lock_uplinks(Env& env, const Chain& chain, Hold hold) {
  return {{{chain.bridge.str(), hold}}, env.deadline, env.places.locks + "/uplinks"};
}

bool is_fixed(const Chain& chain, const LinkName& port) {
  return chain.links.at(port).vlans.has_value();
}

std::vector<Ask> asks_of(const std::vector<LinkName>& links) {
  std::vector<Ask> asked;
  for (const auto& name : links) asked.push_back({.name = name, .vlans = true});
  return asked;
}

bool has(const std::vector<PortVlan>& vlans, VlanId id) {
  return std::ranges::any_of(vlans, [&](const PortVlan& vlan) { return vlan.id == id; });
}

std::vector<PortVlan> with(std::vector<PortVlan> had, const std::vector<PortVlan>& needed) {
  for (const auto& vlan : needed)
    if (!has(had, vlan.id)) had.push_back({vlan.id});
  std::ranges::sort(had);
  return had;
}

void warn_of_lacking(Env& env, const Link& uplink, const std::vector<PortVlan>& needed) {
  for (const auto& vlan : needed)
    if (!has(*uplink.vlans, vlan.id))
      env.log.warning("a guest is in VLAN " + std::to_string(vlan.id.number()) + ", which " +
                      uplink.name.str() + " does not carry: [port." + uplink.name.str() +
                      "] fixes its VLANs");
}

Link desired(const LinkName& port, std::vector<PortVlan> vlans) {
  Link link{.name = port};
  link.keep_controller = true;
  link.vlans = std::move(vlans);
  return link;
}

}  // namespace

Locks need_vlans(Env& env, const Chain& chain, const std::vector<PortVlan>& vlans) {
  Locks locks = lock_uplinks(env, chain, Hold::shared);
  const auto asked = asks_of(uplinks_of(chain));
  const Actual now = env.kernel.snapshot(asked);
  Desired wanted;
  for (const auto& [name, link] : now) {
    if (!link.vlans) continue;
    if (is_fixed(chain, name))
      warn_of_lacking(env, link, vlans);
    else
      wanted.emplace(name, desired(name, with(*link.vlans, vlans)));
  }
  const Plan plan = make_plan(wanted, now);
  if (!plan.conflicts.empty()) throw Refusal(conflicts_in_words(plan.conflicts));
  if (!plan.steps.empty()) converge(env.kernel, env.deadline, wanted, plan, asked);
  return locks;
}

void drop_vlans(Env& env, const Chain& chain, const std::vector<PortVlan>& vlans) {
  const auto uplinks = uplinks_of(chain);
  if (vlans.empty() ||
      std::ranges::all_of(uplinks, [&](const LinkName& port) { return is_fixed(chain, port); }))
    return;
  const Locks locks = lock_uplinks(env, chain, Hold::exclusive);
  const Actual now = env.kernel.everything();
  const auto used = used_vlans(now, chain.bridge, uplinks);
  std::vector<Step> steps;
  for (const auto& name : uplinks) {
    const auto uplink = now.find(name);
    if (uplink == now.end() || !uplink->second.vlans || is_fixed(chain, name)) continue;
    SetVlans gone{name, {}, {}};
    for (const auto& vlan : *uplink->second.vlans)
      if (has(vlans, vlan.id) && !used.contains(vlan.id) && !vlan.untagged)
        gone.remove.push_back(vlan.id);
    if (!gone.remove.empty()) steps.push_back({std::move(gone), "no guest uses it any more"});
  }
  if (!steps.empty()) env.kernel.perform(steps);
}

}  // namespace vifchain::inline flow::inline vif

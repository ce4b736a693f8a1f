// SPDX-License-Identifier: Apache-2.0
#include "flow/host/plan_host.hpp"

#include <algorithm>
#include <utility>

#include "core/plan/adopt.hpp"
#include "core/plan/desired.hpp"
#include "core/plan/impact.hpp"
#include "core/plan/rehome.hpp"
#include "core/plan/uplink_vlans.hpp"
#include "core/plan/ways_out.hpp"
#include "core/text/problem.hpp"
#include "edge/state/machine_id.hpp"
#include "flow/chain/free_nics.hpp"
#include "flow/host/dhcp_clients.hpp"
#include "flow/run/converge.hpp"
#include "flow/vif/guest_ports.hpp"

namespace vifchain::inline flow::inline host {
namespace {

// Links of ours that the file does not know any more go last; what somebody uses stays, and so does
// what that stands on.
void take_away_leftovers(const Places& places, Desired& desired, const Actual& now,
                         std::vector<std::string>& notes) {
  Desired leftovers;
  for (const auto& [name, link] : now)
    if (link.ours && !desired.contains(name)) leftovers.emplace(name, std::nullopt);
  Desired going = leftovers;
  for (const auto& [name, want] : desired)  // ports that find another place, or none
    if (const auto link = now.find(name); link != now.end() && link->second.controller &&
                                          leftovers.contains(*link->second.controller))
      going.emplace(name, want);
  let_go_of_nics_below_what_goes(places, going, now);
  leave_out_what_is_in_use(going, now);
  for (const auto& [name, nothing] : leftovers) {
    if (going.contains(name))
      desired.emplace(name, std::nullopt);
    else
      notes.push_back(name.str() + " is no longer in the file: kept, as it is in use");
  }
  let_go_of_nics_below_what_goes(places, desired, now);
}

// The link of the desired state that a conflict is about: that which a link of somebody else's is
// stacked on, where it is about one.
std::optional<LinkName> desired_link(const HostPlan& plan, LinkName name) {
  while (!plan.desired.contains(name)) {
    const auto link = plan.before.find(name);
    const auto* parent = link == plan.before.end() ? nullptr : parent_of(link->second);
    if (parent == nullptr) return std::nullopt;
    name = *parent;
  }
  return name;
}

// True when more is lost than was.
bool lose_what_conflicts(const HostPlan& plan, std::map<LinkName, std::string>& lost) {
  bool more = false;
  for (const auto& conflict : plan.plan.conflicts)
    if (const auto name = desired_link(plan, conflict.name))
      more |= lost.emplace(*name, conflicts_in_words({conflict})).second;
  return more;
}

// Something of somebody's that is no port stands on the bridge, and would be deaf.
bool carries_others(Kernel& kernel, const LinkName& bridge, const Actual& links) {
  return std::ranges::any_of(kernel.neighbours(bridge), [&](const LinkName& other) {
    const auto link = links.find(other);
    return link == links.end() || link->second.controller != bridge;
  });
}

// From here on they are ours, so that the file may change them. Nobody else closes bridges to their
// host, and of others it was not asked.
void adopt_all(Kernel& kernel, const MakeDesired& desired, HostPlan& plan) {
  std::vector<std::string> said_later;
  plan.adopted = adoptable(desired(plan.before, said_later), plan.before);
  for (const auto& name : plan.adopted) {
    Link& link = plan.before.at(name);
    link.ours = true;
    if (std::holds_alternative<Bridge>(link.kind) && !carries_others(kernel, name, plan.before))
      link.apart = false;
  }
}

// Guests come and go beside all this, and are seen to one by one.
void set_guests_aside(HostPlan& plan) {
  for (const auto& [name, want] : plan.desired)
    if (want && is_desired_guest(*want, plan.before)) plan.guests.emplace(name, want);
  for (const auto& [name, want] : plan.guests) plan.desired.erase(name);
}

void add_guest_steps(HostPlan& plan) {
  const auto steps = plan_guests(plan.guests, plan.before);
  plan.guest_steps = steps.size();
  plan.plan.steps.insert(plan.plan.steps.end(), steps.begin(), steps.end());
}

using Leaving = std::map<LinkName, std::vector<LinkAddress>>;

// Those of somebody's would give them to the link again.
void note_clients(const Leaving& following, HostPlan& plan) {
  for (const auto& client : plan.clients)
    if (!client.ours && client.link && following.contains(*client.link))
      plan.notes.push_back(in_words(client) + " still manages " + client.link->str() +
                           ", whose addresses move with its NIC, and would add them again; hint: " +
                           "stop " + in_words(client));
}

Leaving leaving_addresses(const std::map<LinkName, DhcpLeavings>& left,
                          const std::map<LinkName, Hosting>& hosting, HostPlan& plan) {
  Leaving all = following_their_nics(plan.desired, plan.before, hosting, left);
  note_clients(all, plan);
  for (const auto& [name, leavings] : left)
    all[name].insert(all[name].end(), leavings.addresses.begin(), leavings.addresses.end());
  return all;
}

Actual without(Actual links, const Leaving& leaving) {
  for (const auto& entry : leaving) {
    const auto& gone = entry.second;
    if (auto& addresses = links.at(entry.first).addresses)
      std::erase_if(*addresses, [&gone](const LinkAddress& address) {
        return std::ranges::find(gone, address) != gone.end();
      });
  }
  return links;
}

// A bridge of which neither the desired state nor the file says anything keeps no address of this
// host.
bool is_left_empty(const Link& link, const std::map<LinkName, Hosting>& hosting) {
  return link.ours && std::holds_alternative<Bridge>(link.kind) && !hosting.contains(link.name) &&
         !carries_addresses(link);
}

// An address that goes with its client, or with its NIC, is no reason to have this host on a
// bridge.
void close_what_is_left(const DesiredHost& desired, const Leaving& leaving, HostPlan& plan) {
  if (leaving.empty()) return;
  std::vector<std::string> said_already;
  const Actual links = without(plan.before, leaving);
  const Desired then = desired.links(links, said_already);
  for (const auto& [name, addresses] : leaving) {
    const auto from = then.find(name);
    const auto to = plan.desired.find(name);
    if (to == plan.desired.end() || !to->second) continue;
    if (from == then.end() && is_left_empty(links.at(name), desired.hosting)) {
      to->second->apart = true;
      to->second->addr_gen = AddrGen::none;
      to->second->ra = false;
    }
    if (from == then.end() || !from->second) continue;
    to->second->apart = from->second->apart;
    to->second->addr_gen = from->second->addr_gen;
    to->second->ra = from->second->ra;
  }
}

bool ends(const DhcpPlan& plan, const DhcpClient& client) {
  return std::ranges::any_of(plan.stops, [&](const DhcpStop& stop) {
    return stop.client == client && !stop.starts_again;
  });
}

bool makes_no_address(const Actual& links, const LinkName& name) {
  const auto link = links.find(name);
  return link != links.end() && link->second.addr_gen == AddrGen::none;
}

// This host lives where somebody's DHCP client is at work, too; and one of IPv6 may make the
// addresses itself, as dhcpcd does, which switches the kernel's off.
void leave_place_to_clients(HostPlan& plan) {
  for (const auto& client : plan.clients) {
    if (!client.link || ends(plan.dhcp, client)) continue;
    const auto link = plan.desired.find(*client.link);
    if (link == plan.desired.end() || !link->second) continue;
    if (link->second->apart) link->second->apart = false;
    if (client.v6 && makes_no_address(plan.before, *client.link)) link->second->addr_gen.reset();
  }
}

}  // namespace

std::set<LinkName> names_of(const std::map<LinkName, Hosting>& hosting) {
  std::set<LinkName> names;
  for (const auto& [name, host] : hosting) names.insert(name);
  return names;
}

HostPlan plan_host(Env& env, const DesiredHost& desired, Others others) {
  const auto& hosting = desired.hosting;
  HostPlan result;
  result.before = env.kernel.everything();
  if (others == Others::are_adopted) adopt_all(env.kernel, desired.links, result);
  env.kernel.read_filters(result.before);
  result.desired = desired.links(result.before, result.notes);
  set_guests_aside(result);
  free_nics(env.places, result.desired, result.before);
  name_links_left_behind(result.desired, result.before);
  env.kernel.read_routes(result.before, links_to_rehome(result.desired, result.before, hosting));
  const auto left = plan_clients(env, hosting, result);
  close_what_is_left(desired, leaving_addresses(left, hosting, result), result);
  auto lost = rehome(result.desired, result.before, hosting, left);
  leave_place_to_clients(result);
  keep_guests(result.desired, result.before);
  give_uplinks_vlans(result.desired, result.before);
  result.plan = lost.empty() ? make_plan(result.desired, result.before)
                             : Plan{.steps = {}, .conflicts = std::move(lost)};
  if (!result.plan.conflicts.empty()) result.adopted.clear();
  if (result.plan.conflicts.empty()) add_guest_steps(result);
  const auto first = adoption(result.adopted, hosting, result.before);
  result.plan.steps.insert(result.plan.steps.begin(), first.begin(), first.end());
  find_programs(env, result);
  return result;
}

HostPlan plan_what_can(Env& env, DesiredHost desired) {
  std::map<LinkName, std::string> lost;
  std::vector<LeftOut> left_out;
  desired.links = [&, all = std::move(desired.links), hosts = names_of(desired.hosting)](
                      const Actual& now, auto& notes) {
    Desired whole = all(now, notes);
    left_out = leave_out(whole, lost, hosts);
    return whole;
  };
  for (;;) {
    HostPlan plan = plan_host(env, desired);
    plan.left_out = std::exchange(left_out, {});
    if (plan.plan.conflicts.empty() || !lose_what_conflicts(plan, lost)) return plan;
  }
}

DesiredHost desired_by_file(Env& env, const Topology& topology, std::vector<LinkName> bridges) {
  const auto links = [&topology, &env, bridges = std::move(bridges)](
                         const Actual& now, std::vector<std::string>& notes) {
    const Places& places = env.places;
    const Stack stack = bridges.empty() ? whole_stack(topology, now) : stack_for(topology, bridges);
    DesiredChain desired = desired_for(stack, now, [&] { return machine_id(places.machine_id); });
    notes.insert(notes.end(), desired.notes.begin(), desired.notes.end());
    if (bridges.empty()) {
      let_go_of_nics(places, desired.links, now);
      take_away_leftovers(places, desired.links, now, notes);
    }
    desired.links.merge(
        guests_by_file(env, topology, now, {bridges.begin(), bridges.end()}, notes));
    return std::move(desired.links);
  };
  return {.links = links, .hosting = topology.hosting, .policies = &topology};
}

void refuse_disruption(const HostPlan& plan) {
  std::string text;
  const Guests all(plan.before);
  for (const auto& step : plan.plan.steps) {
    const auto guests = all.noticing(step);
    if (guests.empty()) continue;
    std::string names;
    for (const auto& guest : guests) names += (names.empty() ? "" : ", ") + guest.str();
    text += (text.empty() ? "step \"" : "; step \"") + describe(step.op) + "\" would interrupt " +
            names;
  }
  if (!text.empty()) throw Refusal(problem(text, "add --allow-disrupt"));
}

}  // namespace vifchain::inline flow::inline host

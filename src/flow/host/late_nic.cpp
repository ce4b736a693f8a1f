// SPDX-License-Identifier: Apache-2.0
#include "flow/host/late_nic.hpp"

#include <algorithm>

#include "core/plan/desired.hpp"
#include "core/plan/ways_out.hpp"
#include "core/text/problem.hpp"
#include "edge/state/machine_id.hpp"
#include "edge/state/waiting_chains.hpp"
#include "flow/host/boot.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline flow::inline host {
namespace {

bool is_ours(const Actual& now, const LinkName& name) {
  const auto link = now.find(name);
  return link != now.end() && link->second.ours;
}

bool is_free(const Actual& now, const LinkName& nic) {
  const auto link = now.find(nic);
  return link != now.end() && !link->second.controller;
}

// A link as it is, so that there is nothing to change about it. A bond's rules name its ports, and
// its primary port counts from when it joins.
Link as_it_is(const Link& want, const Link& have, const LinkName& nic) {
  Link link{.name = have.name, .kind = have.kind, .controller = have.controller};
  options_of(link).clear();
  link.keep_controller = true;
  const auto& options = options_of(want);
  const auto primary = options.find(Option::bond_primary);
  if (primary != options.end() && primary->second == Value{nic}) options_of(link) = {*primary};
  if (mode_of(want) == mode_of(have)) link.slb = want.slb;
  return link;
}

bool joins_what_is_made(const Link& want, const Actual& now) {
  return want.controller && !now.contains(*want.controller);
}

void leave_alone_what_is_there(Desired& desired, const LinkName& nic, const Actual& now) {
  for (auto& [name, want] : desired) {
    const auto have = now.find(name);
    if (have == now.end() || name == nic || joins_what_is_made(*want, now)) continue;
    if (is_given(*want))
      want = Link{.name = name, .keep_controller = true};
    else
      want = as_it_is(*want, have->second, nic);
  }
}

// A bridge would shrink to its smallest port, and a bond gives its ports its own MTU.
void fit_in(Link& nic, const Actual& now) {
  const auto controller = nic.controller ? now.find(*nic.controller) : now.end();
  if (controller != now.end()) nic.mtu = controller->second.mtu;
}

// What is to be done for the NIC, of all that the file says.
Desired desired_for_nic(const Env& env, const Topology& topology, const LinkName& nic,
                        const Actual& now) {
  if (!is_free(now, nic)) return {};
  Desired desired = desired_for(whole_stack(topology, now), now, [&] {
                      return machine_id(env.places.machine_id);
                    }).links;
  const auto waiting = waiting_chains(waiting_folder(env.places));
  std::set<LinkName> roots;
  for (const auto& root : roots_of(desired, names_of(topology.hosting)))
    if ((is_ours(now, root) || waiting.contains(root)) && all_below(desired, root).contains(nic))
      roots.insert(root);
  if (roots.empty()) return {};
  keep_only(desired, roots);
  leave_alone_what_is_there(desired, nic, now);
  fit_in(*desired.at(nic), now);
  return desired;
}

template <class T>
std::vector<T> ours_of(std::vector<T> all) {
  std::erase_if(all, [](const T& one) { return !is_ours(one); });
  return all;
}

// Links that are there already keep the addresses and routes that the file gave them then.
std::map<LinkName, Hosting> hosting_as_it_is(Env& env, const Topology& topology) {
  Actual now = env.kernel.everything();
  std::vector<LinkName> with_addresses;
  for (const auto& [name, link] : now)
    if (link.ours && carries_addresses(link)) with_addresses.push_back(name);
  env.kernel.read_routes(now, with_addresses);
  auto hosting = topology.hosting;
  for (const auto& [name, link] : now) {
    if (!link.ours) continue;
    Hosting& host = hosting[name];
    host.addresses = ours_of(link.addresses.value_or(std::vector<LinkAddress>{}));
    host.routes = ours_of(link.routes.value_or(std::vector<Route>{}));
    if (host.empty()) hosting.erase(name);
  }
  return hosting;
}

void refuse_what_interrupts(const HostPlan& plan) {
  for (const auto& step : plan.plan.steps)
    if (step.impact != Impact::hot)
      throw Refusal(problem(
          "adding it would interrupt guests (" + describe(step.op) + ": " + step.because + ")",
          "vifchain apply"));
}

}  // namespace

bool is_nic_of(const Topology& topology, const LinkName& nic) {
  const auto link = topology.links.find(nic);
  return link != topology.links.end() && is_given(link->second);
}

HostPlan nic_came(Env& env, const Topology& topology, const LinkName& nic) {
  ApplyOptions options{.what_can = true};
  options.before_changes = refuse_what_interrupts;
  const DesiredHost desired{
      .links = [&](const Actual& now, auto&) { return desired_for_nic(env, topology, nic, now); },
      .hosting = hosting_as_it_is(env, topology)};
  HostPlan done = apply(env, desired, options);
  for (const auto& [name, link] : done.desired)
    if (link) drop_waiting_chain(waiting_folder(env.places), name);
  return done;
}

}  // namespace vifchain::inline flow::inline host

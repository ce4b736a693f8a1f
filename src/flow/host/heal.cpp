// SPDX-License-Identifier: Apache-2.0
#include "flow/host/heal.hpp"

#include "core/plan/desired.hpp"
#include "core/plan/leave_out.hpp"
#include "edge/state/chain_requests.hpp"
#include "edge/state/machine_id.hpp"
#include "flow/run/plan_under_locks.hpp"

namespace vifchain::inline flow::inline host {
namespace {

// Bonds and bridges do without their ports that are not on this host; what then has none, and what
// stands on that, cannot be had.
void leave_out_missing(Desired& desired, const Actual& now) {
  std::map<LinkName, std::string> lost;
  for (const auto& [name, link] : desired)
    if (link && is_given(*link) && !now.contains(name)) lost.emplace(name, "no such link");
  if (!lost.empty()) leave_out(desired, lost, {});
}

// As people have it by now, who may have been at it while we waited for a lock.
std::vector<LinkName> without_those_to_stay_down(const std::string& folder,
                                                 std::vector<LinkName> tops) {
  const auto requests = chain_requests(folder);
  std::erase_if(tops, [&](const LinkName& top) {
    const auto request = requests.find(top);
    return request != requests.end() && request->second == ChainRequest::stays_down;
  });
  return tops;
}

}  // namespace

std::optional<std::set<LinkName>> links_to_put_right(Kernel& kernel, const Places& places,
                                                     const Stack& stack) {
  std::vector<Ask> asked;
  for (const auto& [name, link] : stack.links)
    asked.push_back({.name = name,
                     .addresses = link.apart.has_value(),
                     .vlans = link.vlans.has_value(),
                     .apart = link.apart.has_value()});
  const Actual now = kernel.snapshot(asked);
  auto desired = desired_for(stack, now, [&] { return machine_id(places.machine_id); }).links;
  leave_out_missing(desired, now);
  const Plan plan = make_plan(desired, now);
  if (plan.nothing_to_do()) return std::nullopt;
  return written_by(plan.steps, desired);
}

HostPlan put_right(Env& env, const Topology& topology, const std::vector<LinkName>& tops,
                   const std::set<LinkName>& links) {
  const DesiredHost desired{
      .links =
          [&](const Actual& now, auto& notes) {
            const auto still = without_those_to_stay_down(env.places.locks, tops);
            return still.empty() ? Desired{}
                                 : desired_by_file(env, topology, still).links(now, notes);
          },
      .hosting = topology.hosting,
      .policies = &topology};
  return apply(env, desired, {.what_can = true, .locked_first = links});
}

std::string steps_in_words(const Plan& plan) {
  constexpr std::size_t most = 4;
  std::string text;
  for (std::size_t i = 0; i < plan.steps.size() && i < most; ++i)
    text += (i == 0 ? "" : "; ") + describe(plan.steps[i].op) + ": " + plan.steps[i].because;
  if (plan.steps.size() > most)
    text += "; and " + std::to_string(plan.steps.size() - most) + " more";
  return text;
}

}  // namespace vifchain::inline flow::inline host

// SPDX-License-Identifier: Apache-2.0
#include "flow/chain/teardown.hpp"

#include <algorithm>

#include "core/plan/ways_out.hpp"
#include "edge/state/chain_requests.hpp"
#include "flow/chain/file_chain.hpp"
#include "flow/chain/free_nics.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/plan_under_locks.hpp"

namespace vifchain::inline flow::inline chain {
namespace {

// No link of ours, and no controller for the NICs below them.
Desired gone(const Chain& chain, const Actual& now) {
  Desired goal;
  for (const auto& [name, link] : chain.links) {
    const auto here = now.find(name);
    if (here == now.end()) continue;
    if (!is_given(link))
      goal.emplace(name, std::nullopt);
    else if (link.controller && here->second.controller == link.controller)
      goal.emplace(name, Link{.name = name});
  }
  return goal;
}

bool in_use(const Actual& links, const Chain& chain) {
  const auto bridge = links.find(chain.bridge);
  if (bridge == links.end()) return true;
  if (carries_addresses(bridge->second)) return true;
  const auto own = uplinks_of(chain);
  return std::ranges::any_of(links, [&](const auto& entry) {
    return entry.second.controller == chain.bridge &&
           std::ranges::find(own, entry.first) == own.end();
  });
}

}  // namespace

void take_down_unused(Env& env, const LinkName& bridge) {
  const auto chain = chain_in_file(env, bridge);
  if (!chain || !chain->teardown.last_vif) return;
  const Locks locks(lock_requests(chain->links, Hold::exclusive), env.deadline, env.places.locks);
  const Actual now = env.kernel.everything();
  if (in_use(now, *chain)) return;
  Desired goal = gone(*chain, now);
  free_nics(env.places, goal, now);
  leave_out_what_is_in_use(goal, now);
  const Plan plan = make_plan(goal, now);
  record_chain_requests(env.places.locks, {{bridge, std::nullopt}});  // it comes with the next vif
  env.kernel.perform(plan.steps);
  if (!plan.steps.empty()) forget_free_nics(env, env.kernel.everything());
  for (const auto& step : plan.steps)
    env.log.info(describe(step.op) + ": the last vif of " + bridge.str() + " has left");
}

}  // namespace vifchain::inline flow::inline chain

// SPDX-License-Identifier: Apache-2.0
#include "flow/chain/chain.hpp"

#include <algorithm>

#include "core/plan/desired.hpp"
#include "core/text/problem.hpp"
#include "edge/state/chain_requests.hpp"
#include "edge/state/machine_id.hpp"
#include "flow/chain/free_nics.hpp"
#include "flow/run/plan_under_locks.hpp"

namespace vifchain::inline flow::inline chain {
namespace {

// A look at the chain, and what it lacks.
struct Sight {
  std::vector<Ask> asked;
  Actual links = {};
  DesiredChain desired = {};
  Plan plan = {};
};

// Addresses matter for ports that have yet to join, so they are only read when something changes.
std::vector<Ask> asks_of(const Chain& chain, const LinkName& vif, bool for_change) {
  std::vector<Ask> asked;
  for (const auto& [name, link] : chain.links)
    asked.push_back({.name = name,
                     .addresses = for_change && (link.controller || link.apart.has_value()),
                     .vlans = link.vlans.has_value(),
                     .apart = for_change && link.apart.has_value()});
  asked.push_back({.name = vif, .addresses = true, .vlans = false});
  return asked;
}

[[noreturn]] void refuse(const Sight& seen) {
  std::vector<LinkName> missing;
  for (const auto& [name, link] : seen.desired.links)
    if (link && is_given(*link) && !seen.links.contains(name)) missing.push_back(name);
  if (!missing.empty()) throw Missing(seen.plan.conflicts, std::move(missing));
  throw Blocked(seen.plan.conflicts);
}

void refuse_disruption(const Plan& plan, const std::string& config) {
  const auto step =
      std::ranges::find_if(plan.steps, [](const Step& each) { return each.impact != Impact::hot; });
  if (step == plan.steps.end()) return;
  throw Refusal(problem("the existing chain differs from " + config +
                            ", and changing it would interrupt guests (" + describe(step->op) + ")",
                        "vifchain apply --allow-disrupt"));
}

Sight look(Env& env, const Chain& chain, const LinkName& vif, bool for_change) {
  Sight seen{.asked = asks_of(chain, vif, for_change)};
  seen.links = env.kernel.snapshot(seen.asked);
  seen.desired = desired_for(chain, seen.links, [&] { return machine_id(env.places.machine_id); });
  keep_traffic(seen.desired, seen.links);
  seen.plan = make_plan(seen.desired.links, seen.links);
  if (!seen.plan.conflicts.empty()) refuse(seen);
  refuse_disruption(seen.plan, env.places.config);
  return seen;
}

void make(Env& env, const Chain& chain, const Sight& seen, StandingChain& result) {
  result.desired = seen.desired.links;
  result.before = seen.links;
  result.changed = true;
  remember_nics(env, seen.plan, result.before);
  try {
    result.links = converge(env.kernel, env.deadline, result.desired, seen.plan, seen.asked);
  } catch (...) {
    fall(env, result);
    throw;
  }
  record_chain_requests(env.places.locks, {{chain.bridge, std::nullopt}});  // whoever took it down
  for (const auto& step : seen.plan.steps) env.log.info(describe(step.op) + ": " + step.because);
}

}  // namespace

StandingChain stand(Env& env, const Chain& chain, const LinkName& vif) {
  auto [locks, seen] = plan_under_locks(
      {},
      [&](const auto& exclusive) {
        return Locks(lock_requests(chain.links, Hold::shared, exclusive), env.deadline,
                     env.places.locks);
      },
      [&](const auto& exclusive) { return look(env, chain, vif, !exclusive.empty()); },
      [](const Sight& sight) { return written_by(sight.plan.steps, sight.desired.links); });
  StandingChain result{.locks = std::move(locks), .links = seen.links, .desired = {}, .before = {}};
  if (!seen.plan.steps.empty()) make(env, chain, seen, result);
  for (const auto& note : seen.desired.notes) env.log.warning(note);
  return result;
}

void fall(Env& env, const StandingChain& chain) {
  if (!chain.changed) return;
  env.deadline.grace(std::chrono::seconds(4));
  try {
    put_back(env, chain.desired, chain.before);
  } catch (const std::exception& error) {
    env.log.err(std::string("undo failed: ") + error.what());
  }
}

}  // namespace vifchain::inline flow::inline chain

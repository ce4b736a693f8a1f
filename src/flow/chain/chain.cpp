// SPDX-License-Identifier: Apache-2.0
#include "flow/chain/chain.hpp"

#include <set>

#include "core/plan/desired.hpp"
#include "edge/state/chain_requests.hpp"
#include "edge/state/machine_id.hpp"
#include "flow/chain/free_nics.hpp"

namespace vifchain::inline flow::inline chain {
namespace {

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

// The links to lock before the plan may run: those it writes to, and the bonds and bridges whose
// ports it moves.
std::set<LinkName> locked_by(const Plan& plan, const Chain& chain) {
  std::set<LinkName> names;
  for (const auto& step : plan.steps) {
    const auto& target = target_of(step.op);
    names.insert(target);
    const auto link = chain.links.find(target);
    if (link != chain.links.end() && link->second.controller)
      names.insert(*link->second.controller);
  }
  return names;
}

bool disrupts(const Plan& plan) {
  for (const auto& step : plan.steps)
    if (step.impact != Impact::hot) return true;
  return false;
}

class Standing {
 public:
  Standing(Env& env, const Chain& chain, const LinkName& vif)
      : env_(env), chain_(chain), vif_(vif) {}

  StandingChain run() {
    std::set<LinkName> exclusive;
    const auto hold = [&](const LinkName& name) {
      return exclusive.contains(name) ? Hold::exclusive : Hold::shared;
    };
    for (;;) {
      result_.locks.release();
      result_.locks = Locks(lock_requests(chain_, hold), env_.deadline, env_.places.locks);
      const Plan plan = look(!exclusive.empty());
      if (plan.steps.empty()) break;
      const auto needed = locked_by(plan, chain_);
      if (holds(exclusive, needed)) {
        make(plan);
        break;
      }
      exclusive.insert(needed.begin(), needed.end());
    }
    for (const auto& note : desired_.notes) env_.log.warning(note);
    return std::move(result_);
  }

 private:
  Plan look(bool for_change) {
    asked_ = asks_of(chain_, vif_, for_change);
    result_.links = env_.kernel.snapshot(asked_);
    desired_ =
        desired_for(chain_, result_.links, [&] { return machine_id(env_.places.machine_id); });
    keep_traffic(desired_, result_.links);
    Plan plan = make_plan(desired_.links, result_.links);
    if (!plan.conflicts.empty()) refuse(plan.conflicts);
    if (disrupts(plan)) throw Refusal(disruption(plan));
    return plan;
  }

  [[noreturn]] void refuse(const std::vector<Conflict>& conflicts) const {
    std::vector<LinkName> missing;
    for (const auto& [name, link] : desired_.links)
      if (link && is_given(*link) && !result_.links.contains(name)) missing.push_back(name);
    if (!missing.empty()) throw Missing(conflicts, std::move(missing));
    throw Blocked(conflicts);
  }

  std::string disruption(const Plan& plan) const {
    for (const auto& step : plan.steps)
      if (step.impact != Impact::hot)
        return "the existing chain differs from " + env_.places.config +
               ", and changing it would interrupt guests (" + describe(step.op) +
               "); hint: vifchain apply --allow-disrupt";
    return {};
  }

  static bool holds(const std::set<LinkName>& held, const std::set<LinkName>& needed) {
    for (const auto& name : needed)
      if (!held.contains(name)) return false;
    return true;
  }

  void make(const Plan& plan) {
    result_.desired = desired_.links;
    result_.before = result_.links;
    result_.changed = true;
    remember_nics(env_, plan, result_.before);
    try {
      result_.links = converge(env_.kernel, env_.deadline, desired_.links, plan, asked_);
    } catch (...) {
      fall(env_, result_);
      throw;
    }
    record_chain_requests(env_.places.locks,
                          {{chain_.bridge, std::nullopt}});  // whoever took it down
    for (const auto& step : plan.steps) env_.log.info(describe(step.op) + ": " + step.because);
  }

  Env& env_;
  const Chain& chain_;
  const LinkName& vif_;
  std::vector<Ask> asked_;
  DesiredChain desired_;
  StandingChain result_;
};

}  // namespace

std::vector<LockRequest> lock_requests(const Chain& chain,
                                       const std::function<Hold(const LinkName&)>& hold) {
  std::vector<LockRequest> requests;
  for (const auto& [name, link] : chain.links)
    if (!is_given(link)) requests.push_back({name.str(), hold(name)});
  return requests;
}

StandingChain stand(Env& env, const Chain& chain, const LinkName& vif) {
  return Standing(env, chain, vif).run();
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

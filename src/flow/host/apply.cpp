// SPDX-License-Identifier: Apache-2.0
#include "flow/host/apply.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/plan/adopt.hpp"
#include "edge/state/chain_requests.hpp"
#include "flow/chain/free_nics.hpp"
#include "flow/host/dhcp_clients.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/plan_under_locks.hpp"
#include "flow/run/read_for.hpp"
#include "flow/run/recorder.hpp"
#include "flow/vif/guest_ports.hpp"

namespace vifchain::inline flow::inline host {
namespace {

// So many steps at once that the kernel is kept busy, and so few that a person sees it go on.
constexpr std::size_t steps_at_once = 200;

constexpr std::chrono::seconds patience_with_guests{10};

using Progress = std::function<void(std::size_t done, std::size_t all)>;
using Requests = std::map<LinkName, std::optional<ChainRequest>>;

// Those that are not about ports of guests that run, which have locks of their own.
std::span<const Step> own_steps(const HostPlan& plan) {
  return std::span(plan.plan.steps).first(plan.plan.steps.size() - plan.guest_steps);
}

std::set<LinkName> links_written_by(const HostPlan& plan) {
  std::set<LinkName> names = written_by(own_steps(plan), plan.desired);
  for (const auto& stop : plan.dhcp.stops) names.insert(*stop.client.link);
  for (const auto& start : plan.dhcp.starts) names.insert(start.link);
  return names;
}

Locks lock(Env& env, const std::set<LinkName>& names, LockPatience& patience) {
  std::vector<LockRequest> requests;
  for (const auto& name : names) requests.push_back({name.str(), Hold::exclusive});
  const auto begun = std::chrono::steady_clock::now();
  Locks locks(requests, env.deadline, env.places.locks, patience);
  patience.at_most -= std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begun);
  return locks;
}

// Links are adopted before anything is done to them: one that stays somebody else's is not
// changed, since what we read and put back of those is not all.
std::size_t adopting(std::span<const Step> steps) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (std::holds_alternative<SetOurs>(steps[i].op)) end = i + 1;
  return end;
}

void perform(Env& env, std::span<const Step> steps, const Progress& progress) {
  const std::size_t first = adopting(steps);
  for (std::size_t done = 0; done < steps.size();) {
    env.deadline.check();
    const std::size_t end = done < first ? first : steps.size();
    const auto part = steps.subspan(done, std::min(end - done, steps_at_once));
    env.kernel.perform({part.begin(), part.end()});
    done += part.size();
    if (progress) progress(done, steps.size());
  }
}

void converge_all(Env& env, const HostPlan& plan, const Progress& progress) {
  const auto own = own_steps(plan);
  forget_free_nics(env, converge(
                            plan.desired, {.steps = {own.begin(), own.end()}, .conflicts = {}},
                            [&](const Plan& next) { perform(env, next.steps, progress); },
                            [&] { return read_for(env.kernel, plan.desired); }));
}

// The ports that other runs are at.
Desired see_to_guests(Env& env, const HostPlan& plan, const Topology* policies) {
  if (plan.guest_steps == 0) return {};
  if (policies == nullptr) throw std::logic_error("a desired state of guests needs policies");
  Desired differ;
  for (const auto& step : std::span(plan.plan.steps).last(plan.guest_steps))
    differ.insert(*plan.guests.find(target_of(step.op)));
  return mend_guests(env, *policies, differ);
}

void undo(Env& env, const HostPlan& plan) noexcept {
  env.deadline.grace(std::chrono::seconds(30));
  if (env.recorder != nullptr) env.recorder->undoing();
  stop_started_clients(env, plan.dhcp);
  try {
    put_back(env, plan.desired, plan.before);
    env.kernel.perform(giving_up(plan.adopted));
  } catch (const std::exception& error) {
    env.log.err(std::string("undo failed: ") + error.what());
  }
  start_stopped_clients(env, plan.dhcp);
}

// What stands by now is to stand until somebody says otherwise.
void request_what_stands(Env& env, const HostPlan& plan, const DesiredHost& desired) {
  Requests requests;
  for (const auto& root : roots_of(plan.desired, names_of(desired.hosting)))
    if (const auto link = plan.desired.find(root); link->second && !is_given(*link->second))
      requests.emplace(root, ChainRequest::stands);
  record_chain_requests(env.places.locks, requests);
}

// And what goes is to stay away, from before it goes. Returns what was asked for until now.
Requests request_what_goes(Env& env, const HostPlan& plan) {
  const auto all = chain_requests(env.places.locks);
  Requests before, requests;
  for (const auto& [name, link] : plan.desired) {
    if (link) continue;
    const auto request = all.find(name);
    before.emplace(name, request == all.end() ? std::nullopt : std::optional(request->second));
    requests.emplace(name, ChainRequest::stays_down);
  }
  record_chain_requests(env.places.locks, requests);
  return before;
}

// Returns the ports of guests that other runs are at.
Desired carry_out(Env& env, const HostPlan& plan, const Topology* policies,
                  const ApplyOptions& options) {
  if (!options.allow_disrupt) refuse_disruption(plan);
  if (options.before_changes) options.before_changes(plan);
  if (env.recorder != nullptr) env.recorder->will_perform(plan);
  remember_nics(env, plan.plan, plan.before);
  const auto requests_before = request_what_goes(env, plan);
  try {
    stop_clients(env, plan.dhcp);
    converge_all(env, plan, options.progress);
    Desired busy = see_to_guests(env, plan, policies);
    start_clients(env, plan.dhcp);
    return busy;
  } catch (...) {
    undo(env, plan);
    record_chain_requests(env.places.locks, requests_before);
    throw;
  }
}

// The locks end with it.
std::pair<HostPlan, Desired> carry_out_under_locks(Env& env, const DesiredHost& desired,
                                                   const ApplyOptions& options) {
  LockPatience patience = options.patience;
  auto [locks, plan] = plan_under_locks(
      options.locked_first, [&](const auto& names) { return lock(env, names, patience); },
      [&](const auto&) {
        HostPlan made = options.what_can ? plan_what_can(env, desired)
                                         : plan_host(env, desired, options.others);
        if (!made.plan.conflicts.empty()) throw Blocked(made.plan.conflicts);
        return made;
      },
      [](const HostPlan& made) { return links_written_by(made); });
  Desired busy;
  if (!plan.nothing_to_do()) busy = carry_out(env, plan, desired.policies, options);
  request_what_stands(env, plan, desired);
  return {std::move(plan), std::move(busy)};
}

// A line for each link, so that a whole host does not flood the log.
void log_steps(Env& env, const HostPlan& plan) {
  auto steps = plan.plan.steps;
  for (const auto& left : plan.left_out)
    std::erase_if(steps, [&](const Step& step) { return target_of(step.op) == left.name; });
  for (auto step = steps.begin(); step != steps.end();) {
    const auto& target = target_of(step->op);
    std::string line;
    for (; step != steps.end() && target_of(step->op) == target; ++step)
      line += (line.empty() ? "" : "; ") + describe(step->op) + ": " + step->because;
    env.log.info(line);
  }
}

}  // namespace

HostPlan apply(Env& env, const DesiredHost& desired, const ApplyOptions& options) {
  auto [plan, busy] = carry_out_under_locks(env, desired, options);
  if (!busy.empty())
    for (auto& left : mend_busy_guests(env, *desired.policies, busy, patience_with_guests))
      plan.left_out.push_back(std::move(left));
  log_steps(env, plan);
  return plan;
}

}  // namespace vifchain::inline flow::inline host

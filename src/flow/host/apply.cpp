// SPDX-License-Identifier: Apache-2.0
#include "flow/host/apply.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/plan/adopt.hpp"
#include "edge/state/chain_requests.hpp"
#include "edge/state/lock.hpp"
#include "flow/chain/free_nics.hpp"
#include "flow/host/dhcp_clients.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/read_for.hpp"
#include "flow/run/recorder.hpp"
#include "flow/vif/guest_ports.hpp"

namespace vifchain::inline flow::inline host {
namespace {

// So many steps at once that the kernel is kept busy, and so few that a person sees it go on.
constexpr std::size_t steps_at_once = 200;

constexpr std::chrono::seconds patience_with_guests{10};

// Those that are not about ports of guests that run, which have locks of their own.
std::vector<Step> own_steps(const HostPlan& plan) {
  const auto& all = plan.plan.steps;
  return {all.begin(), all.end() - static_cast<std::ptrdiff_t>(plan.guest_steps)};
}

// The links a plan writes to, and the bonds and bridges whose ports it moves.
std::set<LinkName> locked_by(const HostPlan& plan) {
  std::set<LinkName> names;
  for (const auto& step : own_steps(plan)) {
    const auto& target = target_of(step.op);
    names.insert(target);
    const auto want = plan.desired.find(target);
    if (want != plan.desired.end() && want->second && want->second->controller)
      names.insert(*want->second->controller);
  }
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

class Apply {
 public:
  Apply(Env& env, const std::map<LinkName, Hosting>& hosting, const MakeDesired& desired,
        const ApplyOptions& options)
      : env_(env), hosting_(hosting), desired_(desired), options_(options) {}

  HostPlan run() {
    HostPlan plan = run_under_locks();
    if (!busy_.empty())
      for (auto& left : mend_busy_guests(env_, *options_.policies, busy_, patience_with_guests))
        plan.left_out.push_back(std::move(left));
    log_steps(plan);
    return plan;
  }

 private:
  HostPlan run_under_locks() {
    std::set<LinkName> names;
    LockPatience patience = options_.patience;
    for (;;) {
      const Locks locks = lock(env_, names, patience);
      HostPlan plan = options_.what_can ? plan_what_can(env_, hosting_, desired_)
                                        : plan_host(env_, hosting_, desired_, options_.others);
      if (!plan.plan.conflicts.empty()) throw Blocked(plan.plan.conflicts);
      const auto needed = locked_by(plan);
      if (std::ranges::includes(names, needed)) {
        if (!plan.nothing_to_do()) carry_out(plan);
        keep_wish(plan);
        return plan;
      }
      names.insert(needed.begin(), needed.end());
    }
  }

  void carry_out(const HostPlan& plan) {
    if (!options_.allow_disrupt) refuse_disruption(plan);
    if (options_.before_changes) options_.before_changes(plan);
    if (env_.recorder != nullptr) env_.recorder->will_perform(plan);
    remember_nics(env_, plan.plan, plan.before);
    const auto wishes_before = wish_away(plan);
    try {
      stop_clients(env_, plan.dhcp);
      converge_all(plan);
      if (plan.guest_steps > 0) see_to_guests(plan);
      start_clients(env_, plan.dhcp);
    } catch (...) {
      undo(plan);
      record_chain_requests(env_.places.locks, wishes_before);
      throw;
    }
  }

  // What stands by now is to stand until somebody says otherwise.
  void keep_wish(const HostPlan& plan) const {
    std::map<LinkName, std::optional<ChainRequest>> requests;
    for (const auto& root : roots_of(plan.desired, names_of(hosting_)))
      if (const auto link = plan.desired.find(root); link->second && !is_given(*link->second))
        requests.emplace(root, ChainRequest::stands);
    record_chain_requests(env_.places.locks, requests);
  }

  // And what goes is to stay away, from before it goes. Returns what was asked for until now.
  std::map<LinkName, std::optional<ChainRequest>> wish_away(const HostPlan& plan) const {
    const auto all = chain_requests(env_.places.locks);
    std::map<LinkName, std::optional<ChainRequest>> before, requests;
    for (const auto& [name, link] : plan.desired) {
      if (link) continue;
      const auto request = all.find(name);
      before.emplace(name, request == all.end() ? std::nullopt : std::optional(request->second));
      requests.emplace(name, ChainRequest::stays_down);
    }
    record_chain_requests(env_.places.locks, requests);
    return before;
  }

  // A line for each link, so that a whole host does not flood the log.
  void log_steps(const HostPlan& plan) {
    auto steps = plan.plan.steps;
    for (const auto& left : plan.left_out)
      std::erase_if(steps, [&](const Step& step) { return target_of(step.op) == left.name; });
    for (auto step = steps.begin(); step != steps.end();) {
      const auto& target = target_of(step->op);
      std::string line;
      for (; step != steps.end() && target_of(step->op) == target; ++step)
        line += (line.empty() ? "" : "; ") + describe(step->op) + ": " + step->because;
      env_.log.info(line);
    }
  }

  void see_to_guests(const HostPlan& plan) {
    if (options_.policies == nullptr)
      throw std::logic_error("a desired state of guests needs policies");
    Desired differ;
    for (auto step = plan.plan.steps.end() - static_cast<std::ptrdiff_t>(plan.guest_steps);
         step != plan.plan.steps.end(); ++step)
      differ.insert(*plan.guests.find(target_of(step->op)));
    busy_ = mend_guests(env_, *options_.policies, differ);
  }

  // The second and third round are for what the kernel changed besides what it was told.
  void converge_all(const HostPlan& plan) {
    Plan next{own_steps(plan), {}};
    for (int round = 0; round < 3; ++round) {
      perform(next.steps);
      const Actual now = read_for(env_.kernel, plan.desired);
      next = make_plan(plan.desired, now);
      if (!next.conflicts.empty()) throw Blocked(next.conflicts);
      if (next.steps.empty()) return forget_free_nics(env_, now);
    }
    throw Refusal("verification failed after all steps: " +
                  differences_in_words(plan.desired, read_for(env_.kernel, plan.desired)));
  }

  // Links are adopted before anything is done to them: one that stays somebody else's is not
  // changed, since what we read and put back of those is not all.
  static std::size_t adopting(const std::vector<Step>& steps) {
    std::size_t end = 0;
    for (std::size_t i = 0; i < steps.size(); ++i)
      if (std::holds_alternative<SetOurs>(steps[i].op)) end = i + 1;
    return end;
  }

  void perform(const std::vector<Step>& steps) {
    const std::size_t first = adopting(steps);
    for (std::size_t done = 0; done < steps.size();) {
      env_.deadline.check();
      const std::size_t end = done < first ? first : steps.size();
      const std::size_t next = std::min(end, done + steps_at_once);
      env_.kernel.perform({steps.begin() + static_cast<std::ptrdiff_t>(done),
                           steps.begin() + static_cast<std::ptrdiff_t>(next)});
      done = next;
      if (options_.progress) options_.progress(done, steps.size());
    }
  }

  void undo(const HostPlan& plan) noexcept {
    env_.deadline.grace(std::chrono::seconds(30));
    if (env_.recorder != nullptr) env_.recorder->undoing();
    stop_started_clients(env_, plan.dhcp);
    try {
      put_back(env_, plan.desired, plan.before);
      env_.kernel.perform(giving_up(plan.adopted));
    } catch (const std::exception& error) {
      env_.log.err(std::string("undo failed: ") + error.what());
    }
    start_stopped_clients(env_, plan.dhcp);
  }

  Env& env_;
  const std::map<LinkName, Hosting>& hosting_;
  const MakeDesired& desired_;
  const ApplyOptions& options_;
  Desired busy_;  // ports that other runs are at
};

}  // namespace

HostPlan apply(Env& env, const std::map<LinkName, Hosting>& hosting, const MakeDesired& desired,
               const ApplyOptions& options) {
  return Apply(env, hosting, desired, options).run();
}

}  // namespace vifchain::inline flow::inline host

#include "flow/apply.hpp"

#include <algorithm>

#include "edge/lock.hpp"
#include "flow/reach.hpp"

namespace vifchain {
namespace {

// So many steps at once that the kernel is kept busy, and so few that a person sees it go on.
constexpr std::size_t steps_at_once = 200;

// The links a plan writes to, and the bonds and bridges whose ports it moves.
std::set<LinkName> locked_by(const HostPlan& plan) {
  std::set<LinkName> names;
  for (const auto& step : plan.plan.steps) {
    const auto& target = target_of(step.op);
    names.insert(target);
    const auto want = plan.desired.find(target);
    if (want != plan.desired.end() && want->second && want->second->controller)
      names.insert(*want->second->controller);
  }
  return names;
}

Locks lock(Site& site, const std::set<LinkName>& names) {
  std::vector<LockWish> wishes;
  for (const auto& name : names) wishes.push_back({name.str(), Hold::exclusive});
  return {wishes, site.deadline, site.places.locks};
}

class Apply {
 public:
  Apply(Site& site, const std::map<LinkName, Hosting>& hosting, const Wisher& wish,
        const ApplyOptions& options)
      : site_(site), hosting_(hosting), wish_(wish), options_(options) {}

  HostPlan run() {
    std::set<LinkName> names;
    for (;;) {
      const Locks locks = lock(site_, names);
      HostPlan plan = plan_host(site_, hosting_, wish_);
      if (!plan.plan.conflicts.empty()) throw Refusal(conflicts_in_words(plan.plan.conflicts));
      const auto needed = locked_by(plan);
      if (std::ranges::includes(names, needed)) {
        if (!plan.plan.steps.empty()) carry_out(plan);
        return plan;
      }
      names.insert(needed.begin(), needed.end());
    }
  }

 private:
  void carry_out(const HostPlan& plan) {
    if (!options_.allow_disrupt) refuse_disruption(plan);
    if (options_.before_changes) options_.before_changes(plan);
    try {
      reach_all(plan);
    } catch (...) {
      undo(plan);
      throw;
    }
    for (const auto& step : plan.plan.steps)
      site_.log.info(describe(step.op) + ": " + step.because);
  }

  // The second and third round are for what the kernel changed besides what it was told.
  void reach_all(const HostPlan& plan) {
    Plan next = plan.plan;
    for (int round = 0; round < 3; ++round) {
      perform(next.steps);
      const Actual now = read(plan);
      next = make_plan(plan.desired, now);
      if (!next.conflicts.empty()) throw Refusal(conflicts_in_words(next.conflicts));
      if (next.steps.empty()) return;
    }
    throw Refusal("the kernel took every step, and still: " +
                  differences_in_words(plan.desired, read(plan)));
  }

  void perform(const std::vector<Step>& steps) {
    for (std::size_t done = 0; done < steps.size();) {
      site_.deadline.check();
      const std::size_t next = std::min(steps.size(), done + steps_at_once);
      site_.kernel.perform({steps.begin() + static_cast<std::ptrdiff_t>(done),
                            steps.begin() + static_cast<std::ptrdiff_t>(next)});
      done = next;
      if (options_.progress) options_.progress(done, steps.size());
    }
  }

  Actual read(const HostPlan& plan) {
    Actual now = site_.kernel.everything();
    site_.kernel.read_routes(now, links_with_routes(plan.desired));
    return now;
  }

  void undo(const HostPlan& plan) noexcept {
    try {
      site_.deadline.grace(std::chrono::seconds(30));
      put_back(site_.kernel, plan.desired, plan.before);
    } catch (const std::exception& error) {
      site_.log.err(std::string("undoing what was done failed as well: ") + error.what());
    }
  }

  Site& site_;
  const std::map<LinkName, Hosting>& hosting_;
  const Wisher& wish_;
  const ApplyOptions& options_;
};

}  // namespace

HostPlan apply(Site& site, const std::map<LinkName, Hosting>& hosting, const Wisher& wish,
               const ApplyOptions& options) {
  return Apply(site, hosting, wish, options).run();
}

}  // namespace vifchain

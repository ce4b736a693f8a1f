// SPDX-License-Identifier: Apache-2.0
#include "flow/run/converge.hpp"

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

#include "edge/base/error.hpp"
#include "flow/run/recorder.hpp"

namespace vifchain::inline flow::inline run {
namespace {

// A link that somebody else uses stays, and so does all that carries it.
void keep(Desired& goal, const Actual& now, const LinkName& name, std::set<LinkName>& kept) {
  if (!kept.insert(name).second) return;
  goal.erase(name);
  const auto link = now.find(name);
  if (link == now.end()) return;
  if (const auto* parent = parent_of(link->second)) keep(goal, now, *parent, kept);
  for (const auto& [port, other] : now)
    if (other.controller == name && goal.contains(port)) keep(goal, now, port, kept);
}

constexpr std::chrono::milliseconds first_pause{20};
constexpr int most_attempts = 6;  // more than a second

Ask question_for(const LinkName& name, const std::optional<Link>& want) {
  Ask ask{.name = name, .addresses = true, .same = true};
  if (!want) return ask;
  ask.vlans = want->vlans.has_value();
  ask.fdb = want->fdb.has_value();
  ask.routes = want->routes.has_value();
  ask.filter = want->filter;
  ask.rate = want->rate.has_value();
  ask.apart = want->apart.has_value();
  return ask;
}

// The links of the goal, and who uses those that are to go or are made here: asked for one by one,
// so that nothing that comes and goes beside them matters.
Actual read_again(Kernel& kernel, const Desired& goal) {
  std::vector<Ask> asked;
  std::set<LinkName> beside;
  for (const auto& [name, want] : goal) {
    asked.push_back(question_for(name, want));
    if (want && is_given(*want)) continue;
    for (const auto& other : kernel.neighbours(name))
      if (!goal.contains(other)) beside.insert(other);
  }
  for (const auto& name : beside) asked.push_back({.name = name});
  Actual now = kernel.snapshot(asked);
  std::vector<Ask> controllers;
  for (const auto& [name, link] : now)
    if (link.controller && !now.contains(*link.controller))
      controllers.push_back({.name = *link.controller});
  if (!controllers.empty()) now.merge(kernel.snapshot(controllers));
  return now;
}

LinkName renamed(const std::map<LinkName, LinkName>& names, const LinkName& name) {
  const auto other = names.find(name);
  return other == names.end() ? name : other->second;
}

// A NIC that udev, or a person, has given another name meanwhile is the same NIC: it must not stay
// where it was put. False when there is none.
bool follow_new_names(Kernel& kernel, Desired& goal, const Actual& now) {
  std::vector<LinkName> missing;
  for (const auto& [name, want] : goal)
    if (want && is_given(*want) && !now.contains(name)) missing.push_back(name);
  const auto names = kernel.follow_names(missing);
  Desired all = std::exchange(goal, {});
  for (auto& [old_name, want] : all) {
    const LinkName name = renamed(names, old_name);
    if (want) want->name = name;
    if (auto* vlan = want ? std::get_if<Vlan>(&want->kind) : nullptr)
      vlan->parent = renamed(names, vlan->parent);
    goal.emplace(name, std::move(want));
  }
  return !names.empty();
}

// False when there is nothing left to do.
bool step_back(Kernel& kernel, Desired& goal) {
  Actual now = read_again(kernel, goal);
  if (follow_new_names(kernel, goal, now)) now = read_again(kernel, goal);
  leave_out_what_is_in_use(goal, now);
  const Plan plan = make_plan(goal, now);
  if (!plan.steps.empty()) kernel.perform(plan.steps);
  return !plan.steps.empty();
}

}  // namespace

Blocked::Blocked(std::vector<Conflict> conflicts)
    : Refusal(conflicts_in_words(conflicts)), conflicts_(std::move(conflicts)) {}

std::string differences_in_words(const Desired& desired, const Actual& actual) {
  std::string text;
  const auto say = [&](const LinkName& name, const std::string& what) {
    text += (text.empty() ? "" : "; ") + name.str() + ": " + what;
  };
  for (const auto& [name, want] : desired) {
    const auto have = actual.find(name);
    if (!want && have != actual.end()) say(name, "still exists");
    if (want && have == actual.end()) say(name, "no such link");
    if (want && have != actual.end())
      for (const auto& difference : differences(*want, have->second)) say(name, difference);
  }
  return text;
}

std::vector<LinkName> links_with_routes(const Desired& desired) {
  std::vector<LinkName> names;
  for (const auto& [name, want] : desired)
    if (want && want->routes) names.push_back(name);
  return names;
}

bool has_filters_or_rates(const Desired& desired) {
  return std::ranges::any_of(desired, [](const auto& entry) {
    return entry.second && (entry.second->filter || entry.second->rate);
  });
}

void leave_out_what_is_in_use(Desired& goal, const Actual& now) {
  if (goal.empty()) return;
  std::set<LinkName> kept;
  for (Plan plan = make_plan(goal, now); !plan.conflicts.empty() && !goal.empty();
       plan = make_plan(goal, now))
    for (const auto& conflict : plan.conflicts) keep(goal, now, conflict.name, kept);
}

std::string conflicts_in_words(const std::vector<Conflict>& conflicts) {
  std::string text;
  for (const auto& [name, reason] : conflicts)
    text += (text.empty() ? "" : "; ") + name.str() + ": " + reason;
  return text;
}

Actual converge(const Desired& desired, Plan plan, const std::function<void(const Plan&)>& perform,
                const std::function<Actual()>& read) {
  Actual now;
  // The second and third round are for what the kernel changed besides what it was told.
  for (int round = 0; round < 3; ++round) {
    perform(plan);
    now = read();
    plan = make_plan(desired, now);
    if (!plan.conflicts.empty()) throw Blocked(plan.conflicts);
    if (plan.steps.empty()) return now;
  }
  throw Refusal("verification failed after all steps: " + differences_in_words(desired, now));
}

Actual converge(Kernel& kernel, const Deadline& deadline, const Desired& desired, Plan plan,
                const std::vector<Ask>& asked) {
  const auto perform = [&](const Plan& next) {
    deadline.check();
    kernel.perform(next.steps);
  };
  return converge(desired, std::move(plan), perform, [&] { return kernel.snapshot(asked); });
}

void put_back(Env& env, const Desired& desired, const Actual& before) {
  if (env.recorder != nullptr) env.recorder->undoing();
  Desired goal = undo_target(desired, before);
  auto pause = first_pause;
  // The kernel may have changed more than it was told, so that there is a second round to each.
  for (int tried = 0;; ++tried) try {
      for (int round = 0; round < 2; ++round)
        if (!step_back(env.kernel, goal)) return;
      return;
    } catch (const Error&) {
      if (tried == most_attempts) throw;
      std::this_thread::sleep_for(pause);
      pause *= 2;
      env.deadline.check();
    }
}

}  // namespace vifchain::inline flow::inline run

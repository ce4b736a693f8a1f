// SPDX-License-Identifier: Apache-2.0
#include "flow/host/emptying.hpp"

#include <algorithm>

#include "core/plan/ways_out.hpp"
#include "core/text/list.hpp"
#include "core/text/problem.hpp"

namespace vifchain::inline flow::inline host {
namespace {

// Those that are made anew at once do not count.
std::set<LinkName> going(const HostPlan& plan) {
  std::set<LinkName> names;
  for (const auto& step : plan.plan.steps)
    if (const auto* gone = std::get_if<Delete>(&step.op)) names.insert(gone->name);
  std::erase_if(names, [&](const LinkName& name) {
    const auto want = plan.desired.find(name);
    return want != plan.desired.end() && want->second;
  });
  return names;
}

bool carries_default_route(const HostPlan& plan, const LinkName& name) {
  const auto link = plan.before.find(name);
  if (link == plan.before.end() || !link->second.routes) return false;
  return std::ranges::any_of(*link->second.routes, [](const Route& route) {
    return route.to.prefix == 0 && route.table == main_table;
  });
}

std::string stranded_by(const HostPlan& plan) {
  std::string text;
  for (const auto& link : stranded(plan.desired, plan.before))
    text += (text.empty() ? "this host's way out: " : "; ") + in_words(link);
  return text;
}

bool wants_nothing(const HostPlan& plan) {
  return std::ranges::none_of(plan.desired, [](const auto& entry) {
    return entry.second && !std::holds_alternative<Given>(entry.second->kind);
  });
}

}  // namespace

std::string lost_by(const HostPlan& plan) {
  std::vector<std::string> names, with_route;
  for (const auto& name : going(plan)) {
    names.push_back(name.str());
    if (carries_default_route(plan, name)) with_route.push_back(name.str());
  }
  if (names.empty()) return stranded_by(plan);
  if (wants_nothing(plan)) return "all chains of this host (" + listed(names) + ")";
  if (!with_route.empty()) return listed(with_route) + ", which carries the default route";
  return stranded_by(plan);
}

void refuse_emptying(const HostPlan& plan, const std::string& config) {
  const auto [lost, hint] = parts_of(lost_by(plan));
  if (!lost.empty())
    throw Emptying(problem(config + " would delete " + lost,
                           hint.empty() ? "correct the file, or add --allow-empty" : hint));
}

void refuse_stranding(const HostPlan& plan) {
  if (const auto [lost, hint] = parts_of(stranded_by(plan)); !lost.empty())
    throw Refusal(problem("these chains alone would delete " + lost, "vifchain apply"));
}

}  // namespace vifchain::inline flow::inline host

// SPDX-License-Identifier: Apache-2.0
#include "flow/host/down.hpp"

#include <algorithm>

#include "core/plan/impact.hpp"
#include "core/text/list.hpp"
#include "core/text/nearest.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline flow::inline host {
namespace {

// The link, its ports and what they are stacked on, as far as they are ours.
void collect(const Actual& now, const LinkName& name, std::set<LinkName>& chain) {
  const auto link = now.find(name);
  if (link == now.end() || !link->second.ours || !chain.insert(name).second) return;
  if (const auto* parent = parent_of(link->second)) collect(now, *parent, chain);
  for (const auto& [port, other] : now)
    if (other.controller == name) collect(now, port, chain);
}

bool carries(const Actual& now, const LinkName& lower, const Link& upper) {
  const auto* parent = parent_of(upper);
  return (parent != nullptr && *parent == lower) || now.at(lower).controller == upper.name;
}

// What another link stands on, that does not go, stays, and does not hold the bridge.
void leave_shared(const Actual& now, std::set<LinkName>& chain) {
  for (bool shrank = true; shrank;) {
    shrank = false;
    for (const auto& [name, link] : now) {
      if (chain.contains(name)) continue;
      const auto stood_on = [&now, &upper = link](const LinkName& lower) {
        return carries(now, lower, upper);
      };
      shrank = std::erase_if(chain, stood_on) > 0 || shrank;
    }
  }
}

// The links gone; those below them that stay are free.
Desired gone(const Actual& now, const std::set<LinkName>& names, bool force) {
  Desired goal;
  for (const auto& name : names) goal.emplace(name, std::nullopt);
  for (const auto& [name, link] : now) {
    if (!link.controller || !names.contains(*link.controller) || names.contains(name)) continue;
    if (is_guest_port(link) && !force) continue;
    goal.emplace(name, Link{.name = name});
  }
  leave_out_what_is_in_use(goal, now);
  return goal;
}

std::vector<std::string> bridges_of_ours(const Actual& now) {
  std::vector<std::string> names;
  for (const auto& [name, link] : now)
    if (link.ours && std::holds_alternative<Bridge>(link.kind)) names.push_back(name.str());
  return names;
}

// Nothing for one that is known, and not there.
std::optional<LinkName> bridge_of_ours(const Actual& now, const std::set<std::string>& known,
                                       const std::string& text) {
  const auto names = bridges_of_ours(now);
  const auto name = LinkName::parse(text);
  if (std::ranges::find(names, text) != names.end()) return name;
  if (name && known.contains(text) && !now.contains(*name)) return std::nullopt;
  const std::string near = nearest(text, {names.begin(), names.end()});
  throw Refusal(text + ": no bridge of that name was made by vifchain (" +
                (names.empty() ? "there are none" : "it made " + listed(names)) + ")" +
                (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

// Guests' ports on it, and links of others that stand on it: NICs are let go.
std::vector<std::string> users_of(const Actual& now, const LinkName& name) {
  std::vector<std::string> users;
  for (const auto& [other, link] : now) {
    const auto* parent = parent_of(link);
    const bool stands_on_it = parent != nullptr && *parent == name && !link.ours;
    if (stands_on_it || (link.controller == name && is_guest_port(link)))
      users.push_back(other.str());
  }
  return users;
}

void note_what_stays(const std::set<LinkName>& names, const Desired& goal,
                     std::vector<std::string>& notes) {
  for (const auto& name : names)
    if (!goal.contains(name)) notes.push_back("kept " + name.str() + ": in use");
}

}  // namespace

DesiredHost nothing_of_ours(bool force) {
  return {.links = [force](const Actual& now, std::vector<std::string>& notes) {
    std::set<LinkName> names;
    for (const auto& [name, link] : now)
      if (link.ours) names.insert(name);
    Desired goal = gone(now, names, force);
    note_what_stays(names, goal, notes);
    return goal;
  }};
}

DesiredHost without_chains(std::vector<std::string> bridges, bool force,
                           std::set<std::string> known) {
  return {.links = [bridges = std::move(bridges), known = std::move(known), force](
                       const Actual& now, std::vector<std::string>& notes) {
    std::set<LinkName> names;
    for (const auto& text : bridges)
      if (const auto name = bridge_of_ours(now, known, text)) collect(now, *name, names);
    leave_shared(now, names);
    Desired goal = gone(now, names, force);
    note_what_stays(names, goal, notes);
    return goal;
  }};
}

std::vector<std::string> what_stays(const HostPlan& plan, const std::vector<std::string>& bridges) {
  std::vector<std::string> sentences;
  for (const auto& text : bridges.empty() ? bridges_of_ours(plan.before) : bridges) {
    const auto name = LinkName::parse(text);
    if (!name || !plan.before.contains(*name)) continue;
    if (const auto want = plan.desired.find(*name); want != plan.desired.end() && !want->second)
      continue;
    const auto users = users_of(plan.before, *name);
    sentences.push_back(text + " is in use" + (users.empty() ? "" : " by " + listed(users)) +
                        ", not deleted");
  }
  return sentences;
}

}  // namespace vifchain::inline flow::inline host

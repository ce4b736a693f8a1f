#include "flow/host_plan.hpp"

#include "core/desired.hpp"
#include "core/impact.hpp"
#include "core/rehome.hpp"
#include "edge/machine_id.hpp"
#include "flow/reach.hpp"

namespace vifchain {
namespace {

// Links of ours that the file does not know any more go last; what somebody uses stays, and so does
// what that stands on.
void take_away_leftovers(Desired& wish, const Actual& now, std::vector<std::string>& notes) {
  Desired leftovers;
  for (const auto& [name, link] : now)
    if (link.ours && !wish.contains(name)) leftovers.emplace(name, std::nullopt);
  Desired going = leftovers;
  leave_out_what_is_in_use(going, now);
  for (const auto& [name, nothing] : leftovers) {
    if (going.contains(name))
      wish.emplace(name, std::nullopt);
    else
      notes.push_back(name.str() + " is not in the file any more, and stays: it is in use");
  }
}

}  // namespace

HostPlan plan_host(Site& site, const std::map<LinkName, Hosting>& hosting, const Wisher& wish) {
  HostPlan result;
  result.before = site.kernel.everything();
  result.desired = wish(result.before, result.notes);
  site.kernel.read_routes(result.before, links_to_rehome(result.desired, result.before, hosting));
  rehome(result.desired, result.before, hosting);
  keep_guests(result.desired, result.before);
  result.plan = make_plan(result.desired, result.before);
  return result;
}

Wisher file_wish(const Site& site, const Topology& topology, std::vector<LinkName> bridges) {
  const auto id = [path = site.places.machine_id] { return machine_id(path); };
  return [&topology, bridges = std::move(bridges), id](const Actual& now,
                                                       std::vector<std::string>& notes) {
    const Stack stack = bridges.empty() ? whole_stack(topology, now) : stack_for(topology, bridges);
    Wish wish = desired_for(stack, now, id);
    notes.insert(notes.end(), wish.notes.begin(), wish.notes.end());
    if (bridges.empty()) take_away_leftovers(wish.links, now, notes);
    return std::move(wish.links);
  };
}

void refuse_disruption(const HostPlan& plan) {
  std::string text;
  for (const auto& step : plan.plan.steps) {
    const auto guests = guests_noticing(step, plan.before);
    if (guests.empty()) continue;
    std::string names;
    for (const auto& guest : guests) names += (names.empty() ? "" : ", ") + guest.str();
    text += (text.empty() ? "" : "; ") + describe(step.op) + " (" + impact_in_words(step.impact) +
            ") would be noticed by " + names;
  }
  if (!text.empty()) throw Refusal(text + "; say --allow-disrupt if that may be");
}

}  // namespace vifchain

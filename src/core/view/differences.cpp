// SPDX-License-Identifier: Apache-2.0
#include "core/view/differences.hpp"

#include <algorithm>
#include <limits>

#include "core/model/links.hpp"
#include "core/plan/desired.hpp"
#include "core/plan/obstacles.hpp"
#include "core/plan/plan.hpp"
#include "core/plan/rehome.hpp"
#include "core/text/find.hpp"

namespace vifchain::inline core::inline view {
namespace {

// A MAC matters to links that are still to be made alone, and nobody makes any here.
std::string no_machine() {
  return {};
}

Desired wanted(const Topology& topology, const Stack& stack, const Actual& there) {
  Desired desired = desired_for(stack, there, no_machine).links;
  static_cast<void>(rehome(desired, there, topology.hosting));
  return desired;
}

// Without privileges the kernel keeps these to itself (bond_fill_info).
void forget_what_only_root_sees(Link& want, const Link& have) {
  for (const auto option : {Option::bond_ad_actor_sys_prio, Option::bond_ad_actor_system,
                            Option::bond_ad_user_port_key})
    if (!options_of(have).contains(option)) options_of(want).erase(option);
}

bool says_it_is_missing(const std::string& reason) {
  return reason.starts_with(no_such_link);
}

class Comparison {
 public:
  Comparison(const Topology& topology, const Stack& file, const Actual& there)
      : file_(file), there_(there), wanted_(wanted(topology, file, there)) {
    for (auto& [name, reason] : obstacles(wanted_, there_))
      in_the_way_[name].push_back(std::move(reason));
  }

  std::map<LinkName, std::vector<std::string>> run() {
    for (const auto& [name, want] : wanted_)
      if (want) compare(*want);
    for (const auto& [bond, ports] : file_.ports) look_for_dropped(bond, ports);
    for (const auto& [name, link] : there_) look_at_what_is_there(link);
    return std::move(all_);
  }

 private:
  void say(const LinkName& name, std::string what) { all_[name].push_back(std::move(what)); }

  void compare(Link want) {
    const Link* have = link_in(there_, want.name);
    if (have == nullptr) return compare_missing(want.name);
    if (is<Bond>(want)) forget_what_only_root_sees(want, *have);
    const auto& reasons = in_the_way_[want.name];
    for (auto& difference : differences(want, *have)) {
      const auto tells = [&](const std::string& reason) {
        return reason.find(difference) != std::string::npos;
      };
      if (std::ranges::none_of(reasons, tells)) say(want.name, std::move(difference));
    }
    for (const auto& reason : reasons) say(want.name, reason);
  }

  void compare_missing(const LinkName& name) {
    say(name, not_there);
    for (const auto& reason : in_the_way_[name])
      if (!says_it_is_missing(reason)) say(name, reason);
  }

  // Ports that are not on this host are none of the desired state.
  void look_for_dropped(const LinkName& bond, const std::vector<LinkName>& ports) {
    for (const auto& port : ports)
      if (!wanted_.contains(port)) say(port, "missing, skipped in " + bond.str());
  }

  void look_at_what_is_there(const Link& link) {
    if (file_.links.contains(link.name)) return;
    if (link.ours) return say(link.name, "created by vifchain, and not in the file");
    if (!link.controller) return;
    if (is<Bond>(link_in(file_.links, *link.controller)))
      say(link.name, "expected no port of " + link.controller->str() + ", found one");
  }

  const Stack& file_;
  const Actual& there_;
  Desired wanted_;
  std::map<LinkName, std::vector<std::string>> in_the_way_;
  std::map<LinkName, std::vector<std::string>> all_;
};

}  // namespace

std::vector<LinkName> bridges_in_order(const Topology& topology, const Stack& stack) {
  std::vector<LinkName> names;
  for (const auto& [name, link] : stack.links)
    if (is<Bridge>(link)) names.push_back(name);
  std::ranges::stable_sort(names, {}, [&](const LinkName& name) {
    const auto* place = find_in(topology.places, name);
    return place == nullptr ? Place{std::numeric_limits<unsigned>::max(), 0} : *place;
  });
  return names;
}

std::vector<LinkName> links_with_routes(const Topology& topology, const Actual& there) {
  const auto desired = desired_for(whole_stack(topology, there), there, no_machine).links;
  return links_to_rehome(desired, there, topology.hosting);
}

std::map<LinkName, std::vector<std::string>> differences_from(const Topology& topology,
                                                              const Stack& stack,
                                                              const Actual& there) {
  return Comparison(topology, stack, there).run();
}

}  // namespace vifchain::inline core::inline view

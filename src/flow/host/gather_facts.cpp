// SPDX-License-Identifier: Apache-2.0
#include "flow/host/gather_facts.hpp"

#include "edge/base/bounded_file.hpp"
#include "edge/base/error.hpp"
#include "edge/host/other_managers.hpp"
#include "edge/kernel/bridge_netfilter.hpp"
#include "edge/kernel/drivers.hpp"
#include "edge/kernel/ingress_filters.hpp"
#include "edge/kernel/link_uppers.hpp"
#include "edge/kernel/policy_rules.hpp"

namespace vifchain::inline flow::inline host {
namespace {

// The preflight is a help: without one of its facts it goes on with the others, but where something
// has run short, as the others then are not to be believed either.
template <typename Read>
auto unless_it_fails(const Read& read) -> decltype(read()) {
  try {
    return read();
  } catch (const Error& error) {
    if (is_shortage(error.code().value())) throw;
    return {};
  }
}

std::map<LinkName, Asked> desired_links(const Desired& desired,
                                        const std::map<LinkName, unsigned>& indices) {
  std::map<LinkName, Asked> links;
  for (const auto& [name, want] : desired) {
    if (!want) continue;
    const auto index = indices.find(name);
    links.emplace(name, Asked{index == indices.end() ? 0 : index->second, is_given(*want)});
  }
  return links;
}

std::set<LinkName> ports_of(const Desired& desired) {
  std::set<LinkName> ports;
  for (const auto& [name, want] : desired)
    if (want && want->controller) ports.insert(name);
  return ports;
}

}  // namespace

std::vector<Finding> gather_facts(const HostPlan& plan, const Patience& patience) {
  auto stacked = unless_it_fails([&] { return read_link_uppers(patience); });
  HostFacts facts{.other_names = std::move(stacked.other_names),
                  .uppers = std::move(stacked.uppers)};
  facts.rules = unless_it_fails([&] { return read_policy_rules(patience); });
  facts.filtered =
      unless_it_fails([&] { return read_ingress_filters(ports_of(plan.desired), patience); });
  facts.managed = read_managers(desired_links(plan.desired, stacked.indices));
  facts.drivers = read_drivers();
  facts.drivers.vlan_filtering = unless_it_fails([&] { return tell_vlan_filtering(patience); });
  facts.netfilter = read_bridge_netfilter();
  return preflight(plan.desired, plan.before, facts);
}

}  // namespace vifchain::inline flow::inline host

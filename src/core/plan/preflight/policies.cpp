// SPDX-License-Identifier: Apache-2.0
#include "core/plan/preflight/policies.hpp"

#include "core/text/list.hpp"
#include "core/text/problem.hpp"

namespace vifchain::inline core::inline plan {

std::vector<Finding> look_at_policies(const Topology& topology) {
  std::vector<std::string> bridges;
  for (const auto& [bridge, own] : topology.policies) {
    const VifPolicy policy = over(own, topology.vif);
    if (policy.antispoof == Antispoof::mac_ip && (!policy.routers || policy.routers->empty()))
      bridges.push_back(bridge.str());
  }
  if (bridges.empty()) return {};
  return {{LinkName::parse(bridges.front()).value(), Weight::note,
           problem("guests on " + listed(bridges) +
                       " may take any IPv6 link-local address, even the router's, in spite of "
                       "antispoof = \"mac-ip\"",
                   "routers = [\"fe80::1\"]")}};
}

}  // namespace vifchain::inline core::inline plan

// SPDX-License-Identifier: Apache-2.0
#include "core/plan/preflight/policies.hpp"

#include "core/text/list.hpp"

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
           "behind antispoof = \"mac-ip\" on " + listed(bridges) +
               " a guest may take any IPv6 link-local address, the router's too: name the routers' "
               "addresses, routers = [\"fe80::1\"], and none can"}};
}

}  // namespace vifchain::inline core::inline plan

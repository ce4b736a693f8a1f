// SPDX-License-Identifier: Apache-2.0
// What is to be done with a whole host, or some of its chains.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/plan/dhcp.hpp"
#include "core/plan/leave_out.hpp"
#include "core/plan/plan.hpp"

namespace vifchain::inline core::inline plan {

// A desired state for this host, how it is now, and the way between.
struct HostPlan {
  Desired desired;
  Actual before;  // every link, with routes where they matter
  Plan plan;
  Desired guests = {};  // ports of guests that run, of which `desired` knows nothing
  std::size_t guest_steps =
      0;  // so many steps, the last ones, are about them (flow/vif/guest_ports.hpp)
  std::vector<std::string> notes;  // each a sentence for the administrator
  DhcpPlan dhcp = {};
  std::vector<DhcpClient> clients = {};  // all that run now
  std::set<LinkName> adopted = {};       // somebody else's until now; ours in `before` already
  std::vector<LeftOut> left_out = {};    // what cannot be had; mostly that is a conflict instead
  [[nodiscard]] bool nothing_to_do() const { return plan.nothing_to_do() && dhcp.empty(); }
};

// All that is to be done, ends and beginnings of DHCP clients among it.
inline std::size_t number_of_steps(const HostPlan& plan) {
  return plan.plan.steps.size() + plan.dhcp.stops.size() + plan.dhcp.starts.size();
}

}  // namespace vifchain::inline core::inline plan

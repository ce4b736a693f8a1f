// SPDX-License-Identifier: Apache-2.0
#include "core/plan/host_plan.hpp"

namespace vifchain::inline core::inline plan {

std::size_t number_of_steps(const HostPlan& plan) {
  return plan.plan.steps.size() + plan.dhcp.stops.size() + plan.dhcp.starts.size();
}

}  // namespace vifchain::inline core::inline plan

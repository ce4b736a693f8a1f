#include "core/plan/host_plan.hpp"

namespace vifchain {

std::size_t number_of_steps(const HostPlan& plan) {
  return plan.plan.steps.size() + plan.dhcp.stops.size() + plan.dhcp.starts.size();
}

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// What the policies for guests' ports mean, where that may surprise.
#pragma once

#include <vector>

#include "core/model/topology.hpp"
#include "core/plan/preflight/preflight.hpp"

namespace vifchain::inline core::inline plan {

std::vector<Finding> look_at_policies(const Topology& topology);

}  // namespace vifchain::inline core::inline plan

// SPDX-License-Identifier: Apache-2.0
// The host's policy rules that go by links' names.
#pragma once

#include <vector>

#include "core/plan/preflight/preflight.hpp"
#include "edge/kernel/kernel.hpp"

namespace vifchain::inline edge::inline kernel {

// Both families', in the kernel's order. Throws Error.
std::vector<PolicyRule> read_policy_rules(const Patience& patience);

}  // namespace vifchain::inline edge::inline kernel

// SPDX-License-Identifier: Apache-2.0
// In which order the steps of a plan are sent, so that many of them go in one send.
#pragma once

#include <vector>

#include "core/plan/plan.hpp"

namespace vifchain::inline core::inline plan {

// The same steps. One that needs the index of a new link has to wait for the kernel's answer to its
// creation; the steps for other new VLAN links and bridges go ahead of it meanwhile, so that 500
// chains wait as often as one. All that is about the same link, or about a bridge and its port,
// keeps its order, and a step about a link that was there before stays behind all that came before
// it and ahead of all that came after. Every prefix is legal in the kernel where it was before.
std::vector<Step> in_send_order(const std::vector<Step>& steps);

}  // namespace vifchain::inline core::inline plan

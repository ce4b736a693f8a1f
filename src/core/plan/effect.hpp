// SPDX-License-Identifier: Apache-2.0
// What the kernel's link table looks like after a step succeeded, side effects included. The
// planner walks its own steps through this, so later steps see what earlier ones brought about.
#pragma once

#include "core/plan/plan.hpp"

namespace vifchain::inline core::inline plan {

// `links` after `op`. What cannot be known beforehand (the MTU and MAC a NIC gets back when it
// leaves a bond) becomes absent.
void take_effect(Actual& links, const Op& op);

}  // namespace vifchain::inline core::inline plan

// SPDX-License-Identifier: Apache-2.0
// What the kernel has, as far as a desired state has something to say of it.
#pragma once

#include "core/plan/plan.hpp"
#include "edge/kernel/kernel.hpp"

namespace vifchain::inline flow::inline run {

// Every link, and of those of the desired state their routes, filters and rates, where it names
// any.
Actual read_for(Kernel& kernel, const Desired& desired);

}  // namespace vifchain::inline flow::inline run

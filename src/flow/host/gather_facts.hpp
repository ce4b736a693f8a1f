// SPDX-License-Identifier: Apache-2.0
// What there is to say of a plan for the host before it is carried out.
#pragma once

#include <vector>

#include "core/plan/preflight/preflight.hpp"
#include "edge/kernel/kernel.hpp"
#include "flow/host/plan_host.hpp"

namespace vifchain::inline flow::inline host {

// Reads what preflight() goes by besides the links, and changes nothing. What cannot be read says
// nothing: without privileges that is what lies in other network namespaces. Throws Error where
// that is for want of descriptors or memory. Costs one dump of the links more, and a few small
// ones.
std::vector<Finding> gather_facts(const HostPlan& plan, const Patience& patience = {});

}  // namespace vifchain::inline flow::inline host

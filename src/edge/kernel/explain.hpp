// SPDX-License-Identifier: Apache-2.0
// Why the kernel refused a step, for people: what was found, and what to do about it.
#pragma once

#include <string>

#include "core/plan/plan.hpp"

namespace vifchain::inline edge::inline kernel {

// True when only a look at every link can tell: a VLAN that another link holds already.
bool takes_every_link_to_explain(const Op& op, int error_number);

// Half a sentence that goes behind the kernel's own words ("eth0 is up, and a bond takes only ports
// that are down"), or nothing when those say all. `now` is what was read after the refusal: the
// link and those it is stacked on or joins, or every link.
std::string explain_refusal(const Op& op, int error_number, const Actual& now);

}  // namespace vifchain::inline edge::inline kernel

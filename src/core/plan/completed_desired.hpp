// SPDX-License-Identifier: Apache-2.0
// The desired state as the planner follows it: with what it leaves open, and without what is not
// for us.
#pragma once

#include <set>

#include "core/model/link.hpp"

namespace vifchain::inline core::inline plan {

// The links that `desired` wants. Of those that vifchain did not make nothing is wanted that only
// links of ours get; a link keeps the controller it has in `before` where the desired state says
// so, and its state where the desired state says nothing; one of `going`, which are made anew, is
// as it was besides.
Actual completed_desired(const Desired& desired, const Actual& before,
                         const std::set<LinkName>& going);

}  // namespace vifchain::inline core::inline plan

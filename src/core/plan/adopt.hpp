// SPDX-License-Identifier: Apache-2.0
// Links that somebody else made as the file wants them, and that vifchain is to have from now on.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "core/model/hosting.hpp"
#include "core/plan/plan.hpp"

namespace vifchain::inline core::inline plan {

// The links that the desired state would make, and that somebody else has made: of the right kind,
// for a VLAN link with the right id on the right link.
std::set<LinkName> adoptable(const Desired& desired, const Actual& actual);

// The steps that make them ours, addresses and all: those of `hosting` that are there are marked as
// ours where the kernel has such a mark (IFA_PROTO). Nothing that carries traffic changes.
std::vector<Step> adoption(const std::set<LinkName>& names,
                           const std::map<LinkName, Hosting>& hosting, const Actual& actual);

// The steps that give them up again.
std::vector<Step> giving_up(const std::set<LinkName>& names);

}  // namespace vifchain::inline core::inline plan

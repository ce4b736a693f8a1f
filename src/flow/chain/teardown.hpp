// SPDX-License-Identifier: Apache-2.0
// Chains that go with their last vif.
#pragma once

#include "flow/run/env.hpp"

namespace vifchain::inline flow::inline chain {

// If the file says that the chain of `bridge` goes with its last vif, and there is no guest's port
// on it, nor an address of this host, then of its links those are gone that vifchain made and
// nobody else uses, upper ones first. Holds the chain's locks meanwhile, so that a vif that comes
// is either there before and the chain stays, or finds it gone and makes it anew.
void take_down_unused(Env& env, const LinkName& bridge);

}  // namespace vifchain::inline flow::inline chain

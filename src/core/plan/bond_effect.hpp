// SPDX-License-Identifier: Apache-2.0
// What a change of a bond's options does to its others (bond_options.c): what it ends up with.
#pragma once

#include "core/model/option.hpp"

namespace vifchain::inline core::inline plan {

// The kernel's bond after `change`, of which the mode goes first. Options of which it cannot be
// told any more are gone.
void change_bond(Options& bond, const Options& change);

}  // namespace vifchain::inline core::inline plan

// SPDX-License-Identifier: Apache-2.0
// Links on which tc looks at what comes in.
#pragma once

#include <set>

#include "core/model/name.hpp"
#include "edge/kernel/kernel.hpp"

namespace vifchain::inline edge::inline kernel {

// Those of `links` that have filters where frames come in (ingress, clsact). Throws Error.
std::set<LinkName> read_ingress_filters(const std::set<LinkName>& links, const Patience& patience);

}  // namespace vifchain::inline edge::inline kernel

// SPDX-License-Identifier: Apache-2.0
// What of a link or a vif does not work, whatever the file says.
#pragma once

#include <string>
#include <vector>

#include "core/view/view.hpp"

namespace vifchain::inline core::inline view {

// Of a link that is there and no guest's. `controller` is the bond or bridge it is a port of, null
// without one; `ports` are those that a bond or a bridge has.
std::vector<std::string> troubles_of(const LinkView& link, const LinkView* controller,
                                     const std::vector<const LinkView*>& ports);

// Of a vif. `port` is its link, null when there is none.
std::vector<std::string> troubles_of(const GuestView& guest, const LinkView* port);

}  // namespace vifchain::inline core::inline view

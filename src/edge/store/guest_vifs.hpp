// SPDX-License-Identifier: Apache-2.0
// Every vif that xenstore knows of.
#pragma once

#include <string>
#include <vector>

#include "core/model/guest_vif.hpp"
#include "edge/store/store.hpp"

namespace vifchain::inline edge::inline store {

// Those that the toolstack lists, wherever their backend is, and those whose backend is in this
// domain, all that a driver domain may see. What goes while it is read is left out; a backend that
// may not be read is there with the reason in `unreadable`. Throws Error when xenstore cannot be
// reached.
std::vector<GuestVif> read_guest_vifs(Store& store, const std::string& sysfs = "/sys");

}  // namespace vifchain::inline edge::inline store

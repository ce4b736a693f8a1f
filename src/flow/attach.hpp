// Onto a bridge and off it.
#pragma once

#include "flow/vif.hpp"

namespace vifchain {

// online: the vif's chain stands, the vif is an up port of its bridge, the frontend knows its MTU
// and netback that it is connected. Anything else is Refused or an exception, and then no link is
// other than it was.
Outcome attach(Site& site, const VifEvent& event);

// offline: the vif is down and has no bridge. What is missing already is success. Reads nothing but
// the kernel, so it works whatever became of the file and the backend directory.
Outcome detach(Site& site, const VifEvent& event);

}  // namespace vifchain

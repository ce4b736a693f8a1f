// SPDX-License-Identifier: Apache-2.0
// Off a bridge.
#pragma once

#include "flow/vif/handle.hpp"

namespace vifchain::inline flow::inline vif {

// offline, remove: the port is down and has no bridge, its filter is gone, and so are the VLANs
// that only it needed of the uplinks. What is missing already is success. Goes by what the kernel
// says, so it works whatever became of the file and the backend directory.
Outcome detach(Env& env, const VifEvent& event);

}  // namespace vifchain::inline flow::inline vif

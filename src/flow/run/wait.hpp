// SPDX-License-Identifier: Apache-2.0
// Waiting for what is about to come: a netdev, a NIC, a bridge.
#pragma once

#include <functional>

#include "flow/run/env.hpp"

namespace vifchain::inline flow::inline run {

// Looks now and after every change of a link, until `there` says so; at most `seconds`, and never
// beyond the deadline. What the last look said. In an Env without a watch only one look is taken.
bool wait_until(Env& env, unsigned seconds, const std::function<bool()>& there);

}  // namespace vifchain::inline flow::inline run

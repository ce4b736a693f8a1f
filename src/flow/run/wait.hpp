// Waiting for what is about to come: a netdev, a NIC, a bridge.
#pragma once

#include <functional>

#include "flow/run/site.hpp"

namespace vifchain {

// Looks now and after every change of a link, until `there` says so; at most `seconds`, and never
// beyond the deadline. What the last look said. On a site without a watch only one look is taken.
bool wait_until(Site& site, unsigned seconds, const std::function<bool()>& there);

}  // namespace vifchain

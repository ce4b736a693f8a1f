// Wishes for less.
#pragma once

#include <string>
#include <vector>

#include "flow/host_plan.hpp"

namespace vifchain {

// No link of ours is there, but those that somebody uses, and what these stand on. With `force`
// guests do not count: their vifs are left without a bridge.
Wisher nothing_of_ours(bool force);

// The same for the links of these bridges, as far as no other bridge or link of ours needs them.
// Goes by the kernel and not by the file, which may have changed since. Throws Refusal for a name
// that is no bridge of ours, with those that are.
Wisher without_chains(std::vector<std::string> bridges, bool force);

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// The known name that a misspelt one most likely stands for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vifchain::inline core::inline text {

// The closest of `known` by letters inserted, left out, changed or swapped with their neighbour,
// capitals aside; the first of several. Empty when none is near: a third of the letters may
// differ, three at most.
std::string nearest(std::string_view written, const std::vector<std::string_view>& known);

}  // namespace vifchain::inline core::inline text

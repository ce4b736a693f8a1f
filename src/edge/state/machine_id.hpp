// SPDX-License-Identifier: Apache-2.0
// What tells this machine from its clones.
#pragma once

#include <string>

namespace vifchain::inline edge::inline state {

// The first line of `path` (machine-id(5)); the host's name when there is no such file.
std::string machine_id(const std::string& path);

}  // namespace vifchain::inline edge::inline state

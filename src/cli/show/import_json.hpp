// SPDX-License-Identifier: Apache-2.0
// What import found, for machines.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "convert/import/compose.hpp"

namespace vifchain::inline cli {

// {"toml": …, "remarks": [{"kind": "lost"|"trap", "file", "line", "text", "why", "link"}]}
nlohmann::json import_json(const Composed& composed);

}  // namespace vifchain::inline cli

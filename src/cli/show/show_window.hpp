// SPDX-License-Identifier: Apache-2.0
// A change that waits to be confirmed, or is put back, for people and for machines.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "cli/gather/window_now.hpp"

namespace vifchain::inline cli {

// Lines for people; empty where there is none.
std::string window_text(const std::optional<WindowNow>& window);

nlohmann::ordered_json window_json(const WindowNow& window);

}  // namespace vifchain::inline cli

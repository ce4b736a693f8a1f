// SPDX-License-Identifier: Apache-2.0
// JSON on its way to whoever reads standard output, a terminal among them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace vifchain::inline cli {

// What is not ASCII, and DEL, is escaped; bytes that are no UTF-8 become U+FFFD. Indent -1: one
// line.
inline std::string json_text(const nlohmann::ordered_json& json, int indent) {
  return json.dump(indent, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace vifchain::inline cli

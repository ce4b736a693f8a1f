// SPDX-License-Identifier: Apache-2.0
// What came of an event of a vif, asked in few words.
#pragma once

#include <string>
#include <variant>

#include "flow/vif/handle.hpp"

namespace vifchain {

inline bool connected(const Outcome& outcome) {
  return std::holds_alternative<Connected>(outcome);
}

inline std::string reason(const Outcome& outcome) {
  const auto* refused = std::get_if<Refused>(&outcome);
  return refused != nullptr ? refused->reason : "it was not refused";
}

}  // namespace vifchain

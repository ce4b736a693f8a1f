// SPDX-License-Identifier: Apache-2.0
// What is wrong with a short text that somebody wrote for one vif.
#pragma once

#include <cstddef>
#include <string>

namespace vifchain::inline core::inline text {

// Where the text is wrong and why: "vlan=10/20: …" is for the caller to say.
struct BadSpec {
  std::size_t column = 1;  // in bytes, from 1; one past the text when something is missing there
  std::string reason;      // what was found there, and what is allowed

  bool operator==(const BadSpec&) const = default;
};

}  // namespace vifchain::inline core::inline text

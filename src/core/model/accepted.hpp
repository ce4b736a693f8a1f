// SPDX-License-Identifier: Apache-2.0
// The findings that a file can say are no news.
#pragma once

#include <array>
#include <string_view>

namespace vifchain::inline core::inline model {

// The words that a finding can have.
constexpr std::array<std::string_view, 4> acceptable_findings() {
  return {"br_netfilter", "bond_monitoring", "bridged_vlans", "stp"};
}

}  // namespace vifchain::inline core::inline model

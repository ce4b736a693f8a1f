// SPDX-License-Identifier: Apache-2.0
#include "core/model/accepted.hpp"

#include <array>

namespace vifchain::inline core::inline model {

std::span<const std::string_view> acceptable_findings() {
  static constexpr std::array<std::string_view, 4> words{"br_netfilter", "bond_monitoring",
                                                         "bridged_vlans", "stp"};
  return words;
}

}  // namespace vifchain::inline core::inline model

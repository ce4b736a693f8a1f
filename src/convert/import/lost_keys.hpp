// SPDX-License-Identifier: Apache-2.0
// Why keys of other programs' files have no place in a vifchain.toml.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/text/list.hpp"

namespace vifchain::inline convert {

struct LostKeys {
  std::string_view keys;  // a list, as is_one_of() takes it
  std::string_view why;   // half a sentence, with who sees to it instead
};

// The reason of the first that have the key, or else `unknown`.
inline std::string why_lost(std::span<const LostKeys> lost, std::string_view key,
                            std::string_view unknown) {
  for (const auto& [keys, why] : lost)
    if (is_one_of(key, keys)) return std::string(why);
  return std::string(unknown);
}

// What readers of several formats say.
inline constexpr std::string_view name_servers =
    "name servers are no part of a vifchain.toml: /etc/resolv.conf and its like have them";
inline constexpr std::string_view of_dhcp_client =
    "how DHCP is asked is told to the DHCP client that [host] names";
inline constexpr std::string_view of_policy_rules =
    "policy rules are no part of a vifchain.toml: ip-rule(8)";
inline constexpr std::string_view of_nics = "vifchain takes a NIC as it is: ethtool(8) sets it up";
inline constexpr std::string_view nothing_of_the_kind = "vifchain has nothing of the kind";

}  // namespace vifchain::inline convert

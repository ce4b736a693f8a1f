// SPDX-License-Identifier: Apache-2.0
// What of this host itself lives on a link: dom0's addresses and routes, and its DHCP client.
#pragma once

#include <optional>
#include <vector>

#include "core/model/route.hpp"

namespace vifchain::inline core::inline model {

enum class Dhcp : std::uint8_t { off = 0, ipv4 = 4, ipv6 = 6, both = 10 };

inline bool wants(Dhcp dhcp, bool v6) {
  return dhcp == Dhcp::both || dhcp == (v6 ? Dhcp::ipv6 : Dhcp::ipv4);
}
inline Dhcp with(Dhcp dhcp, bool v6) {
  if (dhcp != Dhcp::off && !wants(dhcp, v6)) return Dhcp::both;
  return v6 ? Dhcp::ipv6 : Dhcp::ipv4;
}

// The clients that can serve, in the order in which they are looked for.
enum class DhcpProgram : std::uint8_t { networkd, dhcpcd, dhclient, udhcpc };

struct Hosting {
  std::vector<LinkAddress> addresses;  // sorted, marked as ours
  std::vector<Route> routes;           // sorted, marked as ours; the gateway's among them
  Dhcp dhcp = Dhcp::off;
  std::optional<DhcpProgram> dhcp_client = {};  // absent: the first that is there
  // Whether this host takes router advertisements there (SLAAC); absent: the file does not say.
  std::optional<bool> ra = {};

  [[nodiscard]] bool empty() const { return !lives_here() && !ra; }

  // Whether this host has a place of its own there.
  [[nodiscard]] bool lives_here() const {
    return !addresses.empty() || !routes.empty() || dhcp != Dhcp::off || ra == true;
  }
};

}  // namespace vifchain::inline core::inline model

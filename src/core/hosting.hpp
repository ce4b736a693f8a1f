// What of this host itself lives on a link: dom0's addresses and routes, and its DHCP client.
#pragma once

#include <vector>

#include "core/route.hpp"

namespace vifchain {

enum class Dhcp : std::uint8_t { off = 0, ipv4 = 4, ipv6 = 6, both = 10 };

struct Hosting {
  std::vector<LinkAddress> addresses;  // sorted, marked as ours
  std::vector<Route> routes;           // sorted, marked as ours; the gateway's among them
  Dhcp dhcp = Dhcp::off;

  [[nodiscard]] bool empty() const {
    return addresses.empty() && routes.empty() && dhcp == Dhcp::off;
  }
};

}  // namespace vifchain

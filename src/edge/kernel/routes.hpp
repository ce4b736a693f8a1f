// SPDX-License-Identifier: Apache-2.0
// Addresses and routes as rtnetlink messages, both ways.
#pragma once

#include <optional>
#include <vector>

#include "core/model/link.hpp"
#include "edge/netlink/rtnl.hpp"

namespace vifchain::inline edge::inline kernel {

// Whether the routes over one link: rtnetlink's questions, of one address family each.
Message ask_routes(unsigned index, int family);

// A route message (RTM_NEWROUTE) about a route over the link `index`; nothing for those of the
// local table, which come and go with addresses, and for cached ones. A route over several links is
// `foreign` on each of them.
std::optional<Route> read_route(const nlmsghdr& route_message, unsigned index);

// Marks those addresses of router advertisements that have no route to their network
// (IFA_F_NOPREFIXROUTE), so that they get none where they go.
void note_routeless(const std::vector<Route>& routes, std::vector<LinkAddress>& addresses);

// Takes out what the kernel makes of the addresses and of the link by itself
// (fib_add_ifaddr, addrconf_prefix_route).
void drop_automatic_routes(std::vector<Route>& routes,
                           const std::optional<std::vector<LinkAddress>>& addresses);

// Requests that put a route in its place, whoever has it, and that take it away.
Message put_route(unsigned index, const Route& route);
Message drop_route(unsigned index, const Route& route);

// An address message (RTM_NEWADDR): the link's index, and the address with all its traits unless it
// is IPv6 link-local.
struct ReadAddress {
  unsigned index = 0;
  std::optional<LinkAddress> address = {};
};
ReadAddress read_address(const nlmsghdr& address_message);

// Requests that give a link an address, or change the traits of one it has, and that take it away.
std::vector<Message> put_address(unsigned index, const LinkAddress& address);
Message drop_address(unsigned index, const LinkAddress& address);

}  // namespace vifchain::inline edge::inline kernel

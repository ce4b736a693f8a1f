// SPDX-License-Identifier: Apache-2.0
#include "core/plan/leaving.hpp"
#include "core/model/links.hpp"

#include <algorithm>

namespace vifchain::inline core::inline plan {
namespace {

using Addresses = std::vector<LinkAddress>;

template <class T>
bool is_among(const std::vector<T>& all, const T& one) {
  return std::ranges::find(all, one) != all.end();
}

// Whether a route needs some of these addresses, and none of the others.
bool belongs_to(const Addresses& these, const Addresses& others, const Route& route) {
  const auto is_source = [&](const LinkAddress& own) { return own.address == route.source; };
  const auto is_of_its_family = [&](const LinkAddress& own) {
    return own.address.v6 == route.to.address.v6;
  };
  if (std::ranges::any_of(these, is_source)) return true;
  if (route.via && leads_through(others, *route.via)) return false;
  if (route.via && leads_through(these, *route.via)) return true;
  return std::ranges::none_of(others, is_of_its_family);
}

}  // namespace

bool ends(const LinkAddress& address, const DhcpLeavings& left) {
  return is_ours(address) || is_among(left.addresses, address);
}

bool ends(const Route& route, const DhcpLeavings& left) {
  return is_ours(route) || is_among(left.routes, route);
}

Link what_leaves(const Link& link, const Hosting& named, const DhcpLeavings& left, bool ra_goes) {
  const auto is_left_to_ra = [&](const auto& one) {
    return is_of_ra(one) && (!ra_goes || named.ra == true);
  };
  const auto stays = [&](const LinkAddress& one) {
    return is_among(named.addresses, one) || wants(named.dhcp, one.address.v6) ||
           is_left_to_ra(one);
  };
  Link leaving = link;
  Addresses rest;
  std::ranges::copy_if(*link.addresses, std::back_inserter(rest), stays);
  std::erase_if(*leaving.addresses,
                [&](const LinkAddress& one) { return ends(one, left) || stays(one); });
  leaving.routes = routes_of(link);
  std::erase_if(*leaving.routes, [&](const Route& one) {
    return ends(one, left) || is_left_to_ra(one) || belongs_to(rest, *leaving.addresses, one);
  });
  return leaving;
}

void keep_the_rest(Link& link, const Link& have, const Link& leaving, const DhcpLeavings& left) {
  link.addresses = have.addresses;
  std::erase_if(*link.addresses, [&](const LinkAddress& one) {
    return ends(one, left) || is_among(*leaving.addresses, one);
  });
  link.routes = routes_of(have);
  std::erase_if(*link.routes, [&](const Route& one) {
    return ends(one, left) || !one.foreign.empty() || is_among(*leaving.routes, one);
  });
  hand_over_to_ra(*link.routes);
  link.keep_addresses = false;
}

}  // namespace vifchain::inline core::inline plan

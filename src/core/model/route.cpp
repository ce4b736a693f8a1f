// SPDX-License-Identifier: Apache-2.0
#include "core/model/route.hpp"

#include <algorithm>

#include "core/text/decimal.hpp"

namespace vifchain::inline core::inline model {

std::optional<LinkAddress> LinkAddress::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = IpAddress::parse(text.substr(0, slash));
  const auto length = decimal(text.substr(slash + 1));
  if (!address || !length || *length > address->bits()) return std::nullopt;
  return LinkAddress{*address, static_cast<std::uint8_t>(*length)};
}

std::string LinkAddress::str() const {
  return address.str() + "/" + std::to_string(prefix);
}

IpAddress network_of(const LinkAddress& address) {
  IpAddress network = address.address;
  for (std::size_t bit = address.prefix; bit < network.bits(); ++bit)
    network.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> bit % 8));
  return network;
}

bool contains(const LinkAddress& outer, const LinkAddress& inner) {
  return outer.address.v6 == inner.address.v6 && outer.prefix <= inner.prefix &&
         network_of({inner.address, outer.prefix}) == network_of(outer);
}

std::string Route::str() const {
  std::string text = to.prefix == 0 ? "default" : to.str();
  if (to.prefix == 0 && to.address.v6 && !(via && via->v6)) text += " (IPv6)";
  if (via) text += " via " + via->str();
  if (source) text += " src " + source->str();
  if (metric != 0 && !(to.address.v6 && metric == usual_metric6))
    text += " metric " + std::to_string(metric);
  if (table != main_table) text += " table " + std::to_string(table);
  return text;
}

bool is_ours(const LinkAddress& address) {
  return address.traits.protocol == our_protocol;
}

bool is_ours(const Route& route) {
  return route.protocol == our_protocol;
}

bool is_of_ra(const LinkAddress& address) {
  constexpr std::uint32_t manages_temporary = 0x100;  // IFA_F_MANAGETEMPADDR
  if (!address.address.v6 || is_ours(address)) return false;
  return address.traits.protocol == ra_address_protocol || is_temporary(address) ||
         (address.traits.protocol == 0 && (address.traits.flags & manages_temporary) != 0);
}

bool is_of_ra(const Route& route) {
  return route.to.address.v6 && route.protocol == ra_protocol;
}

bool is_temporary(const LinkAddress& address) {
  constexpr std::uint32_t temporary = 1;  // IFA_F_TEMPORARY
  return address.address.v6 && (address.traits.flags & temporary) != 0;
}

Route interim_of(const Route& route) {
  Route interim = route;
  interim.metric = usual_metric6 + 1;
  interim.protocol = our_protocol;
  interim.features.clear();
  if (!interim.expires.seconds) interim.expires.seconds = 1800;  // a router's usual lifetime
  return interim;
}

bool is_interim(const Route& route) {
  return route.to.address.v6 && is_ours(route) && route.via && route.expires.seconds;
}

void hand_over_to_ra(std::vector<Route>& routes) {
  for (auto& route : routes)
    if (is_of_ra(route) && route.via) route = interim_of(route);
  std::ranges::sort(routes);
  routes.erase(std::unique(routes.begin(), routes.end()), routes.end());
}

Route default_route(const IpAddress& gateway) {
  Route route{.to = {IpAddress{.v6 = gateway.v6}, 0}};
  route.via = gateway;
  if (gateway.v6) route.metric = usual_metric6;
  return route;
}

std::uint8_t scope_of(const Route& route) {
  constexpr std::uint8_t link_scope = 253;  // RT_SCOPE_LINK
  return route.to.address.v6 || route.via ? 0 : link_scope;
}

bool same_place(const Route& a, const Route& b) {
  return a.to == b.to && a.table == b.table && a.metric == b.metric && a.tos == b.tos;
}

}  // namespace vifchain::inline core::inline model

// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/routes.hpp"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>

#include "edge/netlink/new_message.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

std::optional<IpAddress> ip_in(int family, const nlattr* attribute) {
  const std::size_t size = family == AF_INET6 ? 16 : 4;
  if (attribute == nullptr || static_cast<std::size_t>(nla_len(attribute)) != size) return {};
  IpAddress address{.v6 = family == AF_INET6};
  std::memcpy(address.bytes.data(), nla_data(attribute), size);
  return address;
}

void put_ip(nl_msg& message, int attribute, const IpAddress& address) {
  put_bytes(message, attribute, address.bytes.data(), address.v6 ? 16 : 4);
}

int family_of(const IpAddress& address) {
  return address.v6 ? AF_INET6 : AF_INET;
}

// struct rtvia has no room for an address in C++.
std::optional<IpAddress> via_in(const nlattr* attribute) {
  const auto family = get<std::uint16_t>(attribute);
  if (!family) return {};
  IpAddress address{.v6 = *family == AF_INET6};
  const std::size_t size = address.v6 ? 16 : 4;
  if (static_cast<std::size_t>(nla_len(attribute)) < sizeof *family + size) return {};
  std::memcpy(address.bytes.data(), static_cast<const char*>(nla_data(attribute)) + sizeof *family,
              size);
  return address;
}

void put_via(nl_msg& message, const IpAddress& via) {
  std::array<std::uint8_t, 18> bytes{};
  const auto family = static_cast<std::uint16_t>(family_of(via));
  std::memcpy(bytes.data(), &family, sizeof family);
  std::copy(via.bytes.begin(), via.bytes.end(), bytes.begin() + sizeof family);
  put_bytes(message, RTA_VIA, bytes.data(), sizeof family + (via.v6 ? 16 : 4));
}

// What a route over another link cannot be given as it is.
std::string foreign_in(const Attributes<RTA_MAX>& all) {
  if (all[RTA_MULTIPATH] != nullptr) return "several next hops";
  if (all[RTA_NH_ID] != nullptr) return "a next hop object";
  if (all[RTA_ENCAP] != nullptr) return "an encapsulation";
  if (all[RTA_SRC] != nullptr) return "a source network";
  if (all[RTA_FLOW] != nullptr) return "a realm";
  return {};
}

// Of IPv6, in hundredths of a second (USER_HZ); 0 where it has no end.
Lifetime expiry_in(const nlattr* attribute) {
  const auto times = get<rta_cacheinfo>(attribute);
  if (!times || times->rta_expires <= 0) return {};
  return {static_cast<std::uint32_t>(times->rta_expires + 99) / 100};
}

// The call that adds an interim route has no place for our mark (edge/kernel/ipv6_settings.hpp).
bool is_as_left_by_call(const Route& route) {
  Route marked = route;
  marked.protocol = our_protocol;
  return route.protocol == boot_protocol && route.metric == usual_metric6 + 1 && is_interim(marked);
}

// All are 32-bit numbers but the name of a congestion control, which is dropped: it is that of
// connections, not of the way.
std::map<std::uint16_t, std::uint32_t> features_in(const nlattr* nest) {
  std::map<std::uint16_t, std::uint32_t> features;
  for_each_attribute(nest, [&](const nlattr& feature) {
    const auto number = static_cast<std::uint16_t>(nla_type(&feature));
    if (const auto value = get<std::uint32_t>(&feature); value && number != RTAX_CC_ALGO)
      features.emplace(number, *value);
  });
  return features;
}

Message route_message(int type, int flags, unsigned index, const Route& route) {
  rtmsg body{};
  body.rtm_family = static_cast<unsigned char>(family_of(route.to.address));
  body.rtm_dst_len = route.to.prefix;
  body.rtm_tos = route.tos;
  body.rtm_table = static_cast<unsigned char>(route.table < 256 ? route.table : RT_TABLE_COMPAT);
  body.rtm_protocol = route.protocol;
  body.rtm_scope = route.scope;
  body.rtm_type = route.type;
  body.rtm_flags = route.onlink ? RTNH_F_ONLINK : 0;
  auto message = new_message(type, NLM_F_ACK | flags, body, 512);
  if (route.to.prefix != 0) put_ip(*message, RTA_DST, route.to.address);
  put(*message, RTA_TABLE, route.table);
  put(*message, RTA_OIF, std::uint32_t{index});
  if (route.metric != 0) put(*message, RTA_PRIORITY, route.metric);
  if (route.source) put_ip(*message, RTA_PREFSRC, *route.source);
  if (route.via && route.via->v6 == route.to.address.v6)
    put_ip(*message, RTA_GATEWAY, *route.via);
  else if (route.via)
    put_via(*message, *route.via);
  if (route.expires.seconds && type == RTM_NEWROUTE)
    put(*message, RTA_EXPIRES, *route.expires.seconds);
  if (!route.features.empty()) {
    const Nest nest(*message, RTA_METRICS);
    for (const auto& [number, value] : route.features) put(*message, number, value);
  }
  return message;
}

Message address_message(int type, int flags, unsigned index, const LinkAddress& address) {
  const AddressTraits& traits = address.traits;
  ifaddrmsg body{};
  body.ifa_family = static_cast<unsigned char>(family_of(address.address));
  body.ifa_prefixlen = address.prefix;
  body.ifa_scope = traits.scope;
  body.ifa_index = index;
  auto message = new_message(type, NLM_F_ACK | flags, body, 256);
  put_ip(*message, IFA_LOCAL, address.address);
  put_ip(*message, IFA_ADDRESS, traits.peer.value_or(address.address));
  return message;
}

// Flags that say how far the kernel is with an address are not for us to set.
constexpr std::uint32_t settable_flags = IFA_F_NODAD | IFA_F_OPTIMISTIC | IFA_F_HOMEADDRESS |
                                         IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE |
                                         IFA_F_MCAUTOJOIN;

constexpr std::uint32_t forever = 0xffffffff;

bool is_of_an_address(const Route& route, const LinkAddress& address) {
  return (address.traits.flags & IFA_F_NOPREFIXROUTE) == 0 &&
         network_of(address) == route.to.address && address.prefix == route.to.prefix;
}

Message put_address(unsigned index, const LinkAddress& address, std::uint32_t flags) {
  const AddressTraits& traits = address.traits;
  auto message = address_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, index, address);
  if (traits.broadcast) put_ip(*message, IFA_BROADCAST, *traits.broadcast);
  if (!traits.label.empty() && !address.address.v6) put_text(*message, IFA_LABEL, traits.label);
  if (flags != 0) put(*message, IFA_FLAGS, flags);
  if (traits.valid || traits.preferred) {
    ifa_cacheinfo times{};
    times.ifa_valid = traits.valid.value_or(forever);
    times.ifa_prefered = traits.preferred.value_or(forever);
    put(*message, IFA_CACHEINFO, times);
  }
  if (traits.metric != 0) put(*message, IFA_RT_PRIORITY, traits.metric);
  if (traits.protocol != 0) put(*message, IFA_PROTO, traits.protocol);
  return message;
}

}  // namespace

Message ask_routes(unsigned index, int family) {
  rtmsg body{};
  body.rtm_family = static_cast<unsigned char>(family);
  auto message = new_message(RTM_GETROUTE, NLM_F_DUMP, body, 256);
  put(*message, RTA_OIF, std::uint32_t{index});
  return message;
}

std::optional<Route> read_route(const nlmsghdr& route_message, unsigned index) {
  const auto& body = *static_cast<const rtmsg*>(nlmsg_data(&route_message));
  const Attributes<RTA_MAX> all(route_message, sizeof body);
  const auto oif = get<std::uint32_t>(all[RTA_OIF]);
  if ((oif && *oif != index) || (body.rtm_flags & RTM_F_CLONED) != 0) return std::nullopt;
  Route route{.to = {IpAddress{.v6 = body.rtm_family == AF_INET6}, body.rtm_dst_len}};
  route.table = get<std::uint32_t>(all[RTA_TABLE]).value_or(body.rtm_table);
  if (route.table == RT_TABLE_LOCAL) return std::nullopt;
  if (const auto to = ip_in(body.rtm_family, all[RTA_DST])) route.to.address = *to;
  route.metric = get<std::uint32_t>(all[RTA_PRIORITY]).value_or(0);
  route.tos = body.rtm_tos;
  route.via =
      all[RTA_VIA] != nullptr ? via_in(all[RTA_VIA]) : ip_in(body.rtm_family, all[RTA_GATEWAY]);
  route.source = ip_in(body.rtm_family, all[RTA_PREFSRC]);
  route.protocol = body.rtm_protocol;
  route.scope = body.rtm_scope;
  route.type = body.rtm_type;
  route.onlink = (body.rtm_flags & RTNH_F_ONLINK) != 0;
  route.features = features_in(all[RTA_METRICS]);
  route.foreign = foreign_in(all);
  route.expires = expiry_in(all[RTA_CACHEINFO]);
  if (is_as_left_by_call(route)) route.protocol = our_protocol;
  return route;
}

// A router may give addresses of a network and not say that it is on the link: they come without
// its route, and are to go on so.
void note_routeless(const std::vector<Route>& routes, std::vector<LinkAddress>& addresses) {
  for (auto& address : addresses)
    if (is_of_ra(address) && std::ranges::none_of(routes, [&](const Route& route) {
          return !route.via && is_of_an_address(route, address);
        }))
      address.traits.flags |= IFA_F_NOPREFIXROUTE;
}

void drop_automatic_routes(std::vector<Route>& routes,
                           const std::optional<std::vector<LinkAddress>>& addresses) {
  const auto own = addresses.value_or(std::vector<LinkAddress>{});
  std::erase_if(routes, [&](const Route& route) {
    if (route.protocol != RTPROT_KERNEL || route.via) return false;
    const bool link_local = route.to.address.v6 && (route.to.address.bytes[0] == 0xfe ||
                                                    route.to.address.bytes[0] == 0xff);
    return link_local || std::ranges::any_of(own, [&](const LinkAddress& address) {
             return is_of_an_address(route, address);
           });
  });
}

Message put_route(unsigned index, const Route& route) {
  return route_message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, index, route);
}

Message drop_route(unsigned index, const Route& route) {
  return route_message(RTM_DELROUTE, 0, index, route);
}

ReadAddress read_address(const nlmsghdr& address_message) {
  const auto& body = *static_cast<const ifaddrmsg*>(nlmsg_data(&address_message));
  ReadAddress read{.index = body.ifa_index};
  if (body.ifa_family != AF_INET && body.ifa_family != AF_INET6) return read;
  if (body.ifa_family == AF_INET6 && body.ifa_scope == RT_SCOPE_LINK) return read;
  const Attributes<IFA_MAX> all(address_message, sizeof body);
  const auto local = ip_in(body.ifa_family, all[IFA_LOCAL]);
  const auto far = ip_in(body.ifa_family, all[IFA_ADDRESS]);
  if (!local && !far) return read;
  LinkAddress address{local ? *local : *far, body.ifa_prefixlen};
  AddressTraits& traits = address.traits;
  if (local && far && *far != *local) traits.peer = far;
  traits.broadcast = ip_in(body.ifa_family, all[IFA_BROADCAST]);
  traits.label = get_text(all[IFA_LABEL]);
  traits.scope = body.ifa_scope;
  traits.flags = get<std::uint32_t>(all[IFA_FLAGS]).value_or(body.ifa_flags);
  if (const auto times = get<ifa_cacheinfo>(all[IFA_CACHEINFO])) {
    if (times->ifa_valid != forever) traits.valid = times->ifa_valid;
    if (times->ifa_prefered != forever) traits.preferred = times->ifa_prefered;
  }
  traits.metric = get<std::uint32_t>(all[IFA_RT_PRIORITY]).value_or(0);
  traits.protocol = get<std::uint8_t>(all[IFA_PROTO]).value_or(0);
  read.address = std::move(address);
  return read;
}

// An IPv6 address that moves was tried before, and is needed at once (RFC 4862 section 5.4). The
// flag that says so goes with a second message, which tries nothing either (inet6_addr_modify).
std::vector<Message> put_address(unsigned index, const LinkAddress& address) {
  const std::uint32_t flags = address.traits.flags & settable_flags;
  const std::uint32_t untried = address.address.v6 ? flags | IFA_F_NODAD : flags;
  std::vector<Message> messages;
  messages.push_back(put_address(index, address, untried));
  if (untried != flags) messages.push_back(put_address(index, address, flags));
  return messages;
}

Message drop_address(unsigned index, const LinkAddress& address) {
  return address_message(RTM_DELADDR, 0, index, address);
}

}  // namespace vifchain::inline edge::inline kernel

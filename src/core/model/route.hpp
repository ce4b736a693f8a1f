// SPDX-License-Identifier: Apache-2.0
// Routes over one link, as values.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/model/name.hpp"

namespace vifchain::inline core::inline model {

// What vifchain makes itself is marked in the kernel: routes by their protocol (rtnetlink(7)),
// addresses by theirs (IFA_PROTO, Linux 5.18). 118 is 'v', which nobody else has
// (/etc/iproute2/rt_protos).
inline constexpr std::uint8_t our_protocol = 118;

// How the kernel holds an address besides the address itself (ip-address(8)); carried along where
// an address goes, never compared: lifetimes run down meanwhile.
struct AddressTraits {
  std::optional<IpAddress> peer = {}, broadcast = {};
  std::string label = {};                       // IPv4, where it is not the link's name
  std::uint8_t scope = 0;                       // RT_SCOPE_UNIVERSE
  std::uint32_t flags = 0;                      // IFA_F_*
  std::optional<std::uint32_t> valid = {};      // seconds; absent: forever
  std::optional<std::uint32_t> preferred = {};  // seconds; absent: forever
  std::uint32_t metric = 0;                     // of the route that comes with it
  std::uint8_t protocol = 0;
};

// An address a link carries, with its prefix length. Equal when the kernel takes one for the other.
struct LinkAddress {
  IpAddress address;
  std::uint8_t prefix = 0;
  AddressTraits traits = {};

  static std::optional<LinkAddress> parse(std::string_view text);  // "192.0.2.5/24"
  [[nodiscard]] std::string str() const;
  friend auto operator<=>(const LinkAddress& a, const LinkAddress& b) {
    if (const auto order = a.address <=> b.address; order != 0) return order;
    return a.prefix <=> b.prefix;
  }
  friend bool operator==(const LinkAddress& a, const LinkAddress& b) {
    return a.address == b.address && a.prefix == b.prefix;
  }
};

// The `prefix` first bits of the address, the others zero.
IpAddress network_of(const LinkAddress& address);

// Whether every address of `inner` is one of `outer`.
bool contains(const LinkAddress& outer, const LinkAddress& inner);

inline constexpr std::uint32_t main_table = 254;      // RT_TABLE_MAIN
inline constexpr std::uint32_t usual_metric6 = 1024;  // IP6_RT_PRIO_USER, where none is given

// The protocols that the kernel itself marks with what it makes: of addresses those of router
// advertisements (IFAPROT_KERNEL_RA, Linux 5.18), of routes what people add by old calls
// (RTPROT_BOOT) and those of router advertisements (RTPROT_RA).
inline constexpr std::uint8_t ra_address_protocol = 2;
inline constexpr std::uint8_t boot_protocol = 3;
inline constexpr std::uint8_t ra_protocol = 9;

// How long there is something still, in seconds; absent: forever. Never compared: it runs down.
struct Lifetime {
  std::optional<std::uint32_t> seconds = {};
  friend std::strong_ordering operator<=>(const Lifetime&, const Lifetime&) {
    return std::strong_ordering::equal;
  }
  friend bool operator==(const Lifetime&, const Lifetime&) { return true; }
};

// A route whose frames leave by one link.
struct Route {
  LinkAddress to;  // the network; with prefix 0 the default route
  std::uint32_t table = main_table;
  std::uint32_t metric = 0;
  std::uint8_t tos = 0;
  std::optional<IpAddress> via = {};     // absent: on the link itself
  std::optional<IpAddress> source = {};  // preferred
  std::uint8_t protocol = our_protocol;
  std::uint8_t scope = 0;
  std::uint8_t type = 1;  // RTN_UNICAST
  bool onlink = false;
  std::map<std::uint16_t, std::uint32_t> features = {};  // RTAX_*: mtu, advmss, …
  Lifetime expires = {};                                 // of IPv6
  std::string foreign = {};  // what it has that no other link can be given, in words; mostly empty

  [[nodiscard]] std::string str() const;  // "default via 192.0.2.1 metric 100"
  auto operator<=>(const Route&) const = default;
};

// Whether it carries our mark.
bool is_ours(const LinkAddress& address);
bool is_ours(const Route& route);

// Whether the kernel made it of a router advertisement. Where it has no mark for addresses it tells
// them by flags that only these have.
bool is_of_ra(const LinkAddress& address);
bool is_of_ra(const Route& route);

// Whether the address is a temporary one (RFC 8981), which the kernel makes beside another.
bool is_temporary(const LinkAddress& address);

// What stands in for a route that a router advertisement made, on a link where the kernel has not
// heard the router yet. Its metric is another one: a copy as it is would be taken for a route of
// somebody's at the place where the kernel wants its own, and every advertisement would be dropped
// (ndisc_router_discovery). It ends with the router's lifetime at the latest; with the first
// advertisement the kernel itself puts its own in its place, or none where the router gives up.
Route interim_of(const Route& route);
bool is_interim(const Route& route);

// Puts an interim route in the place of each that a router advertisement made.
void hand_over_to_ra(std::vector<Route>& routes);

// The default route by this gateway.
Route default_route(const IpAddress& gateway);

// How far the route leads: IPv4 tells neighbours (link) from the rest (universe).
std::uint8_t scope_of(const Route& route);

// True when the kernel puts one in the place of the other (fib_table_insert, fib6_add_rt2node).
bool same_place(const Route& a, const Route& b);

}  // namespace vifchain::inline core::inline model

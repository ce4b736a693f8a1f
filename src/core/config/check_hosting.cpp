// SPDX-License-Identifier: Apache-2.0
// Where addresses may live, and whether their gateways can be reached.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/config/assemble.hpp"
#include "core/config/complain.hpp"
#include "core/model/links.hpp"
#include "core/text/find.hpp"

namespace vifchain::inline core::inline config {
namespace {

bool is_link_local(const IpAddress& address) {
  return address.v6 && address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}

// Why no host can have this address for its own; empty when one can.
std::string why_no_host(const LinkAddress& address) {
  const auto& first = address.address.bytes[0];
  const bool multicast = address.address.v6 ? first == 0xff : first >= 224;
  if (multicast) return "is no address of one host";
  if (!address.address.v6 && first == 127) return "is a loopback address";
  const bool host_bits = address.prefix + 1 < address.address.bits();
  if (host_bits && network_of(address) == address.address)
    return "is the network, not a host in it";
  return {};
}

// As same_place() has it.
using RoutePlace = std::tuple<LinkAddress, std::uint32_t, std::uint32_t, std::uint8_t>;
RoutePlace place_of(const Route& route) {
  return {route.to, route.table, route.metric, route.tos};
}

// One link's part of the file.
class Checker {
 public:
  Checker(const HostingDraft& draft, Diagnostics& wrong) : draft_(draft), wrong_(wrong) {}

  Hosting check() {
    for (const auto& address : draft_.addresses) take_address(address);
    for (const auto& gateway : draft_.gateways) take_gateway(gateway);
    for (const auto& route : draft_.routes) take_route(route);
    hosting_.dhcp = draft_.dhcp;
    if (draft_.ra) hosting_.ra = draft_.ra->value;
    if (draft_.onlink && draft_.gateways.empty())
      complain(wrong_, draft_.onlink->place, "onlink needs gateway; a route has its own onlink");
    std::ranges::sort(hosting_.addresses);
    std::ranges::sort(hosting_.routes);
    return std::move(hosting_);
  }

 private:
  void take_address(const Written<LinkAddress>& written) {
    if (const auto why_not = why_no_host(written.value); !why_not.empty())
      return complain(wrong_, written.place, written.value.str() + " " + why_not);
    LinkAddress address = written.value;
    address.traits.protocol = our_protocol;
    hosting_.addresses.push_back(std::move(address));
  }

  // Whether the link leads there, so far as the file tells.
  bool leads_to(Place place, const IpAddress& gateway) {
    const auto is_own = [&](const auto& own) { return own.value.address == gateway; };
    if (std::ranges::any_of(draft_.addresses, is_own)) {
      complain(wrong_, place, gateway.str() + " is this host's own address");
      return false;
    }
    const auto in_network = [&](const auto& own) {
      return contains(own.value, {gateway, gateway.bits()});
    };
    if (is_link_local(gateway) || std::ranges::any_of(draft_.addresses, in_network)) return true;
    complain(wrong_, place,
             "gateway " + gateway.str() +
                 " is in none of the networks of addresses; onlink = true if it is on the link");
    return false;
  }

  void take_gateway(const Written<IpAddress>& written) {
    if (wants(draft_.dhcp, written.value.v6))
      return complain(wrong_, written.place,
                      "gateway and dhcp both give a default route; remove one, or give this one a "
                      "metric in routes");
    const bool onlink = draft_.onlink && draft_.onlink->value;
    if (!onlink && !leads_to(written.place, written.value)) return;
    Route route = default_route(written.value);
    route.onlink = onlink;
    add({std::move(route), written.place, written.text});
  }

  void take_route(const Written<Route>& written) {
    const auto& via = written.value.via;
    if (!via || written.value.onlink || leads_to(written.place, *via)) add(written);
  }

  void add(const Written<Route>& written) {
    if (!places_.insert(place_of(written.value)).second)
      return complain(wrong_, written, "second route to the same network; give it another metric");
    hosting_.routes.push_back(written.value);
  }

  const HostingDraft& draft_;
  Diagnostics& wrong_;
  Hosting hosting_;
  std::set<RoutePlace> places_;
};

// Among all links of the file.
class AllChecker {
 public:
  AllChecker(Assembly& assembly, Diagnostics& wrong) : assembly_(assembly), wrong_(wrong) {}

  void check(const LinkDraft& table) {
    if (!table.hosting.place) return;
    const auto name = *LinkName::parse(table.name);
    const auto& links = assembly_.topology.links;
    const Link* link = link_in(links, name);
    if (link == nullptr) return;
    if (link->controller)
      return complain(wrong_, *table.hosting.place,
                      table.name + " is a port of " + link->controller->str() +
                          "; put its addresses in " + file_table(links.at(*link->controller)));
    Hosting hosting = Checker(table.hosting, wrong_).check();
    refuse_twins(table, hosting);
    refuse_ipv6_where_there_is_none(table, hosting);
    if (!hosting.empty()) assembly_.topology.hosting.emplace(name, std::move(hosting));
  }

 private:
  // Those that have the same, noted in `all`, with the table among them from now on.
  template <typename Key>
  static std::vector<std::string> others_with(std::map<Key, std::vector<std::string>>& all,
                                              const Key& key, const LinkDraft& table) {
    constexpr std::size_t most_named = 4;
    auto& names = all[key];
    auto before = names;
    std::erase(before, table.name);
    if (names.size() < most_named) names.push_back(table.name);
    return before;
  }

  void refuse_twins(const LinkDraft& table, const Hosting& hosting) {
    for (const auto& address : hosting.addresses)
      for (const auto& other : others_with(addresses_, address.address, table))
        complain(wrong_, *table.hosting.place,
                 table.name + " and " + other + " both have the address " + address.address.str());
    for (const auto& route : hosting.routes)
      for (const auto& other : others_with(routes_, place_of(route), table))
        complain(wrong_, *table.hosting.place,
                 table.name + " and " + other + " both have a route to the network of \"" +
                     route.str() + "\"; give one of them another metric");
  }

  void refuse_ipv6_where_there_is_none(const LinkDraft& table, const Hosting& hosting) {
    const bool v6 = std::ranges::any_of(hosting.addresses, is_v6);
    if (!table.mtu || table.mtu->value >= least_mtu6) return;
    if (v6 || wants(hosting.dhcp, true) || hosting.ra == true)
      complain_unexpected(
          wrong_, *table.mtu, "mtu",
          "at least " + std::to_string(least_mtu6) + " for this host's IPv6 on " + table.name);
  }

  Assembly& assembly_;
  Diagnostics& wrong_;
  std::map<IpAddress, std::vector<std::string>> addresses_;  // with the links that have it
  std::map<RoutePlace, std::vector<std::string>> routes_;
};

// A bridge on which the file gives this host nothing is its guests' alone. One that asks for
// listeners needs an IPv6 address for that (br_ip6_multicast_alloc_query).
void keep_host_off(Link& bridge, bool carries_others) {
  const bool asks = integer(options_of(bridge), Option::bridge_mcast_querier) == 1;
  bridge.apart = !carries_others;
  bridge.addr_gen = asks ? AddrGen::eui64 : AddrGen::none;
  bridge.ra = false;
}

bool carries_vlans(const Topology& topology, const LinkName& bridge) {
  return std::ranges::any_of(
      topology.links, [&](const auto& entry) { return is_stacked_on(entry.second, bridge); });
}

void take_places(Topology& topology) {
  for (auto& [name, link] : topology.links) {
    const Hosting* hosting = find_in(topology.hosting, name);
    if (hosting != nullptr && hosting->ra) link.ra = hosting->ra;
    if (!is<Bridge>(link)) continue;
    if (hosting == nullptr || !hosting->lives_here())
      keep_host_off(link, carries_vlans(topology, name));
    else
      link.apart = false;
  }
  for (auto& pattern : topology.templates) keep_host_off(pattern.bridge, false);
}

}  // namespace

void check_hosting(const Draft& draft, Assembly& assembly, Diagnostics& wrong) {
  AllChecker checker(assembly, wrong);
  for (const auto& bond : draft.bonds) checker.check(bond);
  for (const auto& vlan : draft.vlans) checker.check(vlan);
  for (const auto& bridge : draft.bridges) checker.check(bridge);
  for (auto& [name, hosting] : assembly.topology.hosting) hosting.dhcp_client = draft.dhcp_client;
  for (const auto& pattern : draft.templates)
    if (pattern.hosting.place)
      complain(
          wrong, *pattern.hosting.place,
          pattern.name +
              " is a template; this host's addresses need a bridge of their own, [bridge.NAME]");
  take_places(assembly.topology);
}

}  // namespace vifchain::inline core::inline config

// SPDX-License-Identifier: Apache-2.0
// Where addresses may live, and whether their gateways can be reached.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/config/assemble.hpp"
#include "core/config/complain.hpp"

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
      complain(wrong_, draft_.onlink->place, draft_.onlink->text,
               "onlink is about the gateway, and there is none; a route has one of its own");
    std::ranges::sort(hosting_.addresses);
    std::ranges::sort(hosting_.routes);
    return std::move(hosting_);
  }

 private:
  void take_address(const Written<LinkAddress>& written) {
    if (const auto why_not = why_no_host(written.value); !why_not.empty())
      return complain(wrong_, written, written.value.str() + " " + why_not);
    LinkAddress address = written.value;
    address.traits.protocol = our_protocol;
    hosting_.addresses.push_back(std::move(address));
  }

  // Whether the link leads there, so far as the file tells.
  bool leads_to(const Word& word, const IpAddress& gateway) {
    const auto is_own = [&](const auto& own) { return own.value.address == gateway; };
    if (std::ranges::any_of(draft_.addresses, is_own)) {
      complain(wrong_, word, gateway.str() + " is this host's own address");
      return false;
    }
    const auto in_network = [&](const auto& own) {
      return contains(own.value, {gateway, gateway.bits()});
    };
    if (is_link_local(gateway) || std::ranges::any_of(draft_.addresses, in_network)) return true;
    complain(wrong_, word,
             "the gateway " + gateway.str() +
                 " is in none of the networks of addresses, so nothing leads to it; where it is on "
                 "the link all the same, write onlink = true");
    return false;
  }

  void take_gateway(const Written<IpAddress>& written) {
    if (wants(draft_.dhcp, written.value.v6))
      return complain(wrong_, written,
                      "the default route comes with dhcp; leave one of them out, or give this one "
                      "a metric in routes");
    const bool onlink = draft_.onlink && draft_.onlink->value;
    if (!onlink && !leads_to({{}, written.place, written.text}, written.value)) return;
    Route route = default_route(written.value);
    route.onlink = onlink;
    add({std::move(route), written.place, written.text});
  }

  void take_route(const Written<Route>& written) {
    const auto& via = written.value.via;
    if (!via || written.value.onlink || leads_to({{}, written.place, written.text}, *via))
      add(written);
  }

  void add(const Written<Route>& written) {
    if (!places_.insert(place_of(written.value)).second)
      return complain(wrong_, written,
                      "is a second route to the same network; give it another metric");
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
    const auto link = assembly_.topology.links.find(name);
    if (link == assembly_.topology.links.end()) return;
    if (const auto& controller = link->second.controller)
      return complain(wrong_, *table.hosting.place, table.name,
                      "is a port of " + controller->str() +
                          ", and addresses on it would be deaf: "
                          "they go to [" +
                          table_of(*controller) + "." + controller->str() + "]");
    Hosting hosting = Checker(table.hosting, wrong_).check();
    refuse_twins(table, hosting);
    refuse_ipv6_where_there_is_none(table, hosting);
    if (!hosting.empty()) assembly_.topology.hosting.emplace(name, std::move(hosting));
  }

 private:
  [[nodiscard]] std::string table_of(const LinkName& name) const {
    const auto& kind = assembly_.topology.links.at(name).kind;
    return std::holds_alternative<Bond>(kind) ? "bond" : "bridge";
  }

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
        complain(wrong_, *table.hosting.place, table.name,
                 "has the address " + address.address.str() + ", which " + other + " has too");
    for (const auto& route : hosting.routes)
      for (const auto& other : others_with(routes_, place_of(route), table))
        complain(wrong_, *table.hosting.place, table.name,
                 "has the route \"" + route.str() + "\", and " + other +
                     " has one to the same network; give one of them another metric");
  }

  void refuse_ipv6_where_there_is_none(const LinkDraft& table, const Hosting& hosting) {
    const bool v6 =
        std::ranges::any_of(hosting.addresses, [](const LinkAddress& a) { return a.address.v6; });
    if (!table.mtu || table.mtu->value >= least_mtu6) return;
    if (v6 || wants(hosting.dhcp, true) || hosting.ra == true)
      complain(wrong_, *table.mtu,
               "with an mtu below " + std::to_string(least_mtu6) + " " + table.name +
                   " has no IPv6, and this host is to have some on it");
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
  return std::ranges::any_of(topology.links, [&](const auto& entry) {
    const auto* parent = parent_of(entry.second);
    return parent != nullptr && *parent == bridge;
  });
}

void take_place(const Hosting* hosting, Link& bridge, bool carries_others) {
  if (hosting == nullptr || !hosting->lives_here()) return keep_host_off(bridge, carries_others);
  bridge.apart = false;
}

void take_places(Topology& topology) {
  for (auto& [name, link] : topology.links) {
    const auto hosting = topology.hosting.find(name);
    if (hosting != topology.hosting.end() && hosting->second.ra) link.ra = hosting->second.ra;
    if (std::holds_alternative<Bridge>(link.kind))
      take_place(hosting == topology.hosting.end() ? nullptr : &hosting->second, link,
                 carries_vlans(topology, name));
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
      complain(wrong, *pattern.hosting.place, pattern.name,
               "is a template; this host's addresses need a bridge of their own, [bridge.NAME]");
  take_places(assembly.topology);
}

}  // namespace vifchain::inline core::inline config

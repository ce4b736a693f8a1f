// SPDX-License-Identifier: Apache-2.0
// What each type that is kept in files is made of, and the words for what is a number in it: for
// link_json.cpp and serialize.cpp alone.
#pragma once

#include <array>
#include <concepts>

#include "core/model/topology.hpp"
#include "core/plan/rollback_record.hpp"

namespace vifchain::inline edge::inline state {

template <class T, class Of>
concept IsA = std::same_as<std::remove_const_t<T>, Of>;

// --- the members of each type; a structured binding has to name them all

void members(auto& f, IsA<AddressTraits> auto& of) {
  auto& [peer, broadcast, label, scope, flags, valid, preferred, metric, protocol] = of;
  f("peer", peer), f("broadcast", broadcast), f("label", label), f("scope", scope);
  f("flags", flags), f("valid", valid), f("preferred", preferred), f("metric", metric);
  f("protocol", protocol);
}
void members(auto& f, IsA<LinkAddress> auto& of) {
  auto& [address, prefix, traits] = of;
  f("address", address), f("prefix", prefix), f("traits", traits);
}
void members(auto& f, IsA<Lifetime> auto& of) {
  auto& [seconds] = of;
  f("seconds", seconds);
}
void members(auto& f, IsA<Route> auto& of) {
  auto& [to, table, metric, tos, via, source, protocol, scope, type, onlink, features, expires,
         foreign] = of;
  f("to", to), f("table", table), f("metric", metric), f("tos", tos), f("via", via);
  f("source", source), f("protocol", protocol), f("scope", scope), f("type", type);
  f("onlink", onlink), f("features", features), f("expires", expires), f("foreign", foreign);
}
void members(auto& f, IsA<PortVlan> auto& of) {
  auto& [id, pvid, untagged] = of;
  f("id", id), f("pvid", pvid), f("untagged", untagged);
}
void members(auto& f, IsA<FdbEntry> auto& of) {
  auto& [mac, vlan] = of;
  f("mac", mac), f("vlan", vlan);
}
void members(auto& f, IsA<SlbRules> auto& of) {
  auto& [ports, spoilt] = of;
  f("ports", ports), f("spoilt", spoilt);
}
void members(auto& f, IsA<PortFilter> auto& of) {
  auto& [mode, mac, addresses, routers, owner, bridge, spoilt] = of;
  f("mode", mode), f("mac", mac), f("addresses", addresses), f("routers", routers);
  f("owner", owner), f("bridge", bridge), f("spoilt", spoilt);
}
void members(auto& f, IsA<Birth> auto& of) {
  auto& [options, mac, mtu] = of;
  f("options", options), f("mac", mac), f("mtu", mtu);
}
void members(auto&, IsA<Given> auto&) {}
void members(auto& f, IsA<Bond> auto& of) {
  auto& [options] = of;
  f("options", options);
}
void members(auto& f, IsA<Bridge> auto& of) {
  auto& [options] = of;
  f("options", options);
}
void members(auto& f, IsA<Vlan> auto& of) {
  auto& [parent, id, protocol, options] = of;
  f("parent", parent), f("id", id), f("protocol", protocol), f("options", options);
}
void members(auto& f, IsA<Link> auto& of) {
  auto& [name, kind, controller, keep_controller, may_leave, port, vlans, fdb, mtu, mac, up,
         addr_gen, secret, ra, apart, addresses, routes, keep_addresses, slb, filter, rate, birth,
         permanent_mac, ours] = of;
  f("name", name), f("kind", kind), f("controller", controller);
  f("keep_controller", keep_controller), f("may_leave", may_leave), f("port", port);
  f("vlans", vlans), f("fdb", fdb), f("mtu", mtu), f("mac", mac), f("up", up);
  f("addr_gen", addr_gen), f("secret", secret), f("ra", ra), f("apart", apart);
  f("addresses", addresses), f("routes", routes), f("keep_addresses", keep_addresses);
  f("slb", slb), f("filter", filter), f("rate", rate), f("birth", birth);
  f("permanent_mac", permanent_mac), f("ours", ours);
}
void members(auto& f, IsA<VifPolicy> auto& of) {
  auto& [antispoof, isolated, learning, bpdu_guard, mcast_flood, flood, ipv6_link_local, wait,
         receive_rate, routers] = of;
  f("antispoof", antispoof), f("isolated", isolated), f("learning", learning);
  f("bpdu_guard", bpdu_guard), f("mcast_flood", mcast_flood), f("flood", flood);
  f("ipv6_link_local", ipv6_link_local), f("wait", wait), f("receive_rate", receive_rate);
  f("routers", routers);
}
void members(auto& f, IsA<Teardown> auto& of) {
  auto& [last_vif, linger] = of;
  f("last_vif", last_vif), f("linger", linger);
}
void members(auto& f, IsA<Chain> auto& of) {
  auto& [bridge, links, ports, policy, teardown] = of;
  f("bridge", bridge), f("links", links), f("ports", ports), f("policy", policy);
  f("teardown", teardown);
}
void members(auto& f, IsA<DhcpClient> auto& of) {
  auto& [program, link, v6, pid, ours, found] = of;
  f("program", program), f("link", link), f("v6", v6), f("pid", pid), f("ours", ours);
  f("found", found);
}
void members(auto& f, IsA<FileState> auto& of) {
  auto& [text, mode, uid, gid] = of;
  f("mode", mode), f("uid", uid), f("gid", gid), f("text", text);
}
void members(auto& f, IsA<AppliedFile> auto& of) {
  auto& [path, then, before] = of;
  f("path", path), f("then", then), f("before", before);
}
void members(auto& f, IsA<Opener> auto& of) {
  auto& [pid, user, terminal, command, time] = of;
  f("pid", pid), f("user", user), f("terminal", terminal), f("command", command), f("time", time);
}
void members(auto& f, IsA<RollbackRecord> auto& of) {
  auto& [phase, opened, program, boot, window, until, until_uptime, files, goal, clients, tries,
         trouble] = of;
  f("phase", phase), f("opened", opened), f("program", program), f("boot", boot);
  f("window", window), f("until", until), f("until_uptime", until_uptime), f("files", files);
  f("clients", clients), f("tries", tries), f("trouble", trouble), f("links", goal);
}

// What a new value has: what a member is left out for.
template <class T>
T fresh() {
  return T{};
}
template <>
inline LinkName fresh() {
  return LinkName::parse("-").value();
}
template <>
inline VlanId fresh() {
  return VlanId::from(1).value();
}
template <>
inline Link fresh() {
  return {.name = fresh<LinkName>()};
}
template <>
inline Chain fresh() {
  return {.bridge = fresh<LinkName>(), .links = {}, .ports = {}};
}
template <>
inline PortVlan fresh() {
  return {.id = fresh<VlanId>()};
}
template <>
inline Vlan fresh() {
  return {.parent = fresh<LinkName>(), .id = fresh<VlanId>()};
}

// --- words for what is a number in the program

template <class Enum>
struct Words;
template <>
struct Words<AddrGen> {
  static constexpr std::array all{"eui64", "none", "stable-privacy", "random"};
};
template <>
struct Words<Antispoof> {
  static constexpr std::array all{"off", "mac", "mac-ip", "closed"};
};
template <>
struct Words<DhcpProgram> {
  static constexpr std::array all{"networkd", "dhcpcd", "dhclient", "udhcpc"};
};
template <>
struct Words<Phase> {
  static constexpr std::array all{"changing", "undoing", "waiting", "confirmed", "going back"};
};
template <>
struct Words<Owner> {
  static constexpr std::array all{"bond", "vlan", "bridge", "port", "bond_port"};
};
inline constexpr std::array kinds{"given", "bond", "vlan", "bridge"};  // by Kind::index()

template <class Enum>
concept Worded = std::is_enum_v<Enum> && requires {
  Words<Enum>::all;
};

// Whatever has members() above.
struct Probe {
  template <class T>
  void operator()(const char*, T&);
};
template <class T>
concept Structured = requires(T& value, Probe& probe) {
  members(probe, value);
};

}  // namespace vifchain::inline edge::inline state

// SPDX-License-Identifier: Apache-2.0
#include "core/filter/port_filter_rules.hpp"

#include <algorithm>
#include <cstring>

#include "core/text/escape.hpp"
#include "core/text/hash.hpp"

namespace vifchain::inline core::inline filter {
namespace {

// Offsets in bits: @nh,64,48 is the sender's MAC in ARP; @th,64,128 the target of a neighbour
// solicitation or advertisement, @th,192,16 the type and length of the option behind it, @th,208,48
// the MAC in that; in a router solicitation the option comes at @th,64,16 (RFC 826, RFC 4861).
// Raw, because nft 1.0.6 has no names for some, and because others would only match without a VLAN
// tag: those rules begin with `meta protocol` in place of `ether type`.
//
// A rule whose header is not there, or is cut off, does not match: what must be there is asked for
// by a rule that lets pass, and the chain ends with drop.
constexpr std::string_view sets = R"(
  set guarded { type ifname; }
  map mode { type ifname : verdict; }
  map places { type ifname : verdict; }
  set macs { typeof iifname . ether saddr; }
  set macs_inside { typeof iifname . @nh,64,48; }
  set own_ip4 { typeof iifname . ip saddr; }
  set own_ip4_nets { typeof iifname . ip saddr; flags interval; }
  set own_ip6 { typeof iifname . ip6 saddr; }
  set own_ip6_nets { typeof iifname . ip6 saddr; flags interval; }
  set targets { typeof iifname . @th,64,128; }
  set target_nets { typeof iifname . @th,64,128; flags interval; }
  set routers4 { typeof iifname . ip saddr; }
  set routers6 { typeof iifname . ip6 saddr; }
  set router_targets { typeof iifname . @th,64,128; }
)";

constexpr std::string_view drop_unknown = R"(
    meta ibrname @guarded jump unknown
)";

constexpr std::string_view chains = R"(
  chain unknown {
    iifname "vif*" counter drop comment "a guest's port without a filter"
    iifname "tap*" counter drop comment "a guest's port without a filter"
  }
  chain closed {
    counter drop
  }
  chain mac {
    jump sender
    meta protocol { 8021q, 8021ad, 0x9100 } counter drop comment "two VLAN tags"
    meta protocol arp jump arp_sender
    meta protocol ip jump no_server4
    meta protocol ip6 jump no_server6
    accept
  }
  chain mac_ip {
    jump sender
    ether type vmap { arp : goto arp_own, ip : goto ip4_own, ip6 : goto ip6_own }
    counter drop comment "neither ARP nor IP, or in a VLAN"
  }
  chain sender {
    ether daddr & ff:ff:ff:ff:ff:f0 == 01:80:c2:00:00:00 counter drop comment "between switches"
    iifname . ether saddr != @macs counter drop comment "another MAC"
  }

  chain arp_sender {
    @nh,0,48 0x000108000604 @nh,48,16 { 1, 2 } iifname . @nh,64,48 @macs_inside return
    counter drop comment "another MAC in ARP, or no proper ARP"
  }
  chain arp_own {
    jump arp_sender
    arp operation request arp saddr ip 0.0.0.0 accept comment "a probe, RFC 5227"
    iifname . arp saddr ip @routers4 counter drop comment "a router's address in ARP"
    iifname . arp saddr ip @own_ip4 accept
    iifname . arp saddr ip @own_ip4_nets accept
    counter drop comment "another address in ARP"
  }

  chain no_server4 {
    udp sport 67 counter drop comment "a DHCP server"
    udp dport 68 counter drop comment "a DHCP server"
    meta l4proto icmp @th,0,8 { 5, 9 } counter drop comment "a redirect or router"
    meta l4proto igmp @th,0,8 0x11 counter drop comment "a multicast router"
  }
  chain ip4_own {
    jump no_server4
    ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp sport 68 udp dport 67 accept
    iifname . ip saddr @routers4 counter drop comment "a router's address"
    iifname . ip saddr @own_ip4 accept
    iifname . ip saddr @own_ip4_nets accept
    counter drop comment "another IPv4 address"
  }

  chain no_server6 {
    meta protocol ip6 exthdr frag exists jump fragment
    meta l4proto vmap { icmpv6 : goto icmp6, udp : goto udp6 }
    meta l4proto != 255 return
    counter drop comment "no end of extension headers"
  }
  chain fragment {
    meta protocol ip6 frag frag-off != 0 return
    meta l4proto icmpv6 @th,0,8 { 1, 2, 3, 4, 128, 129 } return
    meta l4proto udp udp dport != 0 return
    meta l4proto != { icmpv6, udp } return
    counter drop comment "a first fragment that hides what it is, RFC 6980 and RFC 7112"
  }
  chain udp6 {
    udp sport 547 counter drop comment "a DHCPv6 server"
    udp dport 546 counter drop comment "a DHCPv6 server"
  }
  chain icmp6 {
    @th,0,8 { 134, 137, 138 } counter drop comment "a router or redirect"
    @th,0,8 { 130, 151 } counter drop comment "a multicast router"
    @th,0,8 vmap { 133 : goto solicitation, 135 : goto neighbour, 136 : goto neighbour }
  }
  chain solicitation {
    @nh,48,8 58 @nh,32,16 8 return
    @nh,48,8 58 @nh,32,16 16 @th,64,16 0x0101 iifname . @th,80,48 @macs_inside return
    counter drop comment "another MAC in a router solicitation, or no proper one"
  }
  chain neighbour {
    @nh,48,8 58 @nh,32,16 24 return
    @nh,48,8 58 @nh,32,16 32 @th,192,16 { 0x0101, 0x0201 } iifname . @th,208,48 @macs_inside return
    @nh,48,8 58 @nh,32,16 32 @th,192,16 0x0e01 @th,0,8 135 return comment "a nonce, RFC 7527"
    counter drop comment "another MAC in neighbour discovery, or no proper one"
  }
  chain ip6_own {
    jump no_server6
    meta l4proto icmpv6 @th,0,8 136 jump target
    ip6 saddr :: goto unspecified
    iifname . ip6 saddr @routers6 counter drop comment "a router's address"
    ip6 saddr fe80::/10 accept
    iifname . ip6 saddr @own_ip6 accept
    iifname . ip6 saddr @own_ip6_nets accept
    counter drop comment "another IPv6 address"
  }
  chain unspecified {
    meta l4proto icmpv6 @th,0,8 { 131, 133, 143 } accept comment "joins a group, asks for routers"
    meta l4proto icmpv6 @th,0,8 135 jump target
    meta l4proto icmpv6 @th,0,8 135 accept comment "asks whether its own address is free"
    counter drop comment "no IPv6 address"
  }
  chain target {
    iifname . @th,64,128 @router_targets counter drop comment "a router's, in neighbour discovery"
    @th,64,10 0x3fa return comment "fe80::/10"
    iifname . @th,64,128 @targets return
    iifname . @th,64,128 @target_nets return
    counter drop comment "another address in neighbour discovery"
  }
)";

constexpr std::string_view family_and_name = "bridge vifchain";

std::string raw(std::string_view bytes) {
  return "0x" + hex(bytes);
}

std::string address_text(std::string_view bytes) {
  IpAddress address{.v6 = bytes.size() == 16};
  std::memcpy(address.bytes.data(), bytes.data(), std::min(bytes.size(), address.bytes.size()));
  return address.str();
}

std::string mac_text(std::string_view bytes) {
  Mac mac;
  std::memcpy(mac.bytes.data(), bytes.data(), std::min(bytes.size(), mac.bytes.size()));
  return mac.str();
}

// What stands behind the port in a key.
std::string field_text(std::string_view set, std::string_view bytes) {
  if (set == "macs") return mac_text(bytes);
  if (set == "macs_inside") return raw(bytes.substr(0, 6));
  const bool is_raw = set.starts_with("target") || set == "router_targets";
  return is_raw ? raw(bytes) : address_text(bytes);
}

std::string key_text(const FilterElement& element) {
  const auto port = link_in_key(element.key);
  const auto size = link_key(*port).size();
  std::string text = quoted(port->str());
  const auto field = std::string_view(element.key).substr(size);
  if (!field.empty()) text += " . " + field_text(element.set, field);
  if (!element.end.empty())
    text += "-" + field_text(element.set, std::string_view(element.end).substr(size));
  if (!element.comment.empty()) text += " comment " + quoted(element.comment);
  return text;
}

std::string data_text(const FilterElement& element) {
  return element.verdict.empty() ? "" : " : goto " + element.verdict;
}

std::string change(std::string_view verb, std::string_view set, const std::string& element) {
  return std::string(verb) + " element " + std::string(family_and_name) + " " + std::string(set) +
         " { " + element + " }\n";
}

std::string change_chain(std::string_view verb, const std::string& chain) {
  return std::string(verb) + " chain " + std::string(family_and_name) + " " + chain + "\n";
}

}  // namespace

// What is to be deleted has to be there.
std::string no_table() {
  const std::string table = "table " + std::string(family_and_name);
  return "add " + table + "\ndelete " + table + "\n";
}

std::string fresh_table(Unknown unknown) {
  std::string text = no_table() + "table " + std::string(family_and_name) + " {";
  text += sets;
  text += "\n  chain prerouting {\n";
  text += "    type filter hook prerouting priority -350; policy accept;\n";
  text += "    iifname vmap @mode";
  if (unknown == Unknown::dropped) text += drop_unknown;
  text += "\n  }";
  text += chains;
  return text + "}\n";
}

std::uint64_t rules_version() {
  return hash(fresh_table(Unknown::dropped) + fresh_table(Unknown::passed));
}

std::string seal_chain(std::uint64_t fingerprint) {
  return "seal_" + hex({reinterpret_cast<const char*>(&fingerprint), sizeof fingerprint});
}

std::string add_chain(const std::string& chain) {
  return change_chain("add", chain);
}

std::string add_element(const FilterElement& element) {
  return change("add", element.set, key_text(element) + data_text(element));
}

std::string delete_element(const FilterElement& element) {
  FilterElement key = element;
  key.comment.clear();
  return change("delete", element.set, key_text(key) + data_text(key));
}

std::string guard_bridge(const LinkName& bridge) {
  return change_chain("add", bridge_chain(bridge)) + change("add", "guarded", quoted(bridge.str()));
}

std::string release_bridge(const LinkName& bridge) {
  return change("add", "guarded", quoted(bridge.str())) +
         change("delete", "guarded", quoted(bridge.str())) +
         change_chain("delete", bridge_chain(bridge));
}

}  // namespace vifchain::inline core::inline filter

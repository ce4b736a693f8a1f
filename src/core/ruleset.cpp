#include "core/ruleset.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/hash.hpp"

namespace vifchain {
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
  set macs { typeof iifname . ether saddr; }
  set macs_inside { typeof iifname . @nh,64,48; }
  set own_ip4 { typeof iifname . ip saddr; }
  set own_ip4_nets { typeof iifname . ip saddr; flags interval; }
  set own_ip6 { typeof iifname . ip6 saddr; }
  set own_ip6_nets { typeof iifname . ip6 saddr; flags interval; }
  set targets { typeof iifname . @th,64,128; }
  set target_nets { typeof iifname . @th,64,128; flags interval; }
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
    iifname . @th,64,128 @targets return
    iifname . @th,64,128 @target_nets return
    counter drop comment "another address in neighbour discovery"
  }
)";

constexpr std::string_view family_and_name = "bridge vifchain";

std::string stamp_chain(std::uint32_t stamp) {
  return "stamp_" + std::to_string(stamp);
}

template <class Bytes>
std::string raw(const Bytes& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "0x";
  for (const std::uint8_t byte : bytes) (text += digits[byte >> 4]) += digits[byte & 15];
  return text;
}

std::string quoted(const LinkName& name) {
  return '"' + name.str() + '"';
}

bool is_host(const LinkAddress& address) {
  return address.prefix == address.address.bits();
}

IpAddress highest_of(const LinkAddress& network) {
  IpAddress address = network.address;
  for (std::size_t bit = network.prefix; bit < address.bits(); ++bit)
    address.bytes[bit / 8] |= static_cast<std::uint8_t>(0x80U >> bit % 8);
  return address;
}

// Without those that lie in another one: networks in a set must not overlap.
std::vector<LinkAddress> outermost(const std::vector<LinkAddress>& addresses) {
  std::vector<LinkAddress> kept;
  for (const auto& address : addresses) {
    const LinkAddress candidate{network_of(address), address.prefix};
    const auto covers = [&](const LinkAddress& other) { return contains(other, candidate); };
    if (std::ranges::any_of(kept, covers)) continue;
    std::erase_if(kept, [&](const LinkAddress& other) { return contains(candidate, other); });
    kept.push_back(candidate);
  }
  return kept;
}

// One element of a set, and which set.
using Element = std::pair<std::string_view, std::string>;

void add_address(std::vector<Element>& elements, const std::string& port, const LinkAddress& one) {
  const bool v6 = one.address.v6, host = is_host(one);
  const auto text = one.address.str() + (host ? "" : "/" + std::to_string(one.prefix));
  elements.emplace_back(
      v6 ? (host ? "own_ip6" : "own_ip6_nets") : (host ? "own_ip4" : "own_ip4_nets"),
      port + " . " + text);
  if (!v6) return;
  const auto first = raw(one.address.bytes);
  const auto range = host ? first : first + "-" + raw(highest_of(one).bytes);
  elements.emplace_back(host ? "targets" : "target_nets", port + " . " + range);
}

std::string_view chain_of(Antispoof mode) {
  switch (mode) {
    case Antispoof::mac:
      return "mac";
    case Antispoof::mac_ip:
      return "mac_ip";
    case Antispoof::off:
    case Antispoof::closed:
      return "closed";
  }
  return "closed";
}

std::vector<Element> elements_of(const Guard& guard) {
  const auto port = quoted(guard.port);
  std::vector<Element> elements{{"mode", port + " : goto " + std::string(chain_of(guard.mode))}};
  if (guard.mode != Antispoof::mac && guard.mode != Antispoof::mac_ip) return elements;
  elements.emplace_back("macs", port + " . " + guard.mac.str());
  elements.emplace_back("macs_inside", port + " . " + raw(guard.mac.bytes));
  if (guard.mode == Antispoof::mac) return elements;
  auto addresses = guard.addresses;
  addresses.push_back({link_local_of(guard.mac), 128});
  for (const auto& address : outermost(addresses)) add_address(elements, port, address);
  return elements;
}

std::string change(std::string_view verb, std::string_view set, const std::string& element) {
  return std::string(verb) + " element " + std::string(family_and_name) + " " + std::string(set) +
         " { " + element + " }\n";
}

// Only what is there can be deleted.
std::string remove(std::string_view set, const std::string& element) {
  return change("add", set, element) + change("delete", set, element);
}

}  // namespace

// What is to be deleted has to be there.
std::string no_table() {
  const std::string table = "table " + std::string(family_and_name);
  return "add " + table + "\ndelete " + table + "\n";
}

std::string fresh_table(Unknown unknown, std::uint32_t stamp) {
  std::string text = no_table() + "table " + std::string(family_and_name) + " {\n";
  text += "  chain " + stamp_chain(stamp) + " {}\n  map stamp { type mark : verdict; }";
  text += sets;
  text += "\n  chain prerouting {\n";
  text += "    type filter hook prerouting priority -350; policy accept;\n";
  text += "    iifname vmap @mode";
  if (unknown == Unknown::dropped) text += drop_unknown;
  text += "\n  }";
  text += chains;
  return text + "}\n";
}

std::uint64_t table_version(Unknown unknown) {
  return hash(fresh_table(unknown, 0));
}

// Nobody looks at this map: its element names a chain that only this table has. Nothing is deleted
// for it, because then the kernel would make us wait for the end of a grace period when we close
// the door (nft_rcv_nl_event in net/netfilter/nf_tables_api.c).
std::string only_if_stamped(std::uint32_t stamp) {
  return change("add", "stamp", "1 : goto " + stamp_chain(stamp));
}

std::string let_in(const Guard& guard) {
  std::string text = change("add", "guarded", quoted(guard.bridge));
  for (const auto& [set, element] : elements_of(guard)) text += change("add", set, element);
  return text;
}

std::string take_out(const Guard& guard) {
  std::string text;
  for (const auto& [set, element] : elements_of(guard)) text += remove(set, element);
  return text;
}

std::string release(const LinkName& bridge) {
  return remove("guarded", quoted(bridge));
}

}  // namespace vifchain

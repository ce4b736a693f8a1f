// SPDX-License-Identifier: Apache-2.0
#include "filter_frames.hpp"

#include <algorithm>

#include "netns.hpp"

namespace vifchain::test {
namespace {

constexpr Mac guest{{2, 0, 0, 0, 0, 5}}, neighbour{{2, 0, 0, 0, 0, 6}}, router{{2, 0, 0, 0, 0, 1}};

const IpAddress own4 = ip("192.0.2.5"), other4 = ip("192.0.2.6"), router4 = ip("192.0.2.1");
const IpAddress none4 = ip("0.0.0.0"), all4 = ip("255.255.255.255");
const IpAddress own6 = ip("2001:db8::5"), other6 = ip("2001:db8::6"), none6 = ip("::");
const IpAddress own_local = ip("fe80::ff:fe00:5"), other_local = ip("fe80::ff:fe00:6");
const IpAddress router_in_network = ip("198.51.100.14"), router_local = ip("fe80::1");
const IpAddress all_nodes = ip("ff02::1"), all_routers = ip("ff02::2");

// RFC 2464 section 7.
Mac group_mac(const IpAddress& group) {
  return {{0x33, 0x33, group.bytes[12], group.bytes[13], group.bytes[14], group.bytes[15]}};
}

Mac mac_for(const IpAddress& to) {
  if (to == all4) return everybody;
  return to.v6 && to.bytes[0] == 0xff ? group_mac(to) : router;
}

Bytes v4(const Bytes& packet, const Mac& to = router) {
  return frame(to, guest, type_ip4, packet);
}

Bytes v6(const IpAddress& to, const Bytes& packet) {
  return frame(mac_for(to), guest, type_ip6, packet);
}

Bytes udp4(const IpAddress& from, const IpAddress& to, std::uint16_t source = 4000,
           std::uint16_t destination = 4001) {
  return v4(ip4(from, to, udp, udp_between(from, to, source, destination, {1, 2, 3, 4})),
            mac_for(to));
}

Bytes udp6(const IpAddress& from, const IpAddress& to, std::uint16_t source = 4000,
           std::uint16_t destination = 4001) {
  return v6(to, ip6(from, to, udp, udp_between(from, to, source, destination, {1, 2, 3, 4})));
}

Bytes arp_frame(const Arp& content) {
  return frame(content.operation == 1 ? everybody : router, guest, type_arp, arp(content));
}

Bytes nd(const IpAddress& from, const IpAddress& to, std::uint8_t type, const Bytes& rest) {
  return v6(to, ip6(from, to, icmp6, icmp6_between(from, to, type, rest)));
}

Bytes solicit(const IpAddress& from, const IpAddress& target, const Bytes& options) {
  return nd(from, all_nodes, 135, join({zeros(4), bytes_of(target), options}));
}

Bytes advertise(const IpAddress& from, const IpAddress& target, const Bytes& options) {
  return nd(from, all_nodes, 136, join({{0x60, 0, 0, 0}, bytes_of(target), options}));
}

Bytes source_mac(const Mac& mac) {
  return nd_option(1, bytes_of(mac));
}
Bytes target_mac(const Mac& mac) {
  return nd_option(2, bytes_of(mac));
}
const Bytes nonce = nd_option(14, {1, 2, 3, 4, 5, 6});

Bytes advertisement_of_a_router() {
  return icmp6_between(own_local, all_nodes, 134, join({{64, 0, 0xff, 0xff}, zeros(8)}));
}

Bytes router_advertisement() {
  return v6(all_nodes, ip6(own_local, all_nodes, icmp6, advertisement_of_a_router()));
}

Bytes dhcp_answer(std::uint16_t source) {
  return udp4(own4, all4, source, 68);
}

Bytes group_report(const IpAddress& from) {
  const IpAddress to = ip("ff02::16");
  const Bytes record = join({{4, 0, 0, 0}, bytes_of(ip("ff02::1:ff00:5"))});
  const Bytes report = icmp6_between(from, to, 143, join({{0, 0, 0, 1}, record}));
  return v6(to, ip6(from, to, 0, join({{icmp6, 0, 5, 2, 0, 0, 1, 0}, report})));
}

}  // namespace

PortFilter guest_filter(const std::string& owner, const std::string& bridge, Antispoof mode) {
  PortFilter filter{.mode = mode, .owner = name(owner), .bridge = name(bridge)};
  if (mode != Antispoof::closed) filter.mac = guest;
  if (mode != Antispoof::mac_ip) return filter;
  filter.addresses = {{own4, 32}, {ip("198.51.100.0"), 28}, {own6, 128}, {ip("2001:db8:5::"), 64}};
  std::ranges::sort(filter.addresses);
  filter.routers = {router_in_network, router_local};
  return filter;
}

std::vector<Sent> forged_macs() {
  const Bytes lying = udp4(own4, router4);
  const auto from = [](const Mac& mac, Bytes bytes) {
    std::copy(mac.bytes.begin(), mac.bytes.end(), bytes.begin() + 6);
    return bytes;
  };
  return {
      {"another MAC", from(neighbour, lying)},
      {"another MAC, to everybody", from(neighbour, udp4(own4, all4))},
      {"another MAC in a VLAN", tagged(from(neighbour, lying), 0x8100, 7)},
      {"another MAC in ARP", arp_frame({.operation = 2, .sender = neighbour, .sender_ip = own4})},
      {"ARP of another kind of hardware",
       arp_frame({.sender = guest, .sender_ip = own4, .hardware = 6})},
      {"ARP with MACs of another size",
       arp_frame({.sender = guest, .sender_ip = own4, .mac_size = 8})},
      {"reverse ARP", arp_frame({.operation = 3, .sender = guest, .sender_ip = own4})},
      {"inverse ARP", arp_frame({.operation = 8, .sender = guest, .sender_ip = own4})},
      {"a DHCP answer", dhcp_answer(67)},
      {"a DHCP answer from another port", dhcp_answer(1067)},
      {"a DHCP answer to a relay", udp4(own4, router4, 67, 67)},
      {"a DHCP answer with a priority", tagged(dhcp_answer(67), 0x8100, 0x2000)},
      {"a redirect",
       v4(ip4(own4, other4, icmp,
              icmp4(5, 1, join({bytes_of(own4), ip4(other4, router4, udp, zeros(8))}))))},
      {"a router's advertisement of IPv4",
       v4(ip4(own4, ip("224.0.0.1"), icmp,
              icmp4(9, 0, join({{1, 2, 0, 60}, bytes_of(own4), zeros(4)}))),
          everybody)},
      {"a query for groups",
       v4(ip4(own4, ip("224.0.0.1"), igmp, icmp4(0x11, 100, zeros(4))), everybody)},
      {"a router advertisement", router_advertisement()},
      {"a router advertisement with a priority", tagged(router_advertisement(), 0x8100, 0x2000)},
      {"a router advertisement with two priorities",
       tagged(tagged(router_advertisement(), 0x8100, 0), 0x8100, 0)},
      {"a router advertisement in a provider's VLAN inside of a VLAN",
       tagged(tagged(router_advertisement(), 0x88a8, 7), 0x8100, 8)},
      {"a router advertisement behind the tag of old providers",
       tagged(router_advertisement(), 0x9100, 7)},
      {"a router advertisement behind options",
       v6(all_nodes,
          ip6(own_local, all_nodes, options, padding(icmp6, advertisement_of_a_router())))},
      {"a router advertisement in fragments",
       v6(all_nodes, ip6(own_local, all_nodes, fragments,
                         fragment(icmp6, advertisement_of_a_router(), {.more = true})))},
      {"a fragment that hides a router advertisement",
       v6(all_nodes, ip6(own_local, all_nodes, fragments,
                         fragment(options, padding(icmp6, {}), {.more = true})))},
      {"a redirect of IPv6",
       nd(own_local, other6, 137, join({zeros(4), bytes_of(own_local), bytes_of(other6)}))},
      {"an order that renumbers routers", nd(own_local, all_nodes, 138, zeros(12))},
      {"a query for groups of IPv6", nd(own_local, all_nodes, 130, zeros(20))},
      {"a multicast router's advertisement", nd(own_local, ip("ff02::6a"), 151, zeros(4))},
      {"a DHCPv6 answer", udp6(own_local, other_local, 547, 546)},
      {"a DHCPv6 answer to a relay", udp6(own_local, other_local, 547, 547)},
      {"a DHCPv6 answer from another port", udp6(own_local, other_local, 1547, 546)},
      {"a fragment that hides a DHCPv6 answer",
       v6(other_local, ip6(own_local, other_local, fragments,
                           fragment(options, padding(udp, {}), {.more = true})))},
      {"options without an end", v6(other6, ip6(own6, other6, options, {}))},
      {"another MAC in a solicitation", solicit(own6, other6, source_mac(neighbour))},
      {"another MAC behind a nonce", solicit(own6, other6, join({nonce, source_mac(neighbour)}))},
      {"another MAC in an advertisement", advertise(own6, own6, target_mac(neighbour))},
      {"another MAC behind its own",
       advertise(own6, own6, join({target_mac(guest), target_mac(neighbour)}))},
      {"an advertisement behind options",
       v6(all_nodes, ip6(own6, all_nodes, options,
                         padding(icmp6, icmp6_between(own6, all_nodes, 136,
                                                      join({zeros(4), bytes_of(own6),
                                                            target_mac(neighbour)})))))},
      {"another MAC when it asks for routers",
       nd(own_local, all_routers, 133, join({zeros(4), source_mac(neighbour)}))},
      {"what switches tell each other",
       frame({{0x01, 0x80, 0xc2, 0, 0, 0}}, guest, 39, join({{0x42, 0x42, 3}, zeros(36)}))},
  };
}

std::vector<Sent> forgeries() {
  auto all = forged_macs();
  const std::vector<Sent> more{
      {"another IPv4 address", udp4(other4, router4)},
      {"an IPv4 address beyond its network", udp4(ip("198.51.100.16"), router4)},
      {"no IPv4 address, and no DHCP", udp4(none4, all4)},
      {"another IPv4 address asking for its own",
       arp_frame({.sender = guest, .sender_ip = other4, .target_ip = own4})},
      {"another IPv4 address in an ARP answer",
       arp_frame({.operation = 2, .sender = guest, .sender_ip = other4})},
      {"a neighbour's address announced",
       arp_frame({.sender = guest, .sender_ip = other4, .target_ip = other4})},
      {"the router's address announced as an answer",
       arp_frame({.operation = 2, .sender = guest, .sender_ip = router4, .target_ip = router4})},
      {"an ARP answer without an address", arp_frame({.operation = 2, .sender = guest})},
      {"another IPv6 address", udp6(other6, own6)},
      {"an IPv6 address beyond its network", udp6(ip("2001:db8:6::1"), own6)},
      {"the router's link-local address", udp6(router_local, own6)},
      {"the router's link-local address advertised",
       advertise(own_local, router_local, target_mac(guest))},
      {"the router's link-local address asked for as free", solicit(none6, router_local, nonce)},
      {"a router's address in its network", udp4(router_in_network, router4)},
      {"a router's address in its network, in ARP",
       arp_frame({.operation = 2, .sender = guest, .sender_ip = router_in_network})},
      {"a link-local address of IPv4", udp4(ip("169.254.1.1"), router4)},
      {"a site-local address", udp6(ip("fec0::1"), own6)},
      {"no IPv6 address", udp6(none6, all_nodes)},
      {"an echo without an address", nd(none6, all_nodes, 128, zeros(4))},
      {"a neighbour's address asked for as free", solicit(none6, other6, {})},
      {"a neighbour's address asked for as free, with a nonce", solicit(none6, other6, nonce)},
      {"a neighbour's address advertised", advertise(own6, other6, target_mac(guest))},
      {"an advertisement from a neighbour's address", advertise(other6, own6, target_mac(guest))},
      {"a VLAN", tagged(udp4(own4, router4), 0x8100, 7)},
      {"a priority", tagged(udp4(own4, router4), 0x8100, 0x2000)},
      {"a provider's VLAN", tagged(udp4(own4, router4), 0x88a8, 7)},
      {"two VLANs", tagged(tagged(udp4(own4, router4), 0x8100, 7), 0x8100, 8)},
      {"neither ARP nor IP", frame(router, guest, 0x88b5, zeros(46))},
      {"a frame of IEEE 802.3", frame(router, guest, 39, zeros(46))},
  };
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

std::vector<Sent> honest_frames() {
  const Bytes echo = icmp6_between(own6, other6, 128, join({zeros(4), Bytes(64, 0xaa)}));
  const Bytes datagram = udp_between(own6, other6, 4000, 4001, Bytes(64, 0xbb));
  const auto part_of = [](const Bytes& whole, std::size_t first, std::size_t last) {
    return Bytes(whole.begin() + static_cast<std::ptrdiff_t>(first),
                 whole.begin() + static_cast<std::ptrdiff_t>(last));
  };
  const auto in_parts = [&](std::uint8_t next, const Bytes& whole, Part part) {
    const Bytes payload = part.more ? part_of(whole, 0, 40) : part_of(whole, 40, whole.size());
    return v6(other6, ip6(own6, other6, fragments, fragment(next, payload, part)));
  };
  return {
      {"its IPv4 address", udp4(own4, router4)},
      {"an address of its IPv4 network", udp4(ip("198.51.100.15"), router4)},
      {"IPv4 to everybody", udp4(own4, all4)},
      {"an echo", v4(ip4(own4, router4, icmp, icmp4(8, 0, {0, 1, 0, 1, 9, 9})))},
      {"TCP", v4(ip4(own4, router4, tcp, zeros(20)))},
      {"a later fragment", v4(ip4(own4, router4, udp, Bytes(32, 1), {.offset = 100}))},
      {"an ARP question", arp_frame({.sender = guest, .sender_ip = own4, .target_ip = router4})},
      {"an ARP answer",
       arp_frame({.operation = 2, .sender = guest, .sender_ip = own4, .target_ip = router4})},
      {"an ARP answer for its network",
       arp_frame({.operation = 2, .sender = guest, .sender_ip = ip("198.51.100.1")})},
      {"its address announced", arp_frame({.sender = guest, .sender_ip = own4, .target_ip = own4})},
      {"a probe", arp_frame({.sender = guest, .sender_ip = none4, .target_ip = own4})},
      {"a DHCP question", udp4(none4, all4, 68, 67)},
      {"a DHCP renewal", udp4(own4, router4, 68, 67)},
      {"a group joined",
       v4(ip4(own4, ip("224.0.0.251"), igmp, icmp4(0x16, 0, bytes_of(ip("224.0.0.251")))),
          {{0x01, 0, 0x5e, 0, 0, 0xfb}})},
      {"its IPv6 address", udp6(own6, other6)},
      {"an address of its IPv6 network", udp6(ip("2001:db8:5::77"), other6)},
      {"its link-local address", udp6(own_local, other6)},
      {"another link-local address", udp6(ip("fe80::1c2d:3e4f:5a6b:7c8d"), other6)},
      {"the last of all link-local addresses",
       udp6(ip("febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), other6)},
      {"another link-local address advertised",
       advertise(own_local, ip("fe80::1c2d:3e4f:5a6b:7c8d"), target_mac(guest))},
      {"another link-local address asked for as free",
       solicit(none6, ip("fe80::1c2d:3e4f:5a6b:7c8d"), nonce)},
      {"an echo of IPv6", v6(other6, ip6(own6, other6, icmp6, echo))},
      {"an echo behind options", v6(other6, ip6(own6, other6, options, padding(icmp6, echo)))},
      {"an echo's first fragment", in_parts(icmp6, echo, {.more = true})},
      {"an echo's later fragment", in_parts(icmp6, echo, {.offset = 5})},
      {"TCP over IPv6", v6(other6, ip6(own6, other6, tcp, zeros(20)))},
      {"a first fragment of TCP", in_parts(tcp, zeros(64), {.more = true})},
      {"a datagram's first fragment", in_parts(udp, datagram, {.more = true})},
      {"a datagram's later fragment", in_parts(udp, datagram, {.offset = 5})},
      {"a packet that is too big", nd(own6, other6, 2, zeros(52))},
      {"a solicitation", solicit(own6, other6, source_mac(guest))},
      {"a solicitation without an option", solicit(own_local, other6, {})},
      {"an advertisement", advertise(own6, own6, target_mac(guest))},
      {"an advertisement without an option", advertise(own_local, own_local, {})},
      {"an advertisement for its network",
       advertise(own_local, ip("2001:db8:5::77"), target_mac(guest))},
      {"its address asked for as free", solicit(none6, own6, {})},
      {"its link-local address asked for as free, with a nonce", solicit(none6, own_local, nonce)},
      {"its network's address asked for as free", solicit(none6, ip("2001:db8:5::77"), nonce)},
      {"a question for routers",
       nd(own_local, all_routers, 133, join({zeros(4), source_mac(guest)}))},
      {"a question for routers without an address", nd(none6, all_routers, 133, zeros(4))},
      {"a group of IPv6 joined", group_report(own_local)},
      {"a group joined without an address", group_report(none6)},
      {"a DHCPv6 question", udp6(own_local, ip("ff02::1:2"), 546, 547)},
  };
}

std::vector<Sent> frames_with_its_mac() {
  auto all = honest_frames();
  const std::vector<Sent> more{
      {"any IPv4 address", udp4(other4, router4)},
      {"any IPv4 address in ARP", arp_frame({.sender = guest, .sender_ip = other4})},
      {"any IPv6 address", udp6(other6, own6)},
      {"any address advertised", advertise(other6, other6, target_mac(guest))},
      {"a VLAN", tagged(udp4(other4, router4), 0x8100, 7)},
      {"ARP in a VLAN", tagged(arp_frame({.sender = guest, .sender_ip = other4}), 0x8100, 7)},
      {"IPv6 in a VLAN", tagged(udp6(other6, own6), 0x8100, 7)},
      {"a fragment in a VLAN",
       tagged(v6(other6,
                 ip6(own6, other6, fragments,
                     fragment(udp, udp_between(own6, other6, 1, 2, zeros(32)), {.more = true}))),
              0x8100, 7)},
      {"neither ARP nor IP", frame(router, guest, 0x88b5, zeros(46))},
  };
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace vifchain::test

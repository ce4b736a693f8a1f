// SPDX-License-Identifier: Apache-2.0
#include "storm_frames.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>

namespace vifchain::test {
namespace {

// The end of each frame: who, what, when.
struct Mark {
  std::uint32_t magic = 0x73746f72;
  std::uint16_t sender = 0;
  std::uint8_t kind = 0, zero = 0;
  std::int64_t sent = 0;
};
static_assert(sizeof(Mark) == 16);

constexpr Mac router{{2, 0, 0, 0, 0, 1}};

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

Bytes mark(unsigned sender, FrameKind kind) {
  Mark mark;
  mark.sender = static_cast<std::uint16_t>(sender);
  mark.kind = static_cast<std::uint8_t>(kind);
  Bytes bytes(sizeof mark);
  std::memcpy(bytes.data(), &mark, sizeof mark);
  return bytes;
}

// One guest's frames, each with the mark at its end.
class Frames {
 public:
  Frames(unsigned number, unsigned sender) : number_(number), sender_(sender) {}

  [[nodiscard]] Bytes of(FrameKind kind) const {
    switch (kind) {
      case FrameKind::honest:
        return udp(own_mac_, own_, kind);
      case FrameKind::honest_arp:
        return arp_from(own_mac_, own_, kind);
      case FrameKind::other_mac:
        return udp(other_mac_, own_, kind);
      case FrameKind::other_mac_in_arp:
        return arp_from(other_mac_, own_, kind);
      case FrameKind::dhcp_server:
        return udp(own_mac_, own_, kind, 67, 68);
      case FrameKind::router:
        return advertisement(kind);
      case FrameKind::other_ip4:
        return udp(own_mac_, other_, kind);
      case FrameKind::other_ip4_in_arp:
        return arp_from(own_mac_, other_, kind);
      case FrameKind::other_ip6:
        return udp6(kind);
      case FrameKind::in_a_vlan:
        return tagged(udp(own_mac_, own_, kind), 0x8100, 7);
    }
    return {};
  }

 private:
  [[nodiscard]] Bytes udp(const Mac& mac, const IpAddress& from, FrameKind kind,
                          std::uint16_t source = 4000, std::uint16_t destination = 4001) const {
    const auto to = ip("192.0.2.1");
    const auto datagram = udp_between(from, to, source, destination, mark(sender_, kind));
    return frame(router, mac, type_ip4, ip4(from, to, Protocol::udp, datagram));
  }

  [[nodiscard]] Bytes udp6(FrameKind kind) const {
    const auto from = ip("2001:db8::bad"), to = ip("2001:db8::1");
    const auto datagram = udp_between(from, to, 4000, 4001, mark(sender_, kind));
    return frame(router, own_mac_, type_ip6, ip6(from, to, Protocol::udp, datagram));
  }

  [[nodiscard]] Bytes arp_from(const Mac& mac, const IpAddress& from, FrameKind kind) const {
    const Arp content{.sender = mac, .sender_ip = from, .target_ip = ip("192.0.2.1")};
    return frame(everybody, own_mac_, type_arp, join({arp(content), mark(sender_, kind)}));
  }

  [[nodiscard]] Bytes advertisement(FrameKind kind) const {
    const auto from = link_local_of(own_mac_), to = ip("ff02::1");
    const auto content = join({{64, 0, 0xff, 0xff}, zeros(8), mark(sender_, kind)});
    return frame({{0x33, 0x33, 0, 0, 0, 1}}, own_mac_, type_ip6,
                 ip6(from, to, icmp6, icmp6_between(from, to, 134, content)));
  }

  unsigned number_, sender_;
  Mac own_mac_ = storm_mac(number_), other_mac_ = storm_mac(number_ + 100);
  IpAddress own_ = ip(storm_address(number_)), other_ = ip(storm_address(number_ + 100));
};

}  // namespace

std::string_view words(FrameKind kind) {
  constexpr std::array<std::string_view, frame_kinds> all{
      "an honest frame",      "an honest ARP question",
      "another MAC",          "another MAC in ARP",
      "a DHCP answer",        "a router advertisement",
      "another IPv4 address", "another IPv4 address in ARP",
      "another IPv6 address", "a VLAN"};
  return all.at(static_cast<std::size_t>(kind));
}

bool is_honest(FrameKind kind) {
  return kind == FrameKind::honest || kind == FrameKind::honest_arp;
}

bool permits(Antispoof policy, FrameKind kind) {
  switch (policy) {
    case Antispoof::off:
      return true;
    case Antispoof::mac:
      return is_honest(kind) || kind >= FrameKind::other_ip4;
    case Antispoof::mac_ip:
      return is_honest(kind);
    case Antispoof::closed:
      return false;
  }
  return false;
}

Mac storm_mac(unsigned number) {
  return {{2, 0, 0, 0, 0, static_cast<std::uint8_t>(number)}};
}

std::string storm_address(unsigned number) {
  return "192.0.2." + std::to_string(number);
}

std::array<Bytes, frame_kinds> storm_frames(unsigned number, unsigned sender) {
  const Frames frames(number, sender);
  std::array<Bytes, frame_kinds> all;
  for (std::size_t kind = 0; kind < frame_kinds; ++kind)
    all[kind] = frames.of(static_cast<FrameKind>(kind));
  return all;
}

std::int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

void stamp(Bytes& frame, std::int64_t now) {
  std::memcpy(frame.data() + frame.size() - sizeof now, &now, sizeof now);
}

std::optional<StormMark> mark_of(const std::uint8_t* frame, std::size_t size) {
  Mark mark;
  if (size < sizeof mark) return std::nullopt;
  const auto expected = mark.magic;
  std::memcpy(&mark, frame + size - sizeof mark, sizeof mark);
  if (mark.magic != expected || mark.kind >= frame_kinds) return std::nullopt;
  return StormMark{mark.sender, static_cast<FrameKind>(mark.kind), mark.sent};
}

}  // namespace vifchain::test

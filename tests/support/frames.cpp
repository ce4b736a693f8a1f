// SPDX-License-Identifier: Apache-2.0
#include "frames.hpp"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace vifchain::test {
namespace {

// RFC 1071.
std::uint16_t checksum(const Bytes& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2)
    sum += static_cast<std::uint32_t>(bytes[i] << 8 | (i + 1 < bytes.size() ? bytes[i + 1] : 0));
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

void put_checksum(Bytes& bytes, std::size_t at, std::uint16_t sum) {
  bytes[at] = static_cast<std::uint8_t>(sum >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(sum);
}

Bytes pseudo_header(const IpAddress& from, const IpAddress& to, std::uint8_t protocol,
                    std::size_t size) {
  return join(
      {bytes_of(from), bytes_of(to), be32(static_cast<std::uint32_t>(size)), {0, 0, 0, protocol}});
}

void check(ssize_t result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
}

bool is_tag(const Bytes& frame) {
  return frame.size() >= 18 &&
         ((frame[12] == 0x81 && frame[13] == 0x00) || (frame[12] == 0x88 && frame[13] == 0xa8));
}

}  // namespace

Bytes join(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes be16(std::uint16_t number) {
  return {static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
}

Bytes be32(std::uint32_t number) {
  return join(
      {be16(static_cast<std::uint16_t>(number >> 16)), be16(static_cast<std::uint16_t>(number))});
}

Bytes bytes_of(const Mac& mac) {
  return {mac.bytes.begin(), mac.bytes.end()};
}

Bytes bytes_of(const IpAddress& address) {
  return {address.bytes.begin(), address.bytes.begin() + (address.v6 ? 16 : 4)};
}

Bytes zeros(std::size_t count) {
  return Bytes(count);
}

// Without padding: a bridge with br_netfilter takes it off again (br_validate_ipv4).
Bytes frame(const Mac& to, const Mac& from, std::uint16_t type, const Bytes& payload) {
  return join({bytes_of(to), bytes_of(from), be16(type), payload});
}

Bytes tagged(const Bytes& frame, std::uint16_t protocol, std::uint16_t tag) {
  Bytes all = frame;
  const Bytes inserted = join({be16(protocol), be16(tag)});
  all.insert(all.begin() + 12, inserted.begin(), inserted.end());
  return all;
}

Bytes untagged(const Bytes& frame) {
  Bytes all = frame;
  while (is_tag(all)) all.erase(all.begin() + 12, all.begin() + 16);
  return all;
}

Bytes arp(const Arp& arp) {
  return join({be16(arp.hardware),
               be16(type_ip4),
               {arp.mac_size, 4},
               be16(arp.operation),
               bytes_of(arp.sender),
               bytes_of(arp.sender_ip),
               zeros(6),
               bytes_of(arp.target_ip)});
}

Bytes ip4(const IpAddress& from, const IpAddress& to, std::uint8_t protocol, const Bytes& payload,
          Part part) {
  const auto size = static_cast<std::uint16_t>(20 + payload.size());
  const auto place = static_cast<std::uint16_t>((part.more ? 0x2000 : 0) | part.offset);
  Bytes header = join({{0x45, 0},
                       be16(size),
                       be16(7),
                       be16(place),
                       {64, protocol},
                       zeros(2),
                       bytes_of(from),
                       bytes_of(to)});
  put_checksum(header, 10, checksum(header));
  return join({header, payload});
}

Bytes ip6(const IpAddress& from, const IpAddress& to, std::uint8_t next, const Bytes& payload) {
  return join({{0x60, 0, 0, 0},
               be16(static_cast<std::uint16_t>(payload.size())),
               {next, 255},
               bytes_of(from),
               bytes_of(to),
               payload});
}

Bytes padding(std::uint8_t next, const Bytes& payload) {
  return join({{next, 0, 1, 4, 0, 0, 0, 0}, payload});
}

Bytes fragment(std::uint8_t next, const Bytes& payload, Part part) {
  const auto place = static_cast<std::uint16_t>(part.offset << 3 | (part.more ? 1 : 0));
  return join({{next, 0}, be16(place), be32(7), payload});
}

Bytes udp_between(const IpAddress& from, const IpAddress& to, std::uint16_t source,
                  std::uint16_t destination, const Bytes& payload) {
  Bytes datagram = join({be16(source), be16(destination),
                         be16(static_cast<std::uint16_t>(8 + payload.size())), zeros(2), payload});
  put_checksum(datagram, 6,
               checksum(join({pseudo_header(from, to, udp, datagram.size()), datagram})));
  return datagram;
}

Bytes icmp4(std::uint8_t type, std::uint8_t code, const Bytes& rest) {
  Bytes message = join({{type, code, 0, 0}, rest});
  put_checksum(message, 2, checksum(message));
  return message;
}

Bytes icmp6_between(const IpAddress& from, const IpAddress& to, std::uint8_t type,
                    const Bytes& rest) {
  Bytes message = join({{type, 0, 0, 0}, rest});
  put_checksum(message, 2,
               checksum(join({pseudo_header(from, to, icmp6, message.size()), message})));
  return message;
}

Bytes nd_option(std::uint8_t type, const Bytes& six_bytes) {
  return join({{type, 1}, six_bytes});
}

Wire::Wire(const std::string& link)
    : socket_(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(0x0003))) {
  check(socket_, "opening a packet socket");
  sockaddr_ll place{};
  place.sll_family = AF_PACKET;
  place.sll_protocol = htons(0x0003);  // ETH_P_ALL
  place.sll_ifindex = static_cast<int>(if_nametoindex(link.c_str()));
  check(bind(socket_, reinterpret_cast<const sockaddr*>(&place), sizeof place), link.c_str());
}

Wire::~Wire() {
  close(socket_);
}

void Wire::send(const Bytes& frame) const {
  check(::send(socket_, frame.data(), frame.size(), 0), "sending a frame");
}

// The next frame that came in; nothing when there is none yet.
std::optional<Bytes> Wire::next() const {
  for (;;) {
    Bytes frame(65536);
    sockaddr_ll from{};
    socklen_t size = sizeof from;
    const auto count =
        recvfrom(socket_, frame.data(), frame.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (count < 0 && errno == EAGAIN) return std::nullopt;
    check(count, "hearing a frame");
    if (from.sll_pkttype == PACKET_OUTGOING) continue;
    frame.resize(static_cast<std::size_t>(count));
    return untagged(frame);
  }
}

std::vector<Bytes> Wire::heard_until(const Bytes& last) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::vector<Bytes> heard;
  while (std::chrono::steady_clock::now() < end) {
    if (auto frame = next()) {
      heard.push_back(std::move(*frame));
      if (heard.back() == untagged(last)) return heard;
      continue;
    }
    pollfd more{socket_, POLLIN, 0};
    poll(&more, 1, 100);
  }
  throw std::runtime_error("the last frame did not come");
}

std::vector<Bytes> Wire::heard_now() const {
  std::vector<Bytes> heard;
  while (auto frame = next()) heard.push_back(std::move(*frame));
  return heard;
}

}  // namespace vifchain::test

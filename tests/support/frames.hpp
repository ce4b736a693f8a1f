// SPDX-License-Identifier: Apache-2.0
// Ethernet frames made by hand, and the ends of links to send and hear them on.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "core/model/name.hpp"

namespace vifchain::test {

using Bytes = std::vector<std::uint8_t>;

Bytes join(std::initializer_list<Bytes> parts);
Bytes be16(std::uint16_t number);
Bytes be32(std::uint32_t number);
Bytes bytes_of(const Mac& mac);
Bytes bytes_of(const IpAddress& address);
Bytes zeros(std::size_t count);

inline constexpr Mac everybody{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

enum EtherType : std::uint16_t { type_ip4 = 0x0800, type_arp = 0x0806, type_ip6 = 0x86dd };

Bytes frame(const Mac& to, const Mac& from, std::uint16_t type, const Bytes& payload);

// The frame in a VLAN: 0x8100 or 0x88a8, priority and VLAN.
Bytes tagged(const Bytes& frame, std::uint16_t protocol, std::uint16_t tag);

// RFC 826; `operation` 1 asks, 2 answers.
struct Arp {
  std::uint16_t operation = 1;
  Mac sender = {};
  IpAddress sender_ip = {};
  IpAddress target_ip = {};
  std::uint16_t hardware = 1;
  std::uint8_t mac_size = 6;
};
Bytes arp(const Arp& arp);

enum Protocol : std::uint8_t {
  icmp = 1,
  igmp = 2,
  tcp = 6,
  udp = 17,
  fragments = 44,
  icmp6 = 58,
  options = 60
};

// Packets with right checksums. `more` and `offset` (in units of 8 bytes) make a fragment of one.
struct Part {
  bool more = false;
  std::uint16_t offset = 0;
};
Bytes ip4(const IpAddress& from, const IpAddress& to, std::uint8_t protocol, const Bytes& payload,
          Part part = {});
Bytes ip6(const IpAddress& from, const IpAddress& to, std::uint8_t next, const Bytes& payload);

// An extension header of IPv6 before `payload`, whose first header is `next`: 8 bytes of padding
// options, or a fragment header.
Bytes padding(std::uint8_t next, const Bytes& payload);
Bytes fragment(std::uint8_t next, const Bytes& payload, Part part);

// What goes into a packet between these two addresses.
Bytes udp_between(const IpAddress& from, const IpAddress& to, std::uint16_t source,
                  std::uint16_t destination, const Bytes& payload);
Bytes icmp4(std::uint8_t type, std::uint8_t code, const Bytes& rest);
Bytes icmp6_between(const IpAddress& from, const IpAddress& to, std::uint8_t type,
                    const Bytes& rest);

// An option of neighbour discovery (RFC 4861 section 4.6): 1 source, 2 target, 14 nonce.
Bytes nd_option(std::uint8_t type, const Bytes& six_bytes);

// One end of a link, on which frames are sent and heard.
class Wire {
 public:
  explicit Wire(const std::string& link);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  void send(const Bytes& frame) const;

  // What came in since the last call, up to and with `last`, for which it waits. Throws
  // runtime_error when that does not come within 20 s. A frame's VLAN tags are left out.
  [[nodiscard]] std::vector<Bytes> heard_until(const Bytes& last) const;

  // What came in since the last call, without waiting.
  [[nodiscard]] std::vector<Bytes> heard_now() const;

 private:
  [[nodiscard]] std::optional<Bytes> next() const;

  int socket_;
};

// The frame without its VLAN tags.
Bytes untagged(const Bytes& frame);

}  // namespace vifchain::test

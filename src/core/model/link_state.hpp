// SPDX-License-Identifier: Apache-2.0
// What the kernel says of a link from moment to moment: facts that nobody can ask for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/model/name.hpp"

namespace vifchain::inline core::inline model {

enum class Duplex : std::uint8_t { half, full };

struct Speed {
  unsigned mbps = 0;
  std::optional<Duplex> duplex = {};
  bool operator==(const Speed&) const = default;
};

// Since the link came to be (struct rtnl_link_stats64); `received` is what the host received.
struct Counters {
  std::uint64_t received_bytes = 0, received_packets = 0, received_errors = 0, received_dropped = 0;
  std::uint64_t sent_bytes = 0, sent_packets = 0, sent_errors = 0, sent_dropped = 0;
  bool operator==(const Counters&) const = default;
};

// What LACP says of a bond as a whole: of the aggregator that carries its traffic.
struct LacpInfo {
  unsigned aggregator = 0;
  unsigned ports = 0;  // in that aggregator
  unsigned actor_key = 0, partner_key = 0;
  Mac partner;  // the switch's system; all zero while none has answered
  bool operator==(const LacpInfo&) const = default;
};

// A port's bits in LACP (IEEE 802.1AX-2014, 6.4.2.3), its own or those that the partner reports.
namespace lacp_bit {
inline constexpr unsigned sync = 0x08, collecting = 0x10, distributing = 0x20, defaulted = 0x40,
                          expired = 0x80;
}

// A port's place in its bond.
struct BondPortState {
  bool active = false;         // it carries traffic, as far as the mode has such a thing
  bool mii_up = false;         // what the bond's own monitor (MII or ARP) found
  std::uint64_t failures = 0;  // how often it found the link lost
  std::optional<unsigned> aggregator = {};  // these three in 802.3ad alone
  std::optional<unsigned> actor = {};       // lacp_bit
  std::optional<unsigned> partner = {};
  bool operator==(const BondPortState&) const = default;
};

// A bridge port's state (BR_STATE_*, include/uapi/linux/if_bridge.h).
enum class Forwarding : std::uint8_t { disabled, listening, learning, forwarding, blocking };

struct LinkState {
  unsigned index = 0;
  std::string driver_kind =
      {};  // the kernel's name of the kind ("veth", "tun"); empty for hardware
  bool carrier = false;
  std::string operstate = {};                // RFC 2863's word: "up", "down", "lowerlayerdown"
  std::vector<LinkName> other_names = {};    // alternative ones
  std::optional<Speed> speed = {};           // of NICs and bonds, while the driver knows it
  std::optional<LinkName> active_port = {};  // of a bond whose mode has one
  std::optional<LacpInfo> lacp = {};         // of a bond in 802.3ad
  std::optional<BondPortState> bond_port = {};
  std::optional<Forwarding> bridge_port = {};
  std::optional<Counters> counters = {};  // only when asked for
  bool operator==(const LinkState&) const = default;
};

}  // namespace vifchain::inline core::inline model

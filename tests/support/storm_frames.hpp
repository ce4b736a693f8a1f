// SPDX-License-Identifier: Apache-2.0
// What guests of a storm send: of each kind a frame, which says in its last bytes who sent it when.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/model/policy.hpp"
#include "frames.hpp"

namespace vifchain::test {

enum class FrameKind : std::uint8_t {
  honest,
  honest_arp,
  other_mac,
  other_mac_in_arp,
  dhcp_server,
  router,
  other_ip4,
  other_ip4_in_arp,
  other_ip6,
  in_a_vlan,
};
inline constexpr std::size_t frame_kinds = 10;

// The emulated NIC of a guest is another sender, this much above it.
inline constexpr unsigned as_emulated = 100;

std::string_view words(FrameKind kind);
bool is_honest(FrameKind kind);

// Whether a frame of this kind may pass where guests' frames are judged so.
bool permits(Antispoof policy, FrameKind kind);

// The guest 02:00:00:00:00:NUMBER with the address 192.0.2.NUMBER.
Mac storm_mac(unsigned number);
std::string storm_address(unsigned number);

// By kind, with `sender` in their marks; without the time of their sending.
std::array<Bytes, frame_kinds> storm_frames(unsigned number, unsigned sender);

// Nanoseconds since 1970, as the kernel stamps what comes in.
std::int64_t now_ns();

// In place, so that sending costs nothing else.
void stamp(Bytes& frame, std::int64_t now);

struct StormMark {
  unsigned sender = 0;
  FrameKind kind = {};
  std::int64_t sent = 0;  // as now_ns()
};
// Nothing of a frame that is none of a storm's.
std::optional<StormMark> mark_of(const std::uint8_t* frame, std::size_t size);

}  // namespace vifchain::test

// SPDX-License-Identifier: Apache-2.0
// What the administrator decides for guests' ports: `[vif]`, and `vif = {…}` of one bridge.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/model/name.hpp"

namespace vifchain::inline core::inline model {

// Which frames of a guest pass: all; those with its MAC; those with its MAC and its addresses;
// none.
enum class Antispoof : std::uint8_t { off, mac, mac_ip, closed };

// As the file has it: "mac-ip".
std::string_view word_of(Antispoof antispoof);

// Absent: not said.
struct VifPolicy {
  std::optional<Antispoof> antispoof = {};  // off
  std::optional<bool> isolated = {};        // bridge port options, the kernel's defaults
  std::optional<bool> learning = {};
  std::optional<bool> bpdu_guard = {};
  std::optional<bool> mcast_flood = {};
  std::optional<bool> flood = {};                  // unknown unicast
  std::optional<bool> ipv6_link_local = {};        // of the backend's own on the port; no
  std::optional<unsigned> wait = {};               // seconds for what is missing; 10
  std::optional<std::uint64_t> receive_rate = {};  // bits per second towards the guest; unlimited
  // Addresses that no guest behind antispoof = "mac-ip" speaks as; sorted.
  std::optional<std::vector<IpAddress>> routers = {};

  bool operator==(const VifPolicy&) const = default;
};

inline constexpr unsigned usual_wait = 10;

// What `own` says, and `defaults` where it says nothing.
VifPolicy over(const VifPolicy& own, const VifPolicy& defaults);

// When the links of a chain go again.
struct Teardown {
  bool last_vif = false;  // with the last vif of the bridge; otherwise never
  unsigned linger = 0;    // seconds after it

  bool operator==(const Teardown&) const = default;
};

}  // namespace vifchain::inline core::inline model

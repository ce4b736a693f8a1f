// SPDX-License-Identifier: Apache-2.0
// One vif of a guest's configuration, as the toolstack takes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/model/name.hpp"
#include "core/plan/preflight/preflight.hpp"

namespace vifchain::inline core::inline guests {

// What is to be said of a vif, or of a whole configuration.
struct GuestRemark {
  Weight weight{};
  std::string text;  // a problem (core/text/problem.hpp)
  bool operator==(const GuestRemark&) const = default;
};

// A limit of what the guest sends.
struct VifRate {
  std::uint64_t bytes_per_interval = 0;
  std::uint32_t interval_usecs = 0;
  bool operator==(const VifRate&) const = default;
};

// Absent: not said. Texts are as the toolstack keeps them, trailing blanks and all.
struct VifSpec {
  std::optional<std::string> bridge = {}, script = {}, backend = {}, ip = {}, vifname = {},
                             vlan = {}, model = {}, gatewaydev = {};
  std::optional<Mac> mac = {};        // all zero is none
  std::optional<bool> emulated = {};  // there is an emulated NIC beside the PV one
  std::optional<VifRate> rate = {};
  std::optional<std::uint64_t> mtu = {};  // bytes
  std::optional<std::int64_t> devid = {};
  std::optional<bool> trusted = {};
  // The configuration says more than the toolstack reads: nothing is known of what was meant.
  bool bridge_lost = false, vlans_lost = false;
  std::vector<GuestRemark> remarks = {};
};

}  // namespace vifchain::inline core::inline guests

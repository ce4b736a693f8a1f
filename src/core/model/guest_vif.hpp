// SPDX-License-Identifier: Apache-2.0
// A guest's vif as the toolstack and xenbus know it.
#pragma once

#include <optional>
#include <string>

#include "core/model/name.hpp"
#include "core/model/vif_event.hpp"

namespace vifchain::inline core::inline model {

// Where a device is between its two ends (enum xenbus_state, xen/include/public/io/xenbus.h).
enum class XenbusState : std::uint8_t {
  unknown,
  initialising,
  init_wait,
  initialised,
  connected,
  closing,
  closed,
  reconfiguring,
  reconfigured
};

struct GuestVif {
  VifId vif;
  std::string guest = {};             // its name; empty where it may not be read
  unsigned backend_domid = 0;         // the domain that has the other end
  std::string backend_guest = {};     // that domain's name
  bool here = true;                   // the other end is in this domain
  std::optional<LinkName> link = {};  // as sysfs tells; without it the link is known by its name
  std::string bridge = {};            // as written in the vif's backend directory, as all below
  std::string vlan = {};
  std::string ip = {};
  std::optional<Mac> mac = {};
  std::optional<XenbusState> backend = {}, frontend = {};
  std::string hotplug_status = {};
  std::string hotplug_error = {};
  std::string unreadable = {};  // why the backend directory could not be read; mostly empty

  bool operator==(const GuestVif&) const = default;
};

}  // namespace vifchain::inline core::inline model

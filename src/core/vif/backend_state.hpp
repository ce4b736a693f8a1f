// SPDX-License-Identifier: Apache-2.0
// What a watcher of backends has to do for a vif, going by its nodes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/model/guest_vif.hpp"

namespace vifchain::inline core::inline vif {

// The nodes of a backend directory that decide.
struct BackendNodes {
  std::optional<XenbusState> state = {};
  bool online = true;       // the toolstack still wants it: `online` is not "0"
  std::string status = {};  // hotplug-status
  std::string script = {};  // whom the toolstack wants it served by
};

// Whom a watcher serves.
struct Served {
  bool any_script = false;     // vifs with another script than vif-chain, too
  bool driver_domain = false;  // nobody else ends vifs here
};

enum class VifDuty : std::uint8_t {
  none,
  attach,  // it waits for somebody to connect it
  keep,    // it is connected, and is to stay so
  mend,    // the last attempt to connect it failed
  remove,  // it has ended, and nobody else takes it off its bridge and out of xenstore
};

// netback asks for its script in state 2 (InitWait) and goes to 4 with the frontend
// (xen-netback/xenbus.c); a toolstack that wants the device gone says online = 0, state = 5, and
// waits for state 6 (libxl_device.c, libxl__initiate_device_generic_remove). What is not known by
// these is left alone.
VifDuty duty_of(const BackendNodes& nodes, const Served& served);

// The number in a `state` node; nothing for anything else.
std::optional<XenbusState> state_in(std::string_view text);

}  // namespace vifchain::inline core::inline vif

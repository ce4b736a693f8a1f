// SPDX-License-Identifier: Apache-2.0
// What the toolstack asks of one vif: argv and environment as a value.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vifchain::inline core::inline model {

struct VifId {
  unsigned domid = 0;
  unsigned devid = 0;

  [[nodiscard]] std::string str() const;      // "vif5.0", the kernel's name of the PV side
  [[nodiscard]] std::string backend() const;  // "backend/vif/5/0", in the backend's own domain
  auto operator<=>(const VifId&) const = default;
};

// libxl runs `online` and `offline` with type_if=vif, `add` and `remove` with type_if=tap
// (libxl__hotplug_nic in libxl_linux.c).
enum class Action { online, offline, add, remove };

// The vif that a port of this name belongs to, as the kernel or the device model named it:
// "vif5.0", "vif5.0-emu", "tap5.0".
std::optional<VifId> vif_of_port_name(std::string_view name);

struct VifEvent {
  Action action = Action::online;
  VifId vif;
  std::string backend;   // XENBUS_PATH as it came: relative paths stay relative
  std::string script;    // who the log says speaks
  std::string tap = {};  // add, remove: the emulated NIC as the device model named it (INTERFACE)
  // What the caller says besides in its arguments; the store goes before them. Of the environment,
  // which is whatever the toolstack's own caller had, there is netdev alone; it decides nothing.
  std::map<std::string, std::string> words = {};

  [[nodiscard]] bool for_tap() const { return action == Action::add || action == Action::remove; }
  // The kernel's own name of the port, by which all that belongs to it is known: "vif5.0-emu".
  [[nodiscard]] std::string key() const;
};

// A pairing that has nothing to do, such as `online type_if=tap`: success, as Xen's scripts answer.
struct NothingAsked {};

// A call that cannot be served. `backend` is where the reason is to be written, where known.
struct BadCall {
  std::string reason;
  std::optional<std::string> backend;
};

using Environment = std::function<std::optional<std::string>(const char* name)>;

// `arguments` without argv[0]. Unknown words of the form key=value are passed over; nothing is
// ever evaluated. A tap run that has no XENBUS_PATH finds it by INTERFACE, "vif5.0-emu", or
// "tap5.0" as XAPI has it.
std::variant<VifEvent, NothingAsked, BadCall> read_event(
    const std::vector<std::string_view>& arguments, const Environment& environment);

}  // namespace vifchain::inline core::inline model

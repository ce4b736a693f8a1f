// What the toolstack asks of one vif: argv and environment as a value.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vifchain {

struct VifId {
  unsigned domid = 0;
  unsigned devid = 0;

  [[nodiscard]] std::string str() const;  // "vif5.0", the kernel's name of the PV side
  auto operator<=>(const VifId&) const = default;
};

// libxl runs `online` and `offline` with type_if=vif, `add` and `remove` with type_if=tap
// (libxl__hotplug_nic in libxl_linux.c).
enum class Action { online, offline, add, remove };

struct VifEvent {
  Action action = Action::online;
  VifId vif;
  std::string backend;  // XENBUS_PATH as it came: relative paths stay relative
  std::string script;   // who the log says speaks
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
// ever evaluated.
std::variant<VifEvent, NothingAsked, BadCall> read_event(
    const std::vector<std::string_view>& arguments, const Environment& environment);

}  // namespace vifchain

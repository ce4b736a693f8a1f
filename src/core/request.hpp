// What the backend directory of a vif asks for.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace vifchain {

// The nodes below backend/vif/D/N that decide something here (libxl__set_xenstore_nic in
// libxl_nic.c writes them; all come from the toolstack, none from the guest).
inline constexpr std::array<std::string_view, 4> request_nodes{"bridge", "mtu", "vifname", "vlan"};

struct VifRequest {
  std::string bridge;
  std::optional<unsigned> mtu;  // bytes; absent: the bridge's
};

struct BadRequest {
  std::string reason;
};

// `nodes` holds those of `request_nodes` that exist. What cannot be granted is refused, never
// passed over: a vlan= that nobody heeds would put the guest into the wrong segment.
std::variant<VifRequest, BadRequest> read_request(const std::map<std::string, std::string>& nodes);

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// What the backend directory of a vif asks for.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/model/link.hpp"

namespace vifchain::inline core::inline vif {

// The nodes below backend/vif/D/N that decide something here (libxl__set_xenstore_nic in
// libxl_nic.c writes them; all come from the toolstack, none from the guest): what every vif may
// ask for, and what only matters to a filter, or to a vif with a name of its own.
inline constexpr std::array<std::string_view, 4> wish_nodes{"bridge", "mtu", "vifname", "vlan"};
inline constexpr std::array<std::string_view, 3> guest_nodes{"mac", "ip", "type"};

struct VifRequest {
  std::string bridge;                       // as written; empty: the usual one
  std::optional<unsigned> mtu = {};         // bytes; absent: the bridge's
  std::optional<LinkName> name = {};        // vifname, of the PV link
  std::vector<PortVlan> vlans = {};         // of vlan=, by id; empty: not said
  std::optional<Mac> mac = {};              // the guest's
  std::vector<LinkAddress> addresses = {};  // that the guest may use
  std::string wrong_addresses =
      {};                 // what is wrong with ip; it only matters to a filter by address
  bool emulated = false;  // there is an emulated NIC beside the PV one
  std::vector<std::string> warnings = {};  // each a sentence
};

struct BadRequest {
  std::string reason;
};

// `nodes` holds those of the nodes that exist and were read, and `words` what the caller said of
// the same keys: the nodes go before. What cannot be granted is refused, never passed over: a vlan=
// that nobody heeds would put the guest into the wrong segment.
std::variant<VifRequest, BadRequest> read_request(
    const std::map<std::string, std::string>& nodes,
    const std::map<std::string, std::string>& words = {});

// The name of the emulated NIC's link beside a PV link of this name (libxl__device_nic_devname).
std::string emulated_name(const std::string& name);

}  // namespace vifchain::inline core::inline vif

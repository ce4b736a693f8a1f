// SPDX-License-Identifier: Apache-2.0
// Names that say what they are: LINK.VID of a VLAN link, NAME{vid} of a template's bridges.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/model/topology.hpp"

namespace vifchain::inline core::inline model {

// "bond1.3" in its two parts. The digits may be no VLAN id.
struct VlanName {
  std::string_view link;
  std::string_view digits;
};

// The parts, when the name ends in a dot and digits.
std::optional<VlanName> split_vlan_name(std::string_view name);

// The name with `id` in the place of {vid}.
std::string expand(std::string_view pattern, VlanId id);
std::string name_of(const Template& pattern, VlanId id);

// How the file writes the template's name: "xenbr{vid}".
std::string pattern_of(const Template& pattern);

// The id for which the template makes a bridge of this name.
std::optional<VlanId> vid_for(const Template& pattern, std::string_view name);

}  // namespace vifchain::inline core::inline model

// SPDX-License-Identifier: Apache-2.0
// The filter of one port as elements of the sets of the filters' table
// (core/filter/port_filter_rules.hpp): as bytes, as the kernel has them, and back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model/link.hpp"

namespace vifchain::inline core::inline filter {

struct FilterElement {
  std::string_view set;      // one of filter_sets
  std::string key;           // fields of a concatenation are padded to four bytes
  std::string end = {};      // of a range: its last key; else empty
  std::string verdict = {};  // of a map: the chain
  std::string comment = {};  // of the map of places: the owner, and which filter it is
  auto operator<=>(const FilterElement&) const = default;
};

// Every set and map whose elements begin with the name of a port.
inline constexpr std::string_view filter_sets[] = {
    "mode",         "places",  "macs",        "macs_inside", "own_ip4",  "own_ip4_nets",  "own_ip6",
    "own_ip6_nets", "targets", "target_nets", "routers4",    "routers6", "router_targets"};

// All elements of the port with this filter, sorted; none with mode off. Addresses that lie in
// others are left out, and host bits of networks are cleared.
std::vector<FilterElement> elements_of(const LinkName& port, const PortFilter& filter);

// The key of a link in the sets of links: its name, filled up with zeroes.
std::string link_key(const LinkName& link);

// The link that a key begins with; nothing for what is no name.
std::optional<LinkName> link_in_key(std::string_view key);

// The filter that elements of one port make. It is spoilt where there are others than
// elements_of() has for it.
PortFilter filter_of(const LinkName& port, std::vector<FilterElement> elements);

// The chain that stands for a bridge, and nobody jumps to: its uses tell how many ports with a
// filter are on the bridge.
std::string bridge_chain(const LinkName& bridge);

}  // namespace vifchain::inline core::inline filter

// SPDX-License-Identifier: Apache-2.0
// The addresses a guest may use: the `ip` node of its vif.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/model/link.hpp"
#include "core/text/bad_spec.hpp"

namespace vifchain::inline core::inline vif {

// IPv4 and IPv6 addresses, each alone or with a prefix length, separated by blanks or commas. One
// without a length is a host; with a length it stands for the whole network (host bits are
// cleared). Sorted, and disjoint: what lies within another is left out. Empty for a text without
// any. Addresses that no host has for its own are refused: unspecified (alone or as a host),
// multicast, the IPv4 broadcast, loopback, and IPv4 written as IPv6 (RFC 1122 section 3.2.1.3,
// RFC 4291 sections 2.5.2, 2.5.3, 2.5.5 and 2.7).
std::variant<std::vector<LinkAddress>, BadSpec> read_guest_addresses(std::string_view text);

}  // namespace vifchain::inline core::inline vif

// SPDX-License-Identifier: Apache-2.0
// The filter of a port as one line of text, and what can be no filter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/model/link.hpp"

namespace vifchain::inline core::inline filter {

// Why there can be no such filter of this port, as half a sentence; empty when there can.
std::string why_no_filter(const LinkName& port, const PortFilter& filter);

// Why nft's language cannot carry the name, as half a sentence; empty when it can.
std::string why_not_in_a_ruleset(const LinkName& name);

// "mac-ip 02:00:00:00:00:05 vif5.0 xenbr0 192.0.2.5/32,2001:db8::/64 !fe80::1", and back; nothing
// for what is no such line. Whether it is spoilt is not in it.
std::string filter_text(const PortFilter& filter);
std::optional<PortFilter> read_filter_text(std::string_view line);

// The name where nftables has an identifier: letters, digits and those of `plain` stay, of any
// other byte there are two digits behind a "_".
std::string in_identifier(const LinkName& name, std::string_view plain);

// The last `count` hexadecimal digits of the number, the lowest first.
std::string low_digits(std::uint64_t number, int count);

// Tells a filter from every other.
std::uint64_t filter_hash(const PortFilter& filter);

}  // namespace vifchain::inline core::inline filter

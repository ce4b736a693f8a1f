// SPDX-License-Identifier: Apache-2.0
// Single values of the file, checked for type and range. Each function returns nothing for a wrong
// value, after noting what is allowed; `key` names the value in the message.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/draft.hpp"
#include "core/text/document.hpp"

namespace vifchain::inline core::inline config {

std::optional<Value> read_option(const OptionSpec& option, const Node& node, Diagnostics& wrong);

std::optional<std::string> read_string(std::string_view key, const Node& node, Diagnostics& wrong);
std::optional<bool> read_flag(std::string_view key, const Node& node, Diagnostics& wrong);
std::optional<std::int64_t> read_choice(std::string_view key, std::span<const Choice> choices,
                                        const Node& node, Diagnostics& wrong);
struct Bounds {
  std::int64_t min, max;
};
std::optional<std::int64_t> read_number(std::string_view key, Bounds bounds, const Node& node,
                                        Diagnostics& wrong);

// A number that was read, as what it stands for.
template <typename T>
std::optional<T> number_as(const std::optional<std::int64_t>& number) {
  return number ? std::optional(static_cast<T>(*number)) : std::nullopt;
}

// A link's MTU: 68-65535 bytes (ETH_MIN_MTU and ETH_MAX_MTU, which bonds and bridges have).
std::optional<unsigned> read_mtu(std::string_view key, const Node& node, Diagnostics& wrong);

// A link's own address: unicast, and not the one of every vif.
std::optional<Mac> read_mac(std::string_view key, const Node& node, Diagnostics& wrong);

std::optional<VlanId> read_vlan_id(std::string_view key, const Node& node, Diagnostics& wrong);

// Ids and ranges: one of them, or a list.
std::optional<VidRanges> read_vids(std::string_view key, const Node& node, Diagnostics& wrong);

// A list of strings, each with its place. Elements that are none are noted and left out.
std::optional<std::vector<Word>> read_words(std::string_view key, const Node& node,
                                            Diagnostics& wrong);

// IP addresses, each a string: `what` they are is for the message.
std::optional<std::vector<IpAddress>> read_addresses(std::string_view key, std::string_view what,
                                                     const Node& node, Diagnostics& wrong);

// Whether the entry has that key; if so its value is read.
template <typename Read, typename T>
bool take_key(const Entry& entry, std::string_view key, const Read& read,
              std::optional<Written<T>>& value, Diagnostics& wrong) {
  if (entry.key != key) return false;
  if (auto found = read(key, entry.node, wrong))
    value = as_written<T>(std::move(*found), entry.node);
  return true;
}

}  // namespace vifchain::inline core::inline config

// SPDX-License-Identifier: Apache-2.0
// netplan's names for the options of a vifchain.toml, in `parameters` of bonds and bridges
// (netplan(5)); its reader and its exporter share them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/model/option.hpp"

namespace vifchain::inline convert {

struct NetplanKey {
  enum class As : std::uint8_t {
    same,
    milliseconds,   // a span of time, milliseconds where it has no unit
    seconds,        // the same, seconds
    whole_seconds,  // the same; ours is a number of seconds
    per_port,       // a mapping from ports, and an option of theirs
  };
  Option option;
  std::string_view key;
  As as = As::same;
  std::int64_t least = 0;  // below it, netplan leaves the option as the kernel has it
  std::int64_t most = -1;  // of choices: the last that it knows; -1: all
};

// Null when it has none. Keys that were spelt otherwise once are found, too.
const NetplanKey* netplan_key(Option option);
const NetplanKey* netplan_key(Owner controller, std::string_view key);

// The value in the words of DraftConfig::set(); nothing when it is none.
std::optional<std::string> from_netplan(const NetplanKey& key, std::string_view value);

// The value in netplan's words, but for a list; nothing when it cannot say it.
std::optional<std::string> to_netplan(const NetplanKey& key, const Value& value);

}  // namespace vifchain::inline convert

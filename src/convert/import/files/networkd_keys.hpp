// SPDX-License-Identifier: Apache-2.0
// systemd-networkd's names for the options of a vifchain.toml (systemd.netdev(5),
// systemd.network(5)); its reader and its exporter share them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/model/option.hpp"

namespace vifchain::inline convert {

struct NetworkdKey {
  // How its values differ from those of a vifchain.toml.
  enum class As : std::uint8_t {
    same,
    milliseconds,   // a span of time; ours counts milliseconds
    seconds,        // the same; ours are seconds
    whole_seconds,  // the same; ours is a number of seconds
    pvid,           // "none" for 0
    router,         // words for the kernel's numbers
    qos_map,        // FROM-TO
  };
  Option option;
  std::string_view section;  // of a .netdev; of a port's .network
  std::string_view key;
  As as = As::same;
  std::int64_t least = 0;  // below it, networkd leaves the option as the kernel has it
  std::int64_t most = -1;  // of choices: the last that it knows; -1: all
  bool newer = false;      // than systemd 252: it is read, and never written
};

// Null when it has none for the option.
const NetworkdKey* networkd_key(Option option);
const NetworkdKey* networkd_key(Owner owner, std::string_view key);

// The value in the words of DraftConfig::set(); nothing when it is none.
std::optional<std::string> from_networkd(const NetworkdKey& key, std::string_view value);

// The value in networkd's words; nothing when it cannot say it.
std::optional<std::string> to_networkd(const NetworkdKey& key, const Value& value);

}  // namespace vifchain::inline convert

// SPDX-License-Identifier: Apache-2.0
// What systemd-networkd and netplan call the options of a vifchain.toml (systemd.netdev(5),
// systemd.network(5), `parameters` in netplan(5)); their readers and their exporters share it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/model/option.hpp"

namespace vifchain::inline convert {

struct RendererKey {
  // How their values differ from those of a vifchain.toml, where the option's form does not tell.
  enum class As : std::uint8_t {
    same,
    milliseconds,   // a span of time; ours counts milliseconds
    whole_seconds,  // a span of time; ours is a number of seconds
    pvid,           // "none" for 0
    router,         // words for the kernel's numbers
  };
  // Below it, they leave the option as the kernel has it.
  struct Least {
    std::int64_t networkd = 0, netplan = 0;
  };
  Option option;
  std::string_view networkd;
  std::string_view netplan = {};  // empty: it has none
  As as = As::same;
  Least least = {};
  std::int64_t most = -1;  // of choices: the last that they know; -1: all
  bool newer = false;      // than systemd 252: it is read, and never written
};

// Null when there is none. Of netplan those that were spelt otherwise once are found, too, and a
// bridge has those of its ports.
const RendererKey* networkd_key(Option option);
const RendererKey* networkd_key(Owner owner, std::string_view key);
const RendererKey* netplan_key(Option option);
const RendererKey* netplan_key(Owner controller, std::string_view key);

// The value in the words of DraftConfig::set(); nothing when it is none.
std::optional<std::string> from_networkd(const RendererKey& key, std::string_view value);
std::optional<std::string> from_netplan(const RendererKey& key, std::string_view value);

// The value in their words, for netplan but a list; nothing when they cannot say it.
std::optional<std::string> to_networkd(const RendererKey& key, const Value& value);
std::optional<std::string> to_netplan(const RendererKey& key, const Value& value);

}  // namespace vifchain::inline convert

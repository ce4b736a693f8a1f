// SPDX-License-Identifier: Apache-2.0
// Options of bonds and bridges by the names that ip, brctl, sysfs, modprobe and the hooks of
// ifupdown have for them; readers and exporters share them.
#pragma once

#include <string>
#include <string_view>

#include "convert/import/draft_config.hpp"

namespace vifchain::inline convert {

// The unit of a bridge's times: brctl's and the hooks', or the kernel's own (ip, sysfs).
enum class Times : std::uint8_t { seconds, hundredths };

// Each sets the option that `key` means ("xmit-hash-policy", "num_unsol_na"; "fd", "stp_state",
// "multicast_snooping"; "pathcost", "hairpin_mode"), or leaves a remark why there is none.
void set_bond_option(DraftConfig& draft, DraftLink& bond, std::string_view key,
                     std::string_view value, const Said& at);
void set_bridge_option(DraftConfig& draft, DraftLink& bridge, std::string_view key,
                       std::string_view value, Times times, const Said& at);
void set_bridge_port_option(DraftConfig& draft, DraftLink& port, std::string_view key,
                            std::string_view value, const Said& at);

// The name that ip (ip-link(8)) takes, or the hooks of ifupdown (bridge-utils-interfaces(5)) behind
// their "bridge_"; empty where these hooks have none.
std::string_view ip_key(const OptionSpec& option);
std::string_view hook_key(const OptionSpec& option);

}  // namespace vifchain::inline convert

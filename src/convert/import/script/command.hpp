// SPDX-License-Identifier: Apache-2.0
// The commands that people set up networks with, told to a draft: ip, bridge, brctl, ifconfig,
// route, vconfig, ifenslave, modprobe, echo into sysfs, and Xen's network-bridge.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "convert/import/draft_config.hpp"
#include "core/text/list.hpp"

namespace vifchain::inline convert {

// Stands in a word for what only running would tell ("$(hostname)").
inline constexpr char unknown_part = '\x1a';
bool is_unknown(std::string_view text);

// A simple command, its words expanded.
struct ScriptCommand {
  std::vector<std::string> words;  // the program first, perhaps with its folder; never none
  std::string into = {};           // the file that its output goes to; empty: none
  Said at = {};
};

// What the draft is told to, and what earlier commands leave behind for later ones.
struct Telling {
  DraftConfig& draft;
  std::string vlan_names = "DEV_PLUS_VID_NO_PAD";  // vconfig set_name_type
  std::set<std::string> out_of_default_vlan = {};  // ports that `bridge vlan del` took out of it
  unsigned calls_of_network_bridge = 0;            // that made a bridge
};

// What the command does to links is in the draft; what has no place there, and a program that is
// not known, is a remark. Commands that only look or wait are none.
void tell(const ScriptCommand& command, Telling& telling);

// It only looks, waits or tells somebody.
bool does_nothing(const ScriptCommand& command);

// What is done when a link goes needs no word when it only undoes what was done when it came.
// Whether the command is of that sort.
bool only_undoes(const ScriptCommand& command);

// "/sbin/ip" is "ip".
std::string program_of(const ScriptCommand& command);

}  // namespace vifchain::inline convert

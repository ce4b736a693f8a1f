// SPDX-License-Identifier: Apache-2.0
// Programs that go on by themselves where systemd is: each in a unit of its own, which starts it
// again when it dies, and none with less than it needs because of who started it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vifchain::inline edge::inline process {

// What is to become of them: they are there when they have gone into the background (forking), or
// as soon as they run.
enum class Comes : std::uint8_t { by_forking, at_once };

// True when this process is a service of systemd without the capabilities of root: what it starts
// has no more than it has itself, and it asks systemd for nothing.
bool is_in_bounds();

// systemd is there, and can be asked for units.
bool has_units();

// "vifchain-dhcp-xenbr0-4.service"; what a unit's name cannot have in it is escaped.
std::string unit_name(const std::string& name);

// The words to run so that `words` run, in `environment` (NAME=VALUE), as this unit, and end well
// when that has come up (systemd-run(1)). Of one that forks the main process is in `pid_file`.
std::vector<std::string> as_unit(const std::string& unit, const std::vector<std::string>& words,
                                 const std::vector<std::string>& environment, Comes comes,
                                 const std::string& pid_file);

// The words that end the unit and forget it, whatever it is doing (systemctl(1)).
std::vector<std::string> ending_unit(const std::string& unit);

// True when that process is one of the unit's.
bool is_of_unit(int pid, const std::string& unit);

}  // namespace vifchain::inline edge::inline process

// SPDX-License-Identifier: Apache-2.0
// DHCP clients by the words that their processes show.
#pragma once

#include <string>
#include <vector>

#include "core/plan/dhcp.hpp"

namespace vifchain::inline edge::inline dhcp {

// What the process does, by its command line (proc(5)): one client for each link and family, none
// of them ours; nothing for a process that is no DHCP client, or a helper of one. dhcpcd since 9
// shows a title, "dhcpcd: eth0 [ip4]", with helpers that have theirs in brackets; what takes every
// link is called "[manager]" there, "[master]" before 9.5.
std::vector<DhcpClient> clients_in(int pid, const std::vector<std::string>& words);

}  // namespace vifchain::inline edge::inline dhcp

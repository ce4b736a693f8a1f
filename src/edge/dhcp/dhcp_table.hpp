// SPDX-License-Identifier: Apache-2.0
// How each DHCP client is called: its words, and the files by which it is known.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/plan/dhcp.hpp"
#include "edge/dhcp/dhcp_clients.hpp"

namespace vifchain::inline edge::inline dhcp {

struct DhcpCommand {
  std::vector<std::string> words;  // argv; the first is its path
  std::string pid_file;            // it writes its number there once it is in the background
  std::string lease_folder = {};   // must be there; empty: it makes its own
  bool stays_in_front = false;     // it has to be put into the background
};

// What is called for udhcpc, for each family.
inline constexpr const char* udhcpc_names[] = {"udhcpc", "udhcpc6"};

// The program in $PATH, or where system programs lie; nothing when it is nowhere.
std::optional<std::string> program_path(const std::string& name);

// The environment of every client: a PATH, and nothing else.
std::vector<std::string> client_environment();

// The call that starts this client so that it leaves its addresses when it ends. Not for networkd,
// which is told by a file. Throws Error where the program is not there.
DhcpCommand command_for(DhcpProgram program, const LinkName& link, bool v6,
                        const DhcpPlaces& places);

}  // namespace vifchain::inline edge::inline dhcp

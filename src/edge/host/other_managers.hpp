// SPDX-License-Identifier: Apache-2.0
// Which links other programs set up, by the files that they read and leave.
#pragma once

#include <map>
#include <vector>

#include "core/plan/preflight/preflight.hpp"

namespace vifchain::inline edge::inline host {

// A link that is asked about.
struct Asked {
  unsigned index = 0;  // 0: it is not there
  bool nic = true;     // somebody else's, not one that vifchain makes
};

// NetworkManager, by what it keeps of each device below /run, and of NICs alone, as it leaves
// others' bonds and bridges in peace; systemd-networkd, by what it keeps there, or where it keeps
// nothing, by the .network files that match by name; ifupdown, by /etc/network/interfaces and what
// that includes. All below `root`. What cannot be read is not there.
std::vector<ManagedLink> read_managers(const std::map<LinkName, Asked>& links,
                                       const std::string& root = "");

}  // namespace vifchain::inline edge::inline host

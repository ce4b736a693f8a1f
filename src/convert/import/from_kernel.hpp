// SPDX-License-Identifier: Apache-2.0
// The running host as a draft.
#pragma once

#include <vector>

#include "convert/import/draft_config.hpp"
#include "core/model/link.hpp"
#include "core/plan/dhcp.hpp"

namespace vifchain::inline convert {

struct RunningHost {
  Actual links;                          // every one, with routes on those with addresses
  std::vector<DhcpClient> clients = {};  // all that run
};

// Every bond, VLAN link and bridge with its ports, but guests' vifs, the options that differ from
// what the kernel gives a new one, MTUs and MACs that were set, addresses and routes that no
// protocol brought. What the draft has already is completed.
void read_kernel(const RunningHost& host, DraftConfig& draft);

}  // namespace vifchain::inline convert

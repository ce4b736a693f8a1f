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

// The value that a new link has (bond_options.c, bond_main.c, br_device.c, br_if.c, vlan_dev.c of
// Linux 6.1); nothing where it depends on the host.
std::optional<Value> kernel_default(Option option);

}  // namespace vifchain::inline convert

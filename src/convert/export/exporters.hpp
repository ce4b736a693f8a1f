// SPDX-License-Identifier: Apache-2.0
// A vifchain.toml in the words of other programs, so that nobody is locked in. What is written
// reads back (convert/import/readers.hpp) as the same links, as far as both sides can say it.
#pragma once

#include <string>
#include <vector>

#include "core/model/topology.hpp"
#include "core/text/source.hpp"

namespace vifchain::inline convert {

struct Exported {
  std::vector<SourceFile> files;  // with the names that they have below /etc
  std::vector<std::string> lost;  // what the format cannot say, each a sentence; in the files, too
};

// Debian's ifupdown with ifenslave, vlan and bridge-utils: etc/network/interfaces.
Exported export_ifupdown(const Topology& topology);
// ifupdown2, as Proxmox has it: etc/network/interfaces.
Exported export_ifupdown2(const Topology& topology);
// etc/systemd/network/*.netdev and *.network.
Exported export_networkd(const Topology& topology);
// etc/netplan/60-vifchain.yaml.
Exported export_netplan(const Topology& topology);
// A shell script of ip and bridge commands.
Exported export_script(const Topology& topology);

}  // namespace vifchain::inline convert

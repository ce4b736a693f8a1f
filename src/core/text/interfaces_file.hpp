// SPDX-License-Identifier: Apache-2.0
// /etc/network/interfaces and what it includes, as far as it tells which links ifupdown sets up
// (interfaces(5)).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vifchain::inline core::inline text {

struct InterfacesFile {
  struct Link {
    std::string name;
    unsigned line = 0;  // of the stanza
  };
  // Those with a stanza of their own, and those that another's makes ports (bridge_ports, slaves
  // and their like), once for each stanza.
  std::vector<Link> links;
  std::vector<std::string> sources;  // patterns of files that belong to it (source)
  std::vector<std::string> folders;  // patterns of folders of such files (source-directory)
};

InterfacesFile read_interfaces(std::string_view text);

}  // namespace vifchain::inline core::inline text

// SPDX-License-Identifier: Apache-2.0
// /etc/network/interfaces and all that it includes, as the stanzas that stand there
// (interfaces(5)).
#pragma once

#include <string>
#include <vector>

#include "core/text/source.hpp"

namespace vifchain::inline core::inline text {

struct InterfacesLine {
  std::string key;    // with - for _: "bridge-ports"
  std::string value;  // the rest of the line
  Said at;
};

struct InterfacesStanza {
  std::vector<std::string> words;  // of the first line: "iface", "eth0", "inet", "dhcp"
  Said at;
  std::vector<InterfacesLine> lines = {};  // below it
  // What is no stanza, or a file that is not read, has no words and stands here with the reason; a
  // trap is one that ifupdown passes over, too.
  std::string why_not = {};
  bool trap = false;
};

// In the order in which ifupdown reads them, those of an included file in the place of the line
// that names it. `files`: those that nobody includes. There is an end of it whatever includes what.
std::vector<InterfacesStanza> read_interfaces(const std::vector<SourceFile>& files,
                                              const Include& include);

// The links that an iface stanza sets up: its own, and those that it makes ports.
std::vector<std::string> links_in(const InterfacesStanza& stanza);

}  // namespace vifchain::inline core::inline text

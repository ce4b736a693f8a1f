// SPDX-License-Identifier: Apache-2.0
// Options, routes and VLANs in the words of ip(8) and bridge(8), and words for a shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model/link.hpp"
#include "core/model/option.hpp"

namespace vifchain::inline convert {

// " miimon 100 lacp_rate fast": all of them, each with a blank before it (ip-link(8)). An empty map
// is one that needs no word.
std::string ip_words(const Options& options);

// "ip route add … dev LINK": the route over the link.
std::string route_command(const Route& route, const LinkName& link);

// What puts the port of a bridge that has these options into its VLANs, and out of the one that the
// kernel puts it into.
std::vector<std::string> vlan_commands(const Link& port, const Options& of_bridge);

// The word as a shell takes it, in quotes where it needs some.
std::string shell_word(std::string_view text);
inline std::string name_word(const LinkName& name) {
  return shell_word(name.str());
}

}  // namespace vifchain::inline convert

// SPDX-License-Identifier: Apache-2.0
// The tables of a draft put together: links with their ports, parents and controllers.
#pragma once

#include <map>
#include <set>

#include "core/config/draft.hpp"
#include "core/model/topology.hpp"

namespace vifchain::inline core::inline config {

struct Assembly {
  Topology topology;
  std::map<LinkName, Word> mentions;  // where each link is first named
  std::map<LinkName, Word> joined;    // where each port is named in its controller's ports
  std::map<LinkName, Word> stacked;   // where each VLAN link's parent is named
  std::set<LinkName> doubtful;        // links of which an option was wrong, and left out
  // Link of each template's ports, with the place where it is named: "bond1" of "bond1.{vid}".
  struct TemplatePort {
    std::size_t index;  // of the template
    LinkName link;
    Word word;
  };
  std::vector<TemplatePort> template_ports;
};

// All links that the draft names or implies. What does not fit together is noted and left out.
Assembly assemble(const Draft& draft, Diagnostics& wrong);

// The [port.NAME] tables, put on the links they describe. `complete` tells that no table was left
// out before, so that a name which is no port of anything is a mistake.
void give_port_options(const Draft& draft, bool complete, Assembly& assembly, Diagnostics& wrong);

// Loops, links stacked too deep. False when there are any.
bool check_stacking(const Assembly& assembly, Diagnostics& wrong);

// VLAN links that are the same VLAN, that take frames from a bond or a VLAN-filtering bridge below
// it, or bridges with too many ports.
void check_links(const Assembly& assembly, Diagnostics& wrong);

// Templates that overlap each other or what is declared.
void check_templates(const Assembly& assembly, Diagnostics& wrong);

// This host's own place on the links: only where no bridge or bond takes the frames, with gateways
// that can be reached and nothing twice. Fills Topology::hosting.
void check_hosting(const Draft& draft, Assembly& assembly, Diagnostics& wrong);

// A default bridge that the file knows as something else.
void check_default_bridge(const Draft& draft, const Assembly& assembly, Diagnostics& wrong);

// Sets the MTU of every link below one whose mtu is written, and complains where one is too small.
void solve_mtus(const Draft& draft, Assembly& assembly, Diagnostics& wrong);

}  // namespace vifchain::inline core::inline config

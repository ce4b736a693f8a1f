// SPDX-License-Identifier: Apache-2.0
// A view as a picture: boxes and lines, from the NICs to the guests, and the ways to write it down.
#pragma once

#include <string>
#include <vector>

#include "core/view/view.hpp"

namespace vifchain::inline core::inline view {

enum class Role : std::uint8_t { nic, bond, vlan, bridge, guest };

struct Box {
  Role role = Role::nic;
  std::string title;                    // "bond1", "web"
  std::vector<std::string> lines = {};  // small print below it
  bool missing = false;                 // the file names it, and it is not there
  bool wrong = false;                   // something is amiss; the last line says what
  bool operator==(const Box&) const = default;
};

// A box stands on another: a port below its bond or bridge, a VLAN below it the link it is on, a
// guest on its bridge.
struct Stands {
  std::size_t lower = 0, upper = 0;
  bool broken = false;  // nothing passes between them
  bool operator==(const Stands&) const = default;
};

struct Graph {
  std::vector<Box> boxes;
  std::vector<Stands> lines;
  bool operator==(const Graph&) const = default;
};

// All texts printable.
Graph make_graph(const View& view);

// For Graphviz, for Mermaid (a flowchart from left to right), and as a picture of its own.
std::string dot_of(const Graph& graph);
std::string mermaid_of(const Graph& graph);
std::string svg_of(const Graph& graph);

}  // namespace vifchain::inline core::inline view

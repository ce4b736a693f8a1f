// SPDX-License-Identifier: Apache-2.0
// Where the boxes of a graph go: in columns from the NICs on the left to the guests on the right,
// in an order with few crossings, each near what it is connected to.
#pragma once

#include <vector>

#include "core/view/graph.hpp"

namespace vifchain::inline core::inline view {

struct Point {
  double x = 0, y = 0;
};
struct Placed {
  Point corner;  // top left
  double width = 0, height = 0;
};

struct Layout {
  std::vector<Placed> boxes;              // as in the graph
  std::vector<std::vector<Point>> lines;  // as in the graph: the points each goes through
  double width = 0, height = 0;           // of the whole, from (0, 0)
};

// What one box takes, by its texts: the caller knows the letters.
struct Size {
  double width = 0, height = 0;
};

// A line that passes a column gets a lane of its own there, so it never runs through a box.
Layout lay_out(const Graph& graph, const std::vector<Size>& sizes);

}  // namespace vifchain::inline core::inline view

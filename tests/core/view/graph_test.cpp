// SPDX-License-Identifier: Apache-2.0
// What vifchain graph draws: the boxes and lines of a host, where they go, and how they are
// written.
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/view/graph.hpp"
#include "core/view/layout.hpp"
#include "temp_folder.hpp"
#include "view_host.hpp"
#include "views.hpp"

namespace vifchain {
namespace {

Graph graph_of(const Sight& sight) {
  return make_graph(make_view(sight));
}

TEST(Graph, IsDot) {
  expect_view(dot_of(graph_of(spoilt_host())), "spoilt.dot");
}

TEST(Graph, IsMermaid) {
  expect_view(mermaid_of(graph_of(spoilt_host())), "spoilt.mermaid");
}

TEST(Graph, IsAPicture) {
  expect_view(svg_of(graph_of(readme_host())), "readme.svg");
  expect_view(svg_of(graph_of(spoilt_host())), "spoilt.svg");
}

TEST(Graph, HasOneBoxForAGuestWithSeveralVifs) {
  Sight sight = readme_host();
  auto second = sight.vifs[0];
  second.vif.devid = 1;
  second.bridge = "xenbrlan";
  sight.vifs.push_back(second);
  sight.links.emplace(
      link_name("vif5.1"),
      Link{.name = link_name("vif5.1"), .controller = link_name("xenbrlan"), .up = true});
  sight.states[link_name("vif5.1")] = {.carrier = true};
  const Graph graph = graph_of(sight);
  const auto web = std::find_if(graph.boxes.begin(), graph.boxes.end(),
                                [](const Box& box) { return box.title == "web"; });
  ASSERT_NE(web, graph.boxes.end());
  EXPECT_EQ(web->lines, (std::vector<std::string>{"vif5.0", "vif5.1"}));
  EXPECT_EQ(graph.boxes.size(), graph_of(readme_host()).boxes.size());
  EXPECT_EQ(graph.lines.size(), graph_of(readme_host()).lines.size() + 1);
}

TEST(Graph, OfAnEmptyHostIsWholeAllTheSame) {
  EXPECT_TRUE(has(svg_of(graph_of({})), "</svg>"));
  EXPECT_TRUE(has(dot_of(graph_of({})), "}"));
  EXPECT_TRUE(has(mermaid_of(graph_of({})), "flowchart LR"));
}

TEST(Graph, LetsNoNameBreakItsText) {
  Sight sight = readme_host();
  sight.vifs[0].guest = "a\"<b>&\\n\n";
  EXPECT_TRUE(has(dot_of(graph_of(sight)), R"(a\"<b>&\\n?)"));
  EXPECT_TRUE(has(svg_of(graph_of(sight)), R"(a&quot;&lt;b&gt;&amp;\n?)"));
  EXPECT_TRUE(has(mermaid_of(graph_of(sight)), "a#34;#60;b#62;#38;#92;n?"));
}

// A host of many chains: bonds, VLANs on them, bridges, some straight on a NIC, guests.
Graph large_graph() {
  std::string file;
  for (int bond = 0; bond < 3; ++bond)
    file += "[bond.bond" + std::to_string(bond) + "]\nmode = \"active-backup\"\nports = [\"eth" +
            std::to_string(2 * bond) + "\", \"eth" + std::to_string(2 * bond + 1) + "\"]\n";
  for (int bridge = 0; bridge < 30; ++bridge)
    file += "[bridge.br" + std::to_string(bridge) + "]\nports = [\"bond" +
            std::to_string(bridge * 7 % 3) + "." + std::to_string(bridge + 2) + "\"]\n";
  for (int bridge = 30; bridge < 34; ++bridge)
    file += "[bridge.br" + std::to_string(bridge) + "]\nports = [\"eth" +
            std::to_string(bridge - 20) + "\"]\n";
  Sight sight = host_of(file);
  for (unsigned guest = 1; guest <= 60; ++guest)
    add_guest(sight, guest, "guest" + std::to_string(guest),
              "br" + std::to_string(guest * 13 % 34));
  return graph_of(sight);
}

struct LaidOut {
  Graph graph = large_graph();
  Layout layout = lay_out(graph, std::vector<Size>(graph.boxes.size(), Size{100, 40}));
};

TEST(Layout, PutsNoBoxUponAnother) {
  const LaidOut large;
  const auto& boxes = large.layout.boxes;
  for (std::size_t a = 0; a < boxes.size(); ++a)
    for (std::size_t b = 0; b < a; ++b)
      EXPECT_TRUE(boxes[a].corner.x != boxes[b].corner.x ||
                  std::abs(boxes[a].corner.y - boxes[b].corner.y) >= 40)
          << large.graph.boxes[a].title << " and " << large.graph.boxes[b].title;
}

TEST(Layout, LeadsNoLineAcrossAColumn) {
  const LaidOut large;
  for (const auto& points : large.layout.lines)
    for (std::size_t i = 1; i < points.size(); i += 2)  // from one column to the next
      for (const auto& box : large.layout.boxes)
        EXPECT_FALSE(points[i - 1].x < box.corner.x && box.corner.x < points[i].x);
}

TEST(Layout, LeadsNoLineThroughABox) {
  const LaidOut large;
  for (const auto& points : large.layout.lines)
    for (std::size_t i = 2; i + 1 < points.size(); i += 2)  // through a column, level
      for (const auto& box : large.layout.boxes)
        EXPECT_FALSE(box.corner.x == points[i - 1].x && box.corner.y < points[i].y &&
                     points[i].y < box.corner.y + box.height);
}

TEST(Layout, StaysWithinThePicture) {
  const LaidOut large;
  for (const auto& box : large.layout.boxes) {
    EXPECT_GE(box.corner.x, 0);
    EXPECT_GE(box.corner.y, 0);
    EXPECT_LE(box.corner.x + box.width, large.layout.width);
    EXPECT_LE(box.corner.y + box.height, large.layout.height);
  }
}

TEST(Layout, GoesFromNicsToGuests) {
  const LaidOut large;
  for (const auto& line : large.graph.lines)
    EXPECT_LT(large.layout.boxes[line.lower].corner.x, large.layout.boxes[line.upper].corner.x);
}

}  // namespace
}  // namespace vifchain

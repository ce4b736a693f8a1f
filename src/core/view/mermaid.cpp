// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string_view>

#include "core/text/escape.hpp"
#include "core/view/graph.hpp"

namespace vifchain::inline core::inline view {
namespace {

constexpr std::array<std::string_view, 5> classes{"nic", "bond", "vlan", "bridge", "guest"};

// Within quotes Mermaid knows HTML's entities by number, "#34;" for a quote ("Flowcharts - Basic
// Syntax", mermaid.js.org).
constexpr std::pair<char, const char*> entities[] = {{'"', "#34;"}, {'#', "#35;"}, {'&', "#38;"},
                                                     {'<', "#60;"}, {'>', "#62;"}, {'`', "#96;"},
                                                     {'\\', "#92;"}};

std::string node(std::size_t number, const Box& box) {
  std::string label = "<b>" + escaped(box.title, entities) + "</b>";
  for (const auto& line : box.lines) label += "<br/>" + escaped(line, entities);
  return "  n" + std::to_string(number) + "(\"" + label +
         "\"):::" + std::string(classes.at(static_cast<std::size_t>(box.role))) + "\n";
}

// A statement for all boxes that `is` holds for; empty without any.
template <typename Is>
std::string classified(const Graph& graph, const Is& is, std::string_view name) {
  std::string numbers;
  for (std::size_t i = 0; i < graph.boxes.size(); ++i)
    if (is(graph.boxes[i])) numbers += (numbers.empty() ? "n" : ",n") + std::to_string(i);
  return numbers.empty() ? "" : "  class " + numbers + " " + std::string(name) + "\n";
}

}  // namespace

std::string mermaid_of(const Graph& graph) {
  std::string text = "flowchart LR\n";
  for (std::size_t i = 0; i < graph.boxes.size(); ++i) text += node(i, graph.boxes[i]);
  for (const auto& [lower, upper, broken] : graph.lines)
    text += "  n" + std::to_string(lower) + (broken ? " -.- n" : " --- n") + std::to_string(upper) +
            "\n";
  text +=
      "  classDef nic fill:#e3e6ea,stroke:#7a828c,color:#1c2024\n"
      "  classDef bond fill:#d6e4f5,stroke:#7a828c,color:#1c2024\n"
      "  classDef vlan fill:#dff0e3,stroke:#7a828c,color:#1c2024\n"
      "  classDef bridge fill:#fdf0d0,stroke:#7a828c,color:#1c2024\n"
      "  classDef guest fill:#ece2f4,stroke:#7a828c,color:#1c2024\n"
      "  classDef wrong stroke:#c62828,stroke-width:2px\n"
      "  classDef missing stroke:#c62828,stroke-width:2px,stroke-dasharray:5 4\n";
  text += classified(
      graph, [](const Box& box) { return box.wrong; }, "wrong");
  text += classified(
      graph, [](const Box& box) { return box.missing; }, "missing");
  return text;
}

}  // namespace vifchain::inline core::inline view

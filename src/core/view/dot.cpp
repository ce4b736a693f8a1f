// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string_view>

#include "core/text/escape.hpp"
#include "core/view/graph.hpp"

namespace vifchain::inline core::inline view {
namespace {

constexpr std::array<std::string_view, 5> fills{"#e3e6ea", "#d6e4f5", "#dff0e3", "#fdf0d0",
                                                "#ece2f4"};

// In a quoted string a backslash begins an escape ("DOT language", graphviz.org).
std::string label(const Box& box) {
  constexpr std::pair<char, const char*> escapes[] = {{'"', "\\\""}, {'\\', "\\\\"}};
  std::string text = escaped(box.title, escapes);
  for (const auto& line : box.lines) text += "\\n" + escaped(line, escapes);
  return text;
}

std::string dot_node(std::size_t number, const Box& box) {
  std::string text = "  n" + std::to_string(number) + " [label=\"" + label(box) +
                     "\", fillcolor=\"" +
                     std::string(fills.at(static_cast<std::size_t>(box.role))) + "\"";
  if (box.missing) text += ", style=\"rounded,filled,dashed\"";
  if (box.missing || box.wrong) text += ", color=\"#c62828\", penwidth=2";
  return text + "];\n";
}

std::string same_rank(const Graph& graph, Role role, std::string_view rank) {
  std::string text;
  for (std::size_t i = 0; i < graph.boxes.size(); ++i)
    if (graph.boxes[i].role == role) text += " n" + std::to_string(i) + ";";
  return text.empty() ? "" : "  { rank=" + std::string(rank) + ";" + text + " }\n";
}

}  // namespace

std::string dot_of(const Graph& graph) {
  std::string text =
      "graph vifchain {\n"
      "  rankdir=LR;\n"
      "  bgcolor=\"transparent\";\n"
      "  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\", fontsize=11, "
      "color=\"#7a828c\", fontcolor=\"#1c2024\"];\n"
      "  edge [color=\"#7a828c\"];\n";
  for (std::size_t i = 0; i < graph.boxes.size(); ++i) text += dot_node(i, graph.boxes[i]);
  text += same_rank(graph, Role::nic, "min") + same_rank(graph, Role::bridge, "same") +
          same_rank(graph, Role::guest, "max");
  for (const auto& [lower, upper, broken] : graph.lines)
    text += "  n" + std::to_string(lower) + " -- n" + std::to_string(upper) +
            (broken ? " [color=\"#c62828\", style=dashed];\n" : ";\n");
  return text + "}\n";
}

}  // namespace vifchain::inline core::inline view

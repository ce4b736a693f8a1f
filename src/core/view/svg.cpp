// SPDX-License-Identifier: Apache-2.0
// A picture that needs no other tool. Boxes are pale with dark letters, lines are grey, and behind
// them is nothing, so it reads on light and on dark pages.
#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "core/text/escape.hpp"
#include "core/view/layout.hpp"
#include "core/view/words.hpp"

namespace vifchain::inline core::inline view {
namespace {

struct Look {
  std::string_view fill, stroke;
};
constexpr std::array<Look, 5> looks{Look{"#e3e6ea", "#7a828c"}, Look{"#d6e4f5", "#5b86b8"},
                                    Look{"#dff0e3", "#5f9a70"}, Look{"#fdf0d0", "#b8923f"},
                                    Look{"#ece2f4", "#8a6aa6"}};
constexpr std::string_view red = "#c62828";

// A letter of a monospaced font is 0.6 of its size wide, in every such font that is about.
constexpr double title_size = 14, line_size = 11, letter = 0.6;
constexpr double padding = 10, title_height = 18, line_height = 15;

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  std::string digits = text.data();
  if (digits.ends_with(".0")) digits.resize(digits.size() - 2);
  return digits == "-0" ? "0" : digits;
}

constexpr std::pair<char, const char*> xml_entities[] = {
    {'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}};

Size size_of(const Box& box) {
  double widest = static_cast<double>(width(box.title)) * title_size * letter;
  for (const auto& line : box.lines)
    widest = std::max(widest, static_cast<double>(width(line)) * line_size * letter);
  return {widest + 2 * padding,
          title_height + line_height * static_cast<double>(box.lines.size()) + padding};
}

std::string attribute(std::string_view name, double value) {
  return " " + std::string(name) + "=\"" + number(value) + "\"";
}

std::string text_at(double x, double y, std::string_view style, std::string_view text) {
  return "  <text" + attribute("x", x) + attribute("y", y) + " class=\"" + std::string(style) +
         "\">" + escaped(text, xml_entities) + "</text>\n";
}

std::string drawn(const Box& box, const Placed& at) {
  const Look& look = looks.at(static_cast<std::size_t>(box.role));
  const bool amiss = box.missing || box.wrong;
  std::string text = "  <rect" + attribute("x", at.corner.x) + attribute("y", at.corner.y) +
                     attribute("width", at.width) + attribute("height", at.height) +
                     " rx=\"6\" fill=\"" + std::string(look.fill) + "\" stroke=\"" +
                     std::string(amiss ? red : look.stroke) + "\"" +
                     (amiss ? " stroke-width=\"2\"" : "") +
                     (box.missing ? " stroke-dasharray=\"5 4\"" : "") + "/>\n";
  double y = at.corner.y + title_height;
  text += text_at(at.corner.x + padding, y, "title", box.title);
  for (std::size_t i = 0; i < box.lines.size(); ++i) {
    y += line_height;
    const bool alarm = box.missing || (box.wrong && i + 1 == box.lines.size());
    text += text_at(at.corner.x + padding, y, alarm ? "line wrong" : "line", box.lines[i]);
  }
  return text;
}

std::string point(const Point& at) {
  return number(at.x) + " " + number(at.y);
}

// Between two columns a curve that leaves and arrives level; through a column straight.
std::string drawn(const std::vector<Point>& points, bool broken) {
  std::string way = "M" + point(points.front());
  for (std::size_t i = 1; i < points.size(); ++i) {
    const Point &from = points[i - 1], &to = points[i];
    const double middle = (from.x + to.x) / 2;
    if (from.y == to.y)
      way += " L" + point(to);
    else
      way += " C" + point({middle, from.y}) + " " + point({middle, to.y}) + " " + point(to);
  }
  return "  <path d=\"" + way + "\"" + (broken ? " class=\"broken\"" : "") + "/>\n";
}

}  // namespace

std::string svg_of(const Graph& graph) {
  std::vector<Size> sizes;
  for (const auto& box : graph.boxes) sizes.push_back(size_of(box));
  const Layout layout = lay_out(graph, sizes);
  std::string text = "<svg xmlns=\"http://www.w3.org/2000/svg\"" +
                     attribute("width", layout.width) + attribute("height", layout.height) +
                     " viewBox=\"0 0 " + number(layout.width) + " " + number(layout.height) +
                     "\">\n"
                     "  <title>Bridges of this host, their chains and guests</title>\n"
                     "  <style>\n"
                     "    path { fill: none; stroke: #7a828c; stroke-width: 1.5 }\n"
                     "    .broken { stroke: #c62828; stroke-dasharray: 5 4 }\n"
                     "    text { font-family: ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, "
                     "monospace; fill: #1c2024 }\n"
                     "    .title { font-size: 14px; font-weight: bold }\n"
                     "    .line { font-size: 11px }\n"
                     "    .wrong { fill: #b71c1c }\n"
                     "  </style>\n";
  for (std::size_t i = 0; i < layout.lines.size(); ++i)
    text += drawn(layout.lines[i], graph.lines[i].broken);
  for (std::size_t i = 0; i < layout.boxes.size(); ++i)
    text += drawn(graph.boxes[i], layout.boxes[i]);
  return text + "</svg>\n";
}

}  // namespace vifchain::inline core::inline view

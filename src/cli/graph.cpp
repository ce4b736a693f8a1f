// SPDX-License-Identifier: Apache-2.0
#include "cli/graph.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <memory>
#include <string_view>

#include "cli/gather/look.hpp"
#include "cli/show/complain.hpp"
#include "core/text/nearest.hpp"
#include "core/view/graph.hpp"
#include "core/view/words.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline cli {
namespace {

struct Format {
  std::string_view name;
  std::string (*draw)(const Graph& graph);
};
constexpr std::array formats{Format{"dot", dot_of}, Format{"mermaid", mermaid_of},
                             Format{"svg", svg_of}};

constexpr const char* explanation = R"(FORMAT is one of
  dot      for Graphviz: vifchain graph | dot -Tpng > network.png
  mermaid  for pages that render Mermaid
  svg      a picture, drawn without another program
)";

struct Words {
  std::vector<std::string> bridges;
  std::string format = "dot";
};

const Format& format_of(const std::string& name) {
  std::vector<std::string_view> known;
  for (const auto& format : formats) {
    if (format.name == name) return format;
    known.push_back(format.name);
  }
  const std::string near = nearest(name, known);
  throw Refusal("unknown format \"" + name + "\": expected dot, mermaid or svg" +
                (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

int draw(const Words& words, const Common& common) {
  const Format& format = format_of(words.format);
  const Looked looked = look(common, false);
  const auto picture = format.draw(make_graph(chosen(looked.view, words.bridges)));
  for (const auto& mistake : looked.mistakes) complain("error", mistake);
  for (const auto& note : notes_on(looked, common)) complain("note", note);
  std::fwrite(picture.data(), 1, picture.size(), stdout);
  return looked.mistakes.empty() ? 0 : 1;
}

}  // namespace

Run declare_graph(CLI::App& app, const Common& common) {
  const auto words = std::make_shared<Words>();
  app.add_option("BRIDGE", words->bridges, "Draw these bridges only");
  app.add_option("--format", words->format, "Output format: dot, mermaid or svg")
      ->type_name("FORMAT")
      ->capture_default_str();
  app.footer(explanation);
  return [words, &common] { return draw(*words, common); };
}

}  // namespace vifchain::inline cli

#include "cli/read_config.hpp"

#include <cstdio>

#include "core/file/nearest.hpp"
#include "core/words.hpp"
#include "edge/config.hpp"
#include "edge/error.hpp"
#include "flow/reach.hpp"

namespace vifchain {
namespace {

LinkName bridge_in(const Topology& topology, const std::string& text) {
  if (chain_for(topology, text)) return LinkName::parse(text).value();
  const auto names = bridge_names(topology);
  const std::string near = nearest(text, {names.begin(), names.end()});
  throw Refusal("wanted a bridge of the file: found \"" + text +
                "\": " + (near.empty() ? "" : "did you mean " + near + "? ") +
                (names.empty() ? "it declares none" : "its bridges are " + listed(names)));
}

std::string number_of(std::size_t mistakes) {
  return mistakes == 1 ? "1 mistake" : std::to_string(mistakes) + " mistakes";
}

}  // namespace

Topology read_config(const Common& common) {
  auto read = load_topology(common.config);
  if (auto* topology = std::get_if<Topology>(&read)) return std::move(*topology);
  const auto& mistakes = std::get<Diagnostics>(read);
  for (const auto& mistake : mistakes)
    std::fprintf(stderr, "%s\n", show(mistake, common.config).c_str());
  throw Refusal("wanted a right file: found " + number_of(mistakes.size()) + " (" + common.config +
                "): correct it; nothing was changed");
}

std::vector<LinkName> bridges_in(const Topology& topology, const std::vector<std::string>& names) {
  std::vector<LinkName> bridges;
  for (const auto& name : names) bridges.push_back(bridge_in(topology, name));
  return bridges;
}

}  // namespace vifchain

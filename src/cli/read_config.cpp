#include "cli/read_config.hpp"

#include <cstdio>

#include "core/file/nearest.hpp"
#include "core/words.hpp"
#include "edge/config.hpp"
#include "edge/error.hpp"
#include "edge/kept/kept_file.hpp"
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

Topology right_one(std::variant<Topology, Diagnostics> read, const Common& common) {
  if (auto* topology = std::get_if<Topology>(&read)) return std::move(*topology);
  const auto& mistakes = std::get<Diagnostics>(read);
  for (const auto& mistake : mistakes)
    std::fprintf(stderr, "%s\n", show(mistake, common.config).c_str());
  throw Refusal("wanted a right file: found " + number_of(mistakes.size()) + " (" + common.config +
                "): correct it; nothing was changed");
}

}  // namespace

Topology read_config(const Common& common) {
  return right_one(load_topology(common.config), common);
}

ConfigRead read_config_and_text(const Common& common) {
  FileState file{.text = config_text(common.config)};
  const FileOwner owner = owner_of(common.config);
  file.mode = owner.mode;
  file.uid = owner.uid;
  file.gid = owner.gid;
  return {right_one(parse_topology(file.text), common), std::move(file)};
}

Topology read_config_and(const Common& common, const std::string& bridge, const std::string& port) {
  const std::string text = read_file(common.config).value_or("");
  Topology topology = right_one(parse_topology(text), common);
  if (chain_for(topology, bridge)) return topology;
  return right_one(parse_topology(text + "\n[bridge.\"" + bridge + "\"]\nports = [" +
                                  (port.empty() ? "" : "\"" + port + "\"") + "]\n"),
                   common);
}

std::vector<LinkName> bridges_in(const Topology& topology, const std::vector<std::string>& names) {
  std::vector<LinkName> bridges;
  for (const auto& name : names) bridges.push_back(bridge_in(topology, name));
  return bridges;
}

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
#include "cli/read_config.hpp"

#include <algorithm>
#include <cstdio>

#include "cli/show/json_text.hpp"
#include "core/text/list.hpp"
#include "core/text/nearest.hpp"
#include "core/text/problem.hpp"
#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"
#include "edge/parse/toml.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline cli {
namespace {

LinkName bridge_in(const Topology& topology, const std::string& text, const Common& common) {
  if (chain_for(topology, text)) return LinkName::parse(text).value();
  const auto names = bridge_names(topology);
  const std::string near = nearest(text, {names.begin(), names.end()});
  throw Refusal("no bridge \"" + text + "\" in " + common.config + " (" +
                (names.empty() ? "it declares none" : "it has " + listed(names)) + ")" +
                (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

std::string number_of(std::size_t mistakes) {
  return mistakes == 1 ? "1 error" : std::to_string(mistakes) + " errors";
}

Topology right_one(std::variant<Topology, Diagnostics> read, const Common& common) {
  if (auto* topology = std::get_if<Topology>(&read)) return std::move(*topology);
  const auto& mistakes = std::get<Diagnostics>(read);
  constexpr std::size_t most_shown = 100;
  for (std::size_t i = 0; i < std::min(mistakes.size(), most_shown); ++i)
    std::fprintf(stderr, "%s\n", show(mistakes[i], common.config).c_str());
  if (mistakes.size() > most_shown)
    std::fprintf(stderr, "and %zu more\n", mistakes.size() - most_shown);
  throw Refusal(common.config + " has " + number_of(mistakes.size()) + " (listed above)");
}

// Whose words count where both speak of a bridge: nobody's, until they agree.
void must_have_port(const Chain& chain, const std::string& port, const Common& common) {
  const auto ports = uplinks_of(chain);
  if (ports.empty() ? port.empty() : std::ranges::find(ports, port, &LinkName::str) != ports.end())
    return;
  std::vector<std::string> names;
  for (const auto& name : ports) names.push_back(name.str());
  const std::string bridge = chain.bridge.str();
  throw Refusal(problem(
      "--port differs from " + common.config + ": " + bridge + " has " +
          (names.empty() ? "no port"
                         : (names.size() == 1 ? "the port " : "the ports ") + listed(names)) +
          " there",
      "vifchain up " + bridge));
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

void print_mistakes_json(const std::string& config, const std::vector<std::string>& mistakes) {
  const nlohmann::ordered_json json{{"config", config}, {"mistakes", mistakes}};
  std::printf("%s\n", json_text(json, 2).c_str());
}

Topology read_config_for_json(const Common& common) {
  auto read = load_topology(common.config);
  if (const auto* wrong = std::get_if<Diagnostics>(&read)) {
    std::vector<std::string> mistakes;
    for (const auto& mistake : *wrong) mistakes.push_back(show(mistake, common.config));
    print_mistakes_json(common.config, mistakes);
  }
  return right_one(std::move(read), common);
}

bool is_in_file(const Common& common, const std::string& bridge) try {
  const auto read = load_topology(common.config);
  const auto* topology = std::get_if<Topology>(&read);
  return topology != nullptr && chain_for(*topology, bridge).has_value();
} catch (const Error&) {
  return false;
}

Topology read_config_and(const Common& common, const std::string& bridge, const std::string& port) {
  const std::string text = read_file(common.config).value_or("");
  Topology topology = right_one(parse_topology(text), common);
  if (const auto chain = chain_for(topology, bridge)) {
    must_have_port(*chain, port, common);
    return topology;
  }
  return right_one(parse_topology(text + "\n[bridge.\"" + bridge + "\"]\nports = [" +
                                  (port.empty() ? "" : "\"" + port + "\"") + "]\n"),
                   common);
}

std::vector<LinkName> bridges_in(const Topology& topology, const std::vector<std::string>& names,
                                 const Common& common) {
  std::vector<LinkName> bridges;
  for (const auto& name : names) bridges.push_back(bridge_in(topology, name, common));
  return bridges;
}

}  // namespace vifchain::inline cli

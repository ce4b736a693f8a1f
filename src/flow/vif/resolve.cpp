// SPDX-License-Identifier: Apache-2.0
#include "flow/vif/resolve.hpp"

#include <system_error>

#include "edge/base/error.hpp"
#include "edge/parse/toml.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/wait.hpp"

namespace vifchain::inline flow::inline vif {
namespace {

std::string in_words(const Diagnostics& mistakes, const std::string& file) {
  std::string text = show(mistakes.front(), file);
  if (mistakes.size() > 1)
    text += " (and " + std::to_string(mistakes.size() - 1) + " more, all in the log)";
  return text;
}

Topology read_file(Env& env) {
  auto topology = load_topology(env.places.config);
  if (auto* read = std::get_if<Topology>(&topology)) return std::move(*read);
  const auto& mistakes = std::get<Diagnostics>(topology);
  for (const auto& mistake : mistakes) env.log.err(show(mistake, env.places.config));
  throw Refusal(in_words(mistakes, env.places.config));
}

std::string usual(const Topology& topology, const std::string& config) {
  if (auto name = usual_bridge(topology)) return *name;
  throw Refusal(
      "Could not find bridge, and none was specified; name one with bridge=NAME, or set "
      "bridge in [vif] of " +
      config);
}

std::optional<MeantBridge> look_for(Env& env, const Topology& topology, const std::string& text) {
  auto found = meant_bridge(topology, text, [&](const LinkName& name) {
    auto there = env.kernel.snapshot({{.name = name}});
    const auto link = there.find(name);
    return link == there.end() ? std::nullopt : std::optional(std::move(link->second));
  });
  if (!found) return std::nullopt;
  if (const auto* other = std::get_if<NoBridge>(&*found)) throw Refusal(other->reason);
  auto bridge = std::get<MeantBridge>(std::move(*found));
  if (bridge.old_name)
    env.log.info("bridge=" + text + " is taken for the bridge " + bridge.chain.bridge.str());
  return bridge;
}

// By its name, or by an alternative one (ip-link(8), altname).
std::optional<MeantBridge> look(Env& env, const Topology& topology, const std::string& text) {
  if (auto found = look_for(env, topology, text)) return found;
  const auto other = LinkName::parse(text);
  const auto name = other ? env.names.present(*other) : std::nullopt;
  if (!name || *name == *other) return std::nullopt;
  env.log.info("bridge=" + text + " is an alternative name of " + name->str());
  return look_for(env, topology, name->str());
}

std::string waited_in_words(const Env& env, unsigned waited) {
  if (!env.watch_links || waited == 0) return {};
  return " (nor came within " + std::to_string(waited) + " s)";
}

}  // namespace

// Without a file there are the bridges of others.
Resolved resolve(Env& env, const std::string& text) {
  const auto file = FileIdentity::of(env.places.config);
  if (auto chain =
          file && !text.empty() ? cached_chain(env.places.locks, *file, text) : std::nullopt)
    return {{.chain = std::move(*chain), .declared = true}, file, {}};
  Topology topology = file ? read_file(env) : Topology{};
  const std::string name = text.empty() ? usual(topology, env.places.config) : text;
  const unsigned wait = topology.vif.wait.value_or(usual_wait);
  std::optional<MeantBridge> bridge;
  if (!wait_until(env, wait, [&] { return (bridge = look(env, topology, name)).has_value(); }))
    throw Refusal(nowhere_in_words(topology, name, env.places.config, file.has_value(),
                                   waited_in_words(env, wait)));
  return {std::move(*bridge), file, std::move(topology)};
}

}  // namespace vifchain::inline flow::inline vif

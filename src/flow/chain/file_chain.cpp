// SPDX-License-Identifier: Apache-2.0
#include "flow/chain/file_chain.hpp"

#include "edge/parse/toml.hpp"
#include "edge/state/chain_cache.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline flow::inline chain {

std::optional<Chain> chain_in_file(Env& env, const LinkName& bridge) {
  const auto file = FileIdentity::of(env.places.config);
  if (!file) return std::nullopt;
  if (auto chain = cached_chain(env.places.locks, *file, bridge.str())) return chain;
  const auto topology = load_topology(env.places.config);
  if (const auto* mistakes = std::get_if<Diagnostics>(&topology))
    throw Refusal(show(mistakes->front(), env.places.config));
  return chain_for(std::get<Topology>(topology), bridge.str());
}

}  // namespace vifchain::inline flow::inline chain

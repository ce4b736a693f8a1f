#include "flow/chain/file_chain.hpp"

#include "edge/parse/toml.hpp"
#include "edge/state/chain_cache.hpp"
#include "flow/run/converge.hpp"

namespace vifchain {

std::optional<Chain> chain_in_file(Site& site, const LinkName& bridge) {
  const auto file = FileIdentity::of(site.places.config);
  if (!file) return std::nullopt;
  if (auto chain = kept_chain(site.places.locks, *file, bridge.str())) return chain;
  const auto topology = load_topology(site.places.config);
  if (const auto* mistakes = std::get_if<Diagnostics>(&topology))
    throw Refusal(show(mistakes->front(), site.places.config));
  return chain_for(std::get<Topology>(topology), bridge.str());
}

}  // namespace vifchain

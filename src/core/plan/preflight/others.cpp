// SPDX-License-Identifier: Apache-2.0
// Bridges that somebody else made, which guests may name.
#include "core/plan/preflight/context.hpp"

namespace vifchain::inline core::inline plan {

std::vector<std::string> troubles_of_others_bridge(const Link& bridge) {
  const std::string name = bridge.name.str();
  std::vector<std::string> troubles;
  if (bridge.up == false)
    troubles.push_back(name +
                       ", which somebody else made, is down: its guests reach nobody: \"ip "
                       "link set " +
                       name + " up\", and have whoever makes it raise it");
  const auto& options = options_of(bridge);
  const auto delay = integer(options, Option::bridge_forward_delay).value_or(0);
  if (is_on(options, Option::bridge_stp) && delay > 0)
    troubles.push_back(name +
                       ", which somebody else made, runs STP: a guest that joins it is deaf "
                       "for twice its forward_delay, " +
                       show(Option::bridge_forward_delay, Value{2 * delay}) +
                       " s: have whoever makes it set that to 2, or STP off where there can be no "
                       "loop");
  return troubles;
}

// Others than the file's: a host may have some that no guest ever sees, so it is said and no more.
void look_at_bridges_of_others(const Context& context, Findings& findings) {
  for (const auto& [name, link] : context.before)
    if (!link.ours && is_bridge(link) && !context.desired.contains(name))
      for (auto& trouble : troubles_of_others_bridge(link))
        findings.push_back({name, Weight::note, std::move(trouble), "stp"});
}

}  // namespace vifchain::inline core::inline plan

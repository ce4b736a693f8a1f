// SPDX-License-Identifier: Apache-2.0
// Bridges that somebody else made, which guests may name.
#include "core/plan/preflight/context.hpp"
#include "core/text/problem.hpp"

namespace vifchain::inline core::inline plan {

std::vector<std::string> troubles_of_others_bridge(const Link& bridge) {
  const std::string name = bridge.name.str(), set = "ip link set " + name;
  std::vector<std::string> troubles;
  if (bridge.up == false)
    troubles.push_back(
        problem("foreign bridge " + name + " is down, so its guests reach nobody", set + " up"));
  const auto delay = integer(options_of(bridge), Option::bridge_forward_delay).value_or(0);
  if (is_on(options_of(bridge), Option::bridge_stp) && delay > 0)
    troubles.push_back(problem("foreign bridge " + name + stp_in_words(delay),
                               set + " type bridge forward_delay 200"));
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

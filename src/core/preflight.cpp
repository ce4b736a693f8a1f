#include "core/preflight.hpp"

#include <algorithm>

#include "core/obstacles.hpp"
#include "core/preflight/outlook.hpp"

namespace vifchain {

std::vector<Finding> preflight(const Desired& wish, const Actual& before, const HostFacts& facts) {
  const Outlook outlook{wish, before, facts, links_to_delete(wish, before)};
  Findings findings;
  for (const auto& look : {look_at_drivers, look_at_names, look_at_ports, look_at_room,
                           look_at_netfilter, look_at_managers})
    look(outlook, findings);
  std::ranges::stable_sort(findings, [](const Finding& a, const Finding& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.link < b.link;
  });
  return findings;
}

std::string obstacles_in_words(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& finding : findings)
    if (finding.weight == Weight::obstacle) text += (text.empty() ? "" : "; ") + finding.text;
  return text;
}

}  // namespace vifchain

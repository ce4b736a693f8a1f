// SPDX-License-Identifier: Apache-2.0
#include "core/plan/preflight/preflight.hpp"

#include <algorithm>
#include <array>

#include "core/plan/obstacles.hpp"
#include "core/plan/preflight/context.hpp"
#include "core/text/list.hpp"

namespace vifchain::inline core::inline plan {

std::vector<Finding> preflight(const Desired& desired, const Actual& before,
                               const HostFacts& facts) {
  const Context context{desired, before, facts, links_to_delete(desired, before)};
  Findings findings;
  for (const auto& look :
       {look_at_drivers, look_at_names, look_at_ports, look_at_room, look_at_netfilter,
        look_at_managers, look_at_file_alone, look_at_place_of_host, look_at_bridges_of_others})
    look(context, findings);
  std::ranges::stable_sort(findings, [](const Finding& a, const Finding& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.link < b.link;
  });
  return findings;
}

std::vector<Finding> look_at_file(const Desired& desired) {
  static const Actual nothing;
  static const HostFacts none;
  Findings findings;
  look_at_file_alone({desired, nothing, none, {}}, findings);
  return findings;
}

void leave_out_accepted(std::vector<Finding>& findings, const std::set<std::string>& accepted) {
  std::erase_if(findings, [&](const Finding& f) { return accepted.contains(f.accept); });
}

std::string obstacles_in_words(const std::vector<Finding>& findings) {
  std::vector<std::string> texts;
  for (const auto& finding : findings)
    if (finding.weight == Weight::obstacle) texts.push_back(finding.text);
  return joined(texts, {}, "; ");
}

}  // namespace vifchain::inline core::inline plan

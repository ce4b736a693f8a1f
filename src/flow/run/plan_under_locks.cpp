// SPDX-License-Identifier: Apache-2.0
#include "flow/run/plan_under_locks.hpp"

namespace vifchain::inline flow::inline run {

std::vector<LockRequest> lock_requests(const Actual& links, Hold hold,
                                       const std::set<LinkName>& exclusive) {
  std::vector<LockRequest> requests;
  for (const auto& [name, link] : links)
    if (!is_given(link))
      requests.push_back({name.str(), exclusive.contains(name) ? Hold::exclusive : hold});
  return requests;
}

std::set<LinkName> written_by(std::span<const Step> steps, const Desired& desired) {
  std::set<LinkName> names;
  for (const auto& step : steps) {
    const auto& target = target_of(step.op);
    names.insert(target);
    const auto want = desired.find(target);
    if (want != desired.end() && want->second && want->second->controller)
      names.insert(*want->second->controller);
  }
  return names;
}

}  // namespace vifchain::inline flow::inline run

// SPDX-License-Identifier: Apache-2.0
// A plan, under the locks of all that it writes to.
#pragma once

#include <algorithm>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "core/plan/plan.hpp"
#include "edge/state/lock.hpp"

namespace vifchain::inline flow::inline run {

// Locks for these links, each held as `hold`, but those of `exclusive` alone. Links of others have
// none.
std::vector<LockRequest> lock_requests(const Actual& links, Hold hold,
                                       const std::set<LinkName>& exclusive = {});

// What these steps write to: their links, and the bonds and bridges whose ports they move.
std::set<LinkName> written_by(std::span<const Step> steps, const Desired& desired);

// Locks, plans, and, where that plan writes to more, locks that too and plans again, as others may
// have come between (edge/state/lock.hpp); the last plan is returned with the locks that hold it.
// `lock` has those links locked exclusively; `plan` looks, knowing which they are; `written` tells
// what a plan writes to. `held` is what is known before the first look.
template <typename Lock, typename MakePlan, typename Written>
auto plan_under_locks(std::set<LinkName> held, const Lock& lock, const MakePlan& plan,
                      const Written& written) {
  for (;;) {
    auto locks = lock(held);
    auto made = plan(held);
    const std::set<LinkName> needed = written(made);
    if (std::ranges::includes(held, needed)) return std::pair(std::move(locks), std::move(made));
    held.insert(needed.begin(), needed.end());
  }
}

}  // namespace vifchain::inline flow::inline run

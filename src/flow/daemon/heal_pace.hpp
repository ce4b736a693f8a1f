// SPDX-License-Identifier: Apache-2.0
// How often a chain is put right before somebody else may have their way.
#pragma once

#include <deque>

#include "core/model/name.hpp"
#include "flow/daemon/moments.hpp"

namespace vifchain::inline flow::inline daemon {

// Two managers that undo each other's work would do so for ever: who has put a link right three
// times within a minute waits a minute.
class HealPace {
 public:
  using Moment = daemon::Moment;

  // True when `link` may be put right now.
  [[nodiscard]] bool may(const LinkName& link, Moment now);

  // It was. True when that was once too often: from now on it waits.
  bool note(const LinkName& link, Moment now);

  // When the first of those that wait may be looked at again; Moment::max() when none waits.
  [[nodiscard]] Moment next() const { return first_of(waits_); }

  // Those whose waiting is over; they are asked for once.
  std::set<LinkName> take_free(Moment now) { return take_due(waits_, now); }

 private:
  std::map<LinkName, std::deque<Moment>> rounds_;  // of the last minute, at most `most_rounds`
  Moments<LinkName> waits_;                        // until then
};

}  // namespace vifchain::inline flow::inline daemon

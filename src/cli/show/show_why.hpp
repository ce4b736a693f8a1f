// SPDX-License-Identifier: Apache-2.0
// The last runs of a link and how it is now, for people and for machines.
#pragma once

#include <string>

#include "cli/gather/link_now.hpp"
#include "cli/gather/recorded_runs.hpp"

namespace vifchain::inline cli {

struct Why {
  LinkNow now;
  RecordedRuns kept;         // of its runs those that are shown, newest last
  std::string waiting = {};  // a change that waits to be confirmed, a sentence; mostly empty
};

// Each run with its time here, what it did with the link, and how it ended; then how things are.
// `unicode` and `colour` as of the terminal.
std::string why_text(const Why& why, bool colour);

// The same as JSON, as vifchain-json(7) describes it.
std::string why_json(const Why& why);

}  // namespace vifchain::inline cli

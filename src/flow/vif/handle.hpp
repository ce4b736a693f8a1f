// SPDX-License-Identifier: Apache-2.0
// One vif event, start to end.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/model/vif_event.hpp"
#include "flow/run/env.hpp"

namespace vifchain::inline flow::inline vif {

struct Connected {
  std::string link, bridge;
  unsigned mtu = 0;
  bool changed = true;  // it was not so before
};
struct Released {
  std::string link;  // empty when there was nothing to release
  // The bridge it left, when the file has its chain go with the last vif, and how many seconds
  // later.
  struct Leaving {
    LinkName bridge;
    unsigned linger = 0;
  };
  std::optional<Leaving> leaving = {};
};
struct Refused {
  std::string reason;     // one line
  bool may_pass = false;  // nobody decided it: an accident, which the next time may not happen
};
using Outcome = std::variant<Connected, Released, Refused>;

// The answer to the event, and the kernel and the store in the state that it says: after Connected
// the vif is up on its bridge and netback knows; after Refused links are as they were before, and
// hotplug-error and hotplug-status say why, where there is a backend directory. Never throws for
// anything that an administrator could mend. A refusal for the reason that was `told` before is
// neither logged nor written again.
Outcome handle(Env& env, const VifEvent& event, const std::string& told = "");

// Writes the reason where libxl and netback look, and the log has it (flow/vif/tell_store.hpp), for
// a call that is no event.
void report_refusal(Store& store, Log& log, const std::string& backend, const std::string& reason);

}  // namespace vifchain::inline flow::inline vif

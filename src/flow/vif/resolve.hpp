// SPDX-License-Identifier: Apache-2.0
// From the text of `bridge=` to the chain that it means.
#pragma once

#include <optional>

#include "core/vif/resolve_bridge.hpp"
#include "edge/state/chain_cache.hpp"
#include "flow/run/env.hpp"

namespace vifchain::inline flow::inline vif {

struct Resolved : MeantBridge {
  // What the file says, when it had to be read, and which file that was: for keep_chains().
  std::optional<FileIdentity> file = {};
  std::optional<Topology> topology = {};
};

// In this order: a declared bridge of exactly that name; a bridge that the kernel has; a template;
// NAME[.TAG][:VID…], whose NAME is looked for in the same way; xenbrN for the bridge ethN; the link
// of which it is an alternative name. An empty text is `[vif] bridge`, or the only declared bridge.
// A bridge that is nowhere is waited for as long as the policy says. Throws Refusal with the names
// that would have worked.
Resolved resolve(Env& env, const std::string& text);

}  // namespace vifchain::inline flow::inline vif

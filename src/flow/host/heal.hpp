// SPDX-License-Identifier: Apache-2.0
// Chains that somebody has changed.
#pragma once

#include "core/model/topology.hpp"
#include "flow/host/apply.hpp"

namespace vifchain::inline flow::inline host {

// The links that have to be written to for these to be as the file has them, those aside that are
// not on this host; nothing where they are so. Reads them and nothing else; addresses and routes do
// not count.
std::optional<std::set<LinkName>> links_to_put_right(Kernel& kernel, const Places& places,
                                                     const Stack& stack);

// The chains below these tops are as the file has them, but for those that somebody took down
// (edge/state/chain_requests.hpp), whatever NIC they have to do without; what
// runs meanwhile is waited for, and nothing is done that a guest would notice. `links` are those of
// links_to_put_right(), as far as they are known. Returns what was done. Throws as apply().
HostPlan put_right(Env& env, const Topology& topology, const std::vector<LinkName>& tops,
                   const std::set<LinkName>& links);

// The steps of a plan as one line, the first few of them.
std::string steps_in_words(const Plan& plan);

}  // namespace vifchain::inline flow::inline host

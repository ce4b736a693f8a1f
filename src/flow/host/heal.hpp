// SPDX-License-Identifier: Apache-2.0
// Chains that somebody has changed.
#pragma once

#include "core/model/topology.hpp"
#include "flow/host/apply.hpp"

namespace vifchain::inline flow::inline host {

// Whether these links are as the file has them, those aside that are not on this host. Reads them
// and nothing else; addresses and routes do not count.
bool stands(Env& env, const Stack& stack);

// The chains below these tops are as the file has them, but for those that somebody took down
// (edge/state/chain_requests.hpp), whatever NIC they have to do without; what
// runs meanwhile is waited for, and nothing is done that a guest would notice. Returns what was
// done. Throws as apply().
HostPlan put_right(Env& env, const Topology& topology, const std::vector<LinkName>& tops);

// The steps of a plan as one line, the first few of them.
std::string steps_in_words(const Plan& plan);

}  // namespace vifchain::inline flow::inline host

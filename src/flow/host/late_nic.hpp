// SPDX-License-Identifier: Apache-2.0
// A NIC that comes late, or comes back, joins the chains that miss it.
#pragma once

#include "flow/host/apply.hpp"

namespace vifchain::inline flow::inline host {

// The chains that stand on this NIC, and that stand or wait for it (flow/host/boot.hpp), have it,
// and what vanished with it. Chains that are not there and do not wait stay away: somebody took
// them down. Links that are there already stay as they are, however the file was edited since, and
// nothing is done that anybody would notice. What still misses another NIC is left out, and named
// in what is returned. Nothing is done with a NIC that is a port already, nor for one that has gone
// again. Throws as apply().
HostPlan nic_came(Env& env, const Topology& topology, const LinkName& nic);

// Whether the file names it at all.
bool is_nic_of(const Topology& topology, const LinkName& nic);

}  // namespace vifchain::inline flow::inline host

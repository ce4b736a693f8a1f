// SPDX-License-Identifier: Apache-2.0
// The chains that were left out and wait for a NIC: a file each, named like the link at the top,
// gone with the next boot.
#pragma once

#include <set>
#include <string>

#include "core/model/name.hpp"

namespace vifchain::inline edge::inline state {

// The links at their tops. What cannot be read is not there.
std::set<LinkName> waiting_chains(const std::string& folder);

// These chains wait, and no others. Throws Error.
void keep_waiting_chains(const std::string& folder, const std::set<LinkName>& tops);

// This one waits no longer. Throws Error.
void drop_waiting_chain(const std::string& folder, const LinkName& top);

}  // namespace vifchain::inline edge::inline state

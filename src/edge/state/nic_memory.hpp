// SPDX-License-Identifier: Apache-2.0
// How NICs were before they became ports of ours: one small file each, gone with the next boot as
// is what they tell of.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "core/model/link.hpp"

namespace vifchain::inline edge::inline state {

// The NICs that something is kept of in `folder`.
std::set<LinkName> recorded_nics(const std::string& folder);

// How the NIC was; nothing where that is not kept, or cannot be read.
std::optional<Link> recorded_nic(const std::string& folder, const LinkName& nic);

// The NIC's state, MTU and way of making IPv6 addresses are kept, in the place of what was. Throws
// Error.
void keep_nic(const std::string& folder, const Link& nic);

// Nothing is kept of it.
void drop_nic(const std::string& folder, const LinkName& nic);

}  // namespace vifchain::inline edge::inline state

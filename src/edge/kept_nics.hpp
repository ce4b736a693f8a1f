// How NICs were before they became ports of ours: one small file each, gone with the next boot as
// is what they tell of.
#pragma once

#include <string>

#include "core/link.hpp"

namespace vifchain {

// All that are kept in `folder`. What cannot be read is not there.
Actual kept_nics(const std::string& folder);

// The NIC's state, MTU and way of making IPv6 addresses are kept, in the place of what was. Throws
// Error.
void keep_nic(const std::string& folder, const Link& nic);

// Nothing is kept of it.
void drop_nic(const std::string& folder, const LinkName& nic);

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// What of a link's IPv6 rtnetlink cannot set: the kernel takes it by files (net.ipv6.conf of
// sysctl(8)) and by an old call. Links go by name and index here; ENODEV where they do not agree.
#pragma once

#include <optional>

#include "core/model/link.hpp"

namespace vifchain::inline edge::inline kernel {

// A link as it was when it was last read.
struct Known {
  const LinkName& name;
  unsigned index = 0;
};

// Whether the link takes router advertisements; where it forwards IPv6, that too (accept_ra 2). One
// without IPv6 takes none, and needs not be told so. Throws Error.
void take_advertisements(const Known& link, bool on);

// What stable_privacy makes addresses of; nothing when it is not set, or may not be known.
std::optional<IpAddress> read_secret(const LinkName& link);
void write_secret(const Known& link, const IpAddress& secret);

// Puts an interim route (core/model/route.hpp) in place. It has the flags of one that the kernel
// made of an advertisement, which only this call gives, so that the next advertisement of that
// router takes its place, or takes it away. False where the process may not have such a socket.
bool put_interim(const Known& link, const Route& route);

}  // namespace vifchain::inline edge::inline kernel

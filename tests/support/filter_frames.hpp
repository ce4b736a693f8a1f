// SPDX-License-Identifier: Apache-2.0
// What a guest may send and what it may not, each frame with what it is.
#pragma once

#include <vector>

#include "core/model/link.hpp"
#include "frames.hpp"

namespace vifchain::test {

// The guest has the MAC 02:00:00:00:00:05, the addresses 192.0.2.5 and 2001:db8::5, and the
// networks 198.51.100.0/28 and 2001:db8:5::/64; routers are 198.51.100.14 and fe80::1.
PortFilter guest_filter(const std::string& owner, const std::string& bridge, Antispoof mode);

struct Sent {
  const char* what;
  Bytes frame;
};

// For a port in mac-ip.
std::vector<Sent> forgeries();
std::vector<Sent> honest_frames();

// For a port in mac.
std::vector<Sent> forged_macs();
std::vector<Sent> frames_with_its_mac();

}  // namespace vifchain::test

// SPDX-License-Identifier: Apache-2.0
// A limit on what a link sends, as rtnetlink requests: for a vif, on what its guest receives.
#pragma once

#include <cstdint>

#include "edge/netlink/rtnl.hpp"

namespace vifchain::inline edge::inline kernel {

// The link that `link_message` (RTM_NEWLINK) is about sends at most so many bits per second,
// whatever limited it before; what comes quicker waits for at most 50 ms and is dropped then
// (tc-tbf(8), as root qdisc, with `our_group` as its handle, so that one can tell whose it is).
// Less than 8 bits per second the kernel cannot count.
Message limit_rate(const nlmsghdr& link_message, std::uint64_t bits_per_second);

// The link has no limit of ours; `had_no_limit` knows the kernel's answers where it had none, or
// where somebody else's is there, which stays.
Message lift_limit(unsigned index);
bool had_no_limit(const Answer& answer);

// Of one link, answered with a message or with none; or with index 0 of all.
Message ask_limits(unsigned index);

// A qdisc message (RTM_NEWQDISC): the index of the link, and our limit in bits per second, in whole
// bytes; 0 where it is about anything else.
struct ReadLimit {
  unsigned index = 0;
  std::uint64_t rate = 0;
};
ReadLimit read_limit(const nlmsghdr& qdisc_message);

}  // namespace vifchain::inline edge::inline kernel

// A limit on what a port sends to its guest.
#pragma once

#include <cstdint>

#include "core/name.hpp"
#include "edge/kernel/kernel.hpp"

namespace vifchain {

// The link sends at most so many bits per second, whatever limited it before; what comes quicker
// waits for at most 50 ms and is dropped then (tc-tbf(8), as root qdisc, with `our_group` as its
// handle, so that one can tell whose it is). Throws Error, and then the limit is as it was; EINVAL
// for less than 8 bits per second, which the kernel cannot count.
void limit_rate(const LinkName& link, std::uint64_t bits_per_second, Patience patience = {});

// The link has no limit of ours; one of somebody else's stays. No such link is no error.
void lift_limit(const LinkName& link, Patience patience = {});

}  // namespace vifchain

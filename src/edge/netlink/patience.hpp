// SPDX-License-Identifier: Apache-2.0
// How long a question to the kernel may take.
#pragma once

#include <chrono>
#include <functional>

namespace vifchain::inline edge::inline netlink {

// How long to wait for the kernel, and what to call when a signal ends the wait: it may throw, and
// otherwise the wait goes on.
struct Patience {
  std::chrono::milliseconds limit = std::chrono::seconds(20);
  std::function<void()> on_interrupt = {};
};

}  // namespace vifchain::inline edge::inline netlink

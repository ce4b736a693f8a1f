// SPDX-License-Identifier: Apache-2.0
// A change of this host that waits to be confirmed, and the process that watches over it.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <vector>

#include "host.hpp"

namespace vifchain {

// With those that put everything back.
inline std::vector<pid_t> watchers() {
  return processes_here("confirm --or-go-back");
}

inline bool is_watched() {
  return !watchers().empty();
}

// With the process that goes back for it, which may just have begun.
inline void kill_watcher() {
  ASSERT_TRUE(eventually([] {
    signal_here("confirm --or-go-back", SIGKILL);
    return !is_watched();
  }));
}

inline bool is_over() {
  return !has(sh("ls /var/lib/vifchain"), "rollback\n");
}

// As if its time had passed.
inline void end_window() {
  sh("sed -i 's/\\(\"until_uptime\": \\)[0-9]*/\\11/' /var/lib/vifchain/rollback");
}

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// Children that can be waited for.
#pragma once

#include <signal.h>

namespace vifchain::inline edge::inline process {

// While it lives children can be waited for, even if our caller had SIGCHLD ignored.
class ChildrenAwaited {
 public:
  ChildrenAwaited() {
    struct sigaction usual = {};
    usual.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &usual, &former_);
  }
  ~ChildrenAwaited() { sigaction(SIGCHLD, &former_, nullptr); }
  ChildrenAwaited(const ChildrenAwaited&) = delete;
  ChildrenAwaited& operator=(const ChildrenAwaited&) = delete;

 private:
  struct sigaction former_ = {};
};

}  // namespace vifchain::inline edge::inline process

// SPDX-License-Identifier: Apache-2.0
// The process that puts everything back unless it is confirmed in time.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>

#include "flow/host/changes.hpp"

namespace vifchain::inline flow::inline host {

// It is left behind by whoever opens a change, has a session of its own, and does not end with the
// terminal. It holds the ChangeLock together with the run that makes the change, and alone once
// that has ended.
class Watcher {
 public:
  // Starts one, which inherits `lock`, for a change of this window that may take so long to be
  // made. Returns when it watches. Throws Refusal where none can be started.
  Watcher(const Places& places, const ChangeLock& lock, std::chrono::seconds window,
          std::chrono::seconds limit);

  // The change is made, its record says so, and the window has begun. False when the watcher has
  // gone meanwhile.
  bool window_begins();

 private:
  Descriptor talk_;
};

// Starts one for a change whose watcher has died, with the lock, or without one: then it takes that
// itself, and ends at once where somebody else has it.
void watch_again(const Places& places, const ChangeLock& lock);

// The same, where there is a change that nobody looks after; mostly it is one access(2) and that is
// all. Never fails.
void watch_if_forgotten(const Places& places) noexcept;

// How the process is called.
struct WatcherCall {
  bool has_lock = false;              // as descriptor 3
  std::optional<pid_t> changer = {};  // it is at work yet; descriptor 4 tells when it has ended
  std::chrono::seconds limit{0};      // and how long it may take
};

// What that process does: it waits until the change is made, then until the window is over, and
// puts everything back then, unless it was confirmed by then; or as soon as the run that makes the
// change dies, takes too long, or somebody says so. It tries until it has succeeded, with pauses,
// or somebody says that it shall not. The log says what it did. The exit code.
int watch_over_change(const Places& places, const WatcherCall& call);

}  // namespace vifchain::inline flow::inline host

// SPDX-License-Identifier: Apache-2.0
// What apply does so that there is a rollback from it.
#pragma once

#include <optional>

#include "flow/host/go_back.hpp"
#include "flow/host/watcher.hpp"

namespace vifchain::inline flow::inline host {

// A change by a file, under the lock: with a window it can be put back from its first step on, and
// has to be confirmed; without one it is remembered when it has ended well.
class Checkpoint {
 public:
  struct Terms {
    std::chrono::seconds window{0};   // 0: none
    std::chrono::seconds limit{300};  // for the change itself, where there is a window
  };

  // Of `desired`, which has a file.
  Checkpoint(Env& env, const ChangeLock& lock, const DesiredHost& desired, const Terms& terms);

  // Before the first step of this plan: the record is on disk, and somebody watches. Throws Refusal
  // or Error, and nothing has been changed then.
  void before(const HostPlan& plan);

  // It ended well: the window begins, and what is returned are its seconds; nothing where there is
  // none, and then the change is remembered. Throws Error; with a window everything goes back then.
  std::optional<unsigned> done();

  // It failed, and what was done of it was undone: there is nothing to go back from. Where it could
  // not all be undone the watcher goes on trying; that is what is returned, in words.
  std::string failed() noexcept;

 private:
  void begin();

  Env& env_;
  const ChangeLock& lock_;
  AppliedFile file_;
  Terms terms_;
  std::optional<RollbackRecord> way_;
  std::optional<Watcher> watcher_;
};

// Throws Refusal where a change waits for its confirmation, under the exclusive lock: its watcher
// has died, and has a successor then.
void refuse_inside_window(const Env& env, const ChangeLock& lock);

// A change that nobody looks after any more, under the exclusive lock: confirmed, it is remembered;
// otherwise everything goes back now, and from the first step on nobody can confirm it. False when
// there is no such, or it was confirmed. Throws as apply(), and a watcher looks after it then.
bool end_forgotten_change(Env& env, const ChangeLock& lock);

// The same at boot. What was changed before the machine went down is nothing any more but its file,
// which alone goes back then.
bool end_forgotten_change_at_boot(Env& env, const ChangeLock& lock);

// What was applied and waits for it stays. Throws Refusal, which says what is so instead, and Error
// when it could not be written: then it is not confirmed.
void confirm(const Places& places);

// And is remembered, once its watcher has ended or soon after. Throws Error when it cannot be.
void wait_until_remembered(const Places& places);

// The open change goes back from now on. Throws Refusal when there is none, or it is made or
// confirmed just now.
void ask_to_go_back(const Places& places);

// Nobody tries to put it back any more, and the host stays as it is. Throws Refusal when nothing is
// being put back.
void give_up(const Places& places);

}  // namespace vifchain::inline flow::inline host

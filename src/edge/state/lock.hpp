// SPDX-License-Identifier: Apache-2.0
// Locks by name between the runs and the daemon of this host.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "edge/process/deadline.hpp"

namespace vifchain::inline edge::inline state {

// Many may hold a lock shared, or one alone exclusive.
enum class Hold { shared, exclusive };

struct LockRequest {
  std::string name;  // a link's
  Hold hold = Hold::shared;
};

// How long somebody waits for locks who would rather be told: after `in_silence` he is told what it
// is that is waited for, and who has it, and after `at_most` it is given up.
struct LockPatience {
  std::chrono::milliseconds at_most = std::chrono::hours{24};
  std::function<void(const std::string& sentence)> tell = {};
  std::chrono::milliseconds in_silence{2000};
};

// While an object lives it holds all of its locks, and when it goes, or the process dies in
// whatever way, none. A lock is a flock(2) on FOLDER/locks/NAME.lock, close-on-exec: a folder of
// their own, as a link may have any name, that of another file of ours too. Such files stay for
// ever, as unlinking one would let two runs hold locks on different files of one name.
//
// Every run takes its locks in the order of their names, so no two wait for each other; therefore
// one run has one such object at a time. To change shared into exclusive release() first, take them
// anew and look again at what they guard: others may have come between, flock itself has no other
// way (flock(2), "conversion").
class Locks {
 public:
  // Holds nothing.
  Locks() = default;

  // Waits for each lock in turn, until the deadline or the end of that patience. A name that is
  // asked for twice is held in the stronger way. Makes the folders, for root only, if they are not
  // there. Throws Interrupted, which names the lock, how long it was waited for and who holds it;
  // or Error if a lock cannot be had at all. Either way it then holds nothing.
  Locks(std::vector<LockRequest> requests, const Deadline& deadline,
        const std::string& folder = "/run/vifchain", const LockPatience& patience = {});

  ~Locks() { release(); }
  Locks(Locks&& other) noexcept : descriptors_(std::move(other.descriptors_)) {}
  Locks& operator=(Locks&& other) noexcept;

  void release() noexcept;

 private:
  std::vector<int> descriptors_;
};

// Whether each of these could be had at this moment. Throws Error if one cannot be had at all.
bool are_free(const std::vector<LockRequest>& requests,
              const std::string& folder = "/run/vifchain");

}  // namespace vifchain::inline edge::inline state

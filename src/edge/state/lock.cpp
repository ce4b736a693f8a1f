// SPDX-License-Identifier: Apache-2.0
#include "edge/state/lock.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "edge/base/descriptor.hpp"
#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"
#include "edge/state/lock_holder.hpp"

namespace vifchain::inline edge::inline state {
namespace {

using Clock = std::chrono::steady_clock;

void sort_and_merge(std::vector<LockRequest>& requests) {
  std::sort(requests.begin(), requests.end(), [](const LockRequest& a, const LockRequest& b) {
    return std::pair(a.name, a.hold == Hold::shared) < std::pair(b.name, b.hold == Hold::shared);
  });
  const auto same = [](const LockRequest& a, const LockRequest& b) { return a.name == b.name; };
  requests.erase(std::unique(requests.begin(), requests.end(), same), requests.end());
}

// A host with 500 chains has more links than a process may usually have files open (1024), and may
// have, if it asks.
void make_room_for(std::size_t locks) {
  constexpr std::size_t few = 512;
  constexpr rlim_t others = 128;  // sockets and files of the rest of the run
  if (locks < few) return;
  rlimit files = {};
  const rlim_t wanted = locks + others;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted) return;
  files.rlim_cur = std::min(wanted, files.rlim_max);
  setrlimit(RLIMIT_NOFILE, &files);  // where it must not, opening the last of them says so
}

// FOLDER/locks, made for root only.
std::string folder_of_locks(const std::string& folder) {
  return folder + "/locks";
}

void make_folders_of_locks(const std::string& folder) {
  for (const auto& each : {folder, folder_of_locks(folder)})
    if (mkdir(each.c_str(), 0700) != 0 && errno != EEXIST)
      throw Error(errno, "creating the directory " + each);
}

int open_lock(const std::string& folder, const std::string& name) {
  const std::string path = folder_of_locks(folder) + "/" + name + ".lock";
  if (name.empty() || name.find('/') != std::string::npos)
    throw Error(EINVAL, "opening the lock " + path);
  int descriptor = open_lock_file(path).release();
  if (descriptor < 0 && errno == ENOENT) {
    make_folders_of_locks(folder);
    descriptor = open_lock_file(path).release();
  }
  if (descriptor < 0) throw Error(errno, "opening the lock " + path);
  return descriptor;
}

std::string duration_since(Clock::time_point then) {
  return duration_text(std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - then));
}

// While it lives flock(2) ends with EINTR now and then: the deadline handles this signal.
class Nudges {
 public:
  Nudges() {
    sigevent event = {};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGALRM;
    made_ = ::timer_create(CLOCK_MONOTONIC, &event, &timer_) == 0;
    constexpr timespec often{.tv_sec = 0, .tv_nsec = 100'000'000};
    const itimerspec times{.it_interval = often, .it_value = often};
    if (made_) ::timer_settime(timer_, 0, &times, nullptr);
  }
  ~Nudges() {
    if (made_) ::timer_delete(timer_);
  }
  Nudges(const Nudges&) = delete;
  Nudges& operator=(const Nudges&) = delete;

 private:
  timer_t timer_{};
  bool made_ = false;
};

// Somebody else has the lock.
class Wait {
 public:
  Wait(const LockRequest& request, int descriptor, const LockPatience& patience)
      : desired_(request), descriptor_(descriptor), patience_(patience) {
    if (patience.tell) nudges_.emplace();
  }

  // All have waited since `begun`.
  void look(const Deadline& deadline, Clock::time_point begun) {
    if (patience_.tell && !told_ && Clock::now() - since_ >= patience_.in_silence) {
      told_ = true;
      patience_.tell("waiting for the lock of " + desired_.name + holder_in_words(descriptor_));
    }
    if (Clock::now() - begun >= patience_.at_most)
      throw Interrupted("no answer within " + duration_text(patience_.at_most) + text());
    try {
      deadline.check();
    } catch (const Interrupted& interrupted) {
      throw Interrupted(interrupted.what() + text());
    }
  }

 private:
  [[nodiscard]] std::string text() const {
    return ": waited " + duration_since(since_) + " for the lock of " + desired_.name +
           holder_in_words(descriptor_);
  }

  const LockRequest& desired_;
  const int descriptor_;
  const LockPatience& patience_;
  const Clock::time_point since_ = Clock::now();
  std::optional<Nudges> nudges_;
  bool told_ = false;
};

void take(const LockRequest& request, int descriptor, const Deadline& deadline,
          const LockPatience& patience, Clock::time_point begun) {
  const int operation = request.hold == Hold::shared ? LOCK_SH : LOCK_EX;
  if (::flock(descriptor, operation | LOCK_NB) == 0) return;
  Wait wait(request, descriptor, patience);
  while (::flock(descriptor, operation) != 0) {
    if (errno != EINTR) throw Error(errno, "locking " + request.name);
    wait.look(deadline, begun);
  }
}

}  // namespace

Locks::Locks(std::vector<LockRequest> requests, const Deadline& deadline, const std::string& folder,
             const LockPatience& patience)
    : Locks() {  // so that the destructor runs when something below throws
  const auto begun = Clock::now();
  sort_and_merge(requests);
  make_room_for(requests.size());
  descriptors_.reserve(requests.size());
  for (const LockRequest& request : requests) {
    descriptors_.push_back(open_lock(folder, request.name));
    take(request, descriptors_.back(), deadline, patience, begun);
  }
}

Locks& Locks::operator=(Locks&& other) noexcept {
  if (this == &other) return *this;
  release();
  descriptors_ = std::exchange(other.descriptors_, {});
  return *this;
}

void Locks::release() noexcept {
  for (const int descriptor : descriptors_) close(descriptor);
  descriptors_.clear();
}

bool are_free(const std::vector<LockRequest>& requests, const std::string& folder) {
  return std::ranges::all_of(requests, [&](const LockRequest& request) {
    const Descriptor file(open_lock(folder, request.name));
    return flock(file.number(), (request.hold == Hold::shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0;
  });
}

}  // namespace vifchain::inline edge::inline state

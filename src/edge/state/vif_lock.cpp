// SPDX-License-Identifier: Apache-2.0
#include "edge/state/vif_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <thread>

#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"
#include "edge/state/lock_holder.hpp"

namespace vifchain::inline edge::inline state {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds between_tries{10};

milliseconds since_then(Clock::time_point then) {
  return std::chrono::duration_cast<milliseconds>(Clock::now() - then);
}

// Not open where it cannot be, with errno.
Descriptor open_vifs(const std::string& folder, mode_t mode) {
  const std::string path = folder + "/vifs";
  if (Descriptor file = open_lock_file(path); file.open()) return file;
  ::mkdir(folder.c_str(), mode);
  return open_lock_file(path);
}

off_t byte_of(const VifId& vif) {
  return (static_cast<off_t>(vif.domid) << 31) + vif.devid % (1U << 31);
}

bool take_byte(const Descriptor& file, const VifId& vif, int how) {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte_of(vif);
  lock.l_len = 1;
  return ::fcntl(file.number(), how, &lock) == 0;
}

}  // namespace

VifLock::VifLock(const VifLockFolders& folders)
    : second_(folders.second.empty() ? Descriptor(-1) : open_vifs(folders.second, 0755)),
      first_(open_vifs(folders.first, 0700)) {
  if (!first_.open()) throw Error(errno, "opening " + folders.first + "/vifs");
}

bool VifLock::take(const VifId& vif, int how) const {
  return take_byte(first_, vif, how) && (!second_.open() || take_byte(second_, vif, how));
}

std::string VifLock::busy_in_words(const VifId& vif, std::chrono::milliseconds waited) const {
  auto holder = holder_in_words(first_.number(), byte_of(vif));
  if (holder.empty() && second_.open()) holder = holder_in_words(second_.number(), byte_of(vif));
  return "another run is busy with " + vif.str() + ": waited " + duration_text(waited) +
         " for its lock" + holder;
}

VifLock::VifLock(const VifLockFolders& folders, const VifId& vif, const Deadline& deadline)
    : VifLock(folders) {
  const auto since = Clock::now();
  while (!take(vif, F_OFD_SETLKW)) {
    if (errno != EINTR) throw Error(errno, "locking " + vif.str());
    try {
      deadline.check();
    } catch (const Interrupted& ended) {
      throw Interrupted(std::string(ended.what()) + ": " + busy_in_words(vif, since_then(since)));
    }
  }
}

VifLock::VifLock(const VifLockFolders& folders, const VifId& vif, const Deadline& deadline,
                 std::chrono::milliseconds at_most)
    : VifLock(folders) {
  const auto since = Clock::now();
  while (!take(vif, F_OFD_SETLK)) {
    if (errno != EAGAIN && errno != EACCES && errno != EINTR)
      throw Error(errno, "locking " + vif.str());
    if (since_then(since) >= at_most || deadline.remaining() <= at_most / 4)
      throw Interrupted(busy_in_words(vif, since_then(since)));
    std::this_thread::sleep_for(between_tries);
  }
}

std::optional<VifLock> VifLock::if_free(const VifLockFolders& folders, const VifId& vif) {
  VifLock lock(folders);
  if (lock.take(vif, F_OFD_SETLK)) return lock;
  if (errno != EAGAIN && errno != EACCES) throw Error(errno, "locking " + vif.str());
  return std::nullopt;
}

}  // namespace vifchain::inline edge::inline state

#include "edge/kept/vif_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <thread>

#include "edge/error.hpp"
#include "edge/kept/kept_file.hpp"
#include "edge/kept/lock_holder.hpp"

namespace vifchain {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds between_attempts{10};

milliseconds since_then(Clock::time_point then) {
  return std::chrono::duration_cast<milliseconds>(Clock::now() - then);
}

Descriptor open_vifs(const std::string& folder) {
  const std::string path = folder + "/vifs";
  if (Descriptor file = open_lock_file(path); file.open()) return file;
  ::mkdir(folder.c_str(), 0700);
  Descriptor file = open_lock_file(path);
  if (!file.open()) throw Error(errno, "opening " + path);
  return file;
}

off_t byte_of(const VifId& vif) {
  return (static_cast<off_t>(vif.domid) << 31) + vif.devid % (1U << 31);
}

bool take(int file, const VifId& vif, int how) {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte_of(vif);
  lock.l_len = 1;
  return ::fcntl(file, how, &lock) == 0;
}

}  // namespace

std::string VifLock::busy_in_words(const VifId& vif, std::chrono::milliseconds waited) const {
  return "another run is busy with " + vif.str() + ": waited " + duration_text(waited) +
         " for its lock" + holder_in_words(file_.number(), byte_of(vif));
}

VifLock::VifLock(const std::string& folder, const VifId& vif, const Deadline& deadline)
    : file_(open_vifs(folder)) {
  const auto since = Clock::now();
  while (!take(file_.number(), vif, F_OFD_SETLKW)) {
    if (errno != EINTR) throw Error(errno, "locking " + vif.str());
    try {
      deadline.check();
    } catch (const Interrupted& ended) {
      throw Interrupted(std::string(ended.what()) + ": " + busy_in_words(vif, since_then(since)));
    }
  }
}

VifLock::VifLock(const std::string& folder, const VifId& vif, const Deadline& deadline,
                 std::chrono::milliseconds at_most)
    : file_(open_vifs(folder)) {
  const auto since = Clock::now();
  while (!take(file_.number(), vif, F_OFD_SETLK)) {
    if (errno != EAGAIN && errno != EACCES && errno != EINTR)
      throw Error(errno, "locking " + vif.str());
    if (since_then(since) >= at_most || deadline.remaining() <= at_most / 4)
      throw Interrupted(busy_in_words(vif, since_then(since)));
    std::this_thread::sleep_for(between_attempts);
  }
}

std::optional<VifLock> VifLock::if_free(const std::string& folder, const VifId& vif) {
  VifLock lock(open_vifs(folder));
  if (take(lock.file_.number(), vif, F_OFD_SETLK)) return lock;
  if (errno != EAGAIN && errno != EACCES) throw Error(errno, "locking " + vif.str());
  return std::nullopt;
}

}  // namespace vifchain

#include "edge/kept/vif_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "edge/error.hpp"

namespace vifchain {
namespace {

Descriptor open_vifs(const std::string& folder) {
  const std::string path = folder + "/vifs";
  const auto open = [&] { return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600); };
  int number = open();
  if (number < 0 && errno == ENOENT) {
    ::mkdir(folder.c_str(), 0700);
    number = open();
  }
  if (number < 0) throw Error(errno, "opening " + path);
  return Descriptor(number);
}

bool take(int file, const VifId& vif, int how) {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = (static_cast<off_t>(vif.domid) << 31) + vif.devid % (1U << 31);
  lock.l_len = 1;
  return ::fcntl(file, how, &lock) == 0;
}

}  // namespace

VifLock::VifLock(const std::string& folder, const VifId& vif, const Deadline& deadline)
    : file_(open_vifs(folder)) {
  while (!take(file_.number(), vif, F_OFD_SETLKW)) {
    if (errno != EINTR) throw Error(errno, "locking " + vif.str());
    try {
      deadline.check();
    } catch (const Interrupted& ended) {
      throw Interrupted("another run is busy with " + vif.str() + ": " + ended.what());
    }
  }
}

std::optional<VifLock> VifLock::if_free(const std::string& folder, const VifId& vif) {
  VifLock lock(open_vifs(folder));
  if (take(lock.file_.number(), vif, F_OFD_SETLK)) return lock;
  if (errno != EAGAIN && errno != EACCES) throw Error(errno, "locking " + vif.str());
  return std::nullopt;
}

}  // namespace vifchain

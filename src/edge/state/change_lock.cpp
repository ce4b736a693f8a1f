// SPDX-License-Identifier: Apache-2.0
#include "edge/state/change_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"
#include "edge/state/lock_holder.hpp"

namespace vifchain::inline edge::inline state {
namespace {

Descriptor open_folder(const std::string& folder) {
  return Descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

// False when somebody else holds it.
bool lock(int folder, int operation) {
  while (::flock(folder, operation | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) throw Error(errno, "locking what vifchain keeps");
  }
  return true;
}

}  // namespace

std::optional<ChangeLock> ChangeLock::if_free(const std::string& folder, Hold hold) {
  make_folders(folder);
  Descriptor opened = open_folder(folder);
  if (!opened.open() && errno != ENOENT) throw Error(errno, "opening " + folder);
  if (opened.open() && !lock(opened.number(), hold == Hold::shared ? LOCK_SH : LOCK_EX))
    return std::nullopt;
  return ChangeLock(std::move(opened));
}

bool ChangeLock::is_held(const std::string& folder) {
  const Descriptor opened = open_folder(folder);
  return opened.open() && !lock(opened.number(), LOCK_EX);
}

std::string ChangeLock::holder(const std::string& folder) {
  const Descriptor opened = open_folder(folder);
  return opened.open() ? holder_in_words(opened.number()) : "";
}

}  // namespace vifchain::inline edge::inline state

#include "edge/kept/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "edge/descriptor.hpp"
#include "edge/error.hpp"
#include "edge/kept/lock_holder.hpp"

namespace vifchain {
namespace {

using Clock = std::chrono::steady_clock;

void sort_and_merge(std::vector<LockWish>& wishes) {
  std::sort(wishes.begin(), wishes.end(), [](const LockWish& a, const LockWish& b) {
    return std::pair(a.name, a.hold == Hold::shared) < std::pair(b.name, b.hold == Hold::shared);
  });
  const auto same = [](const LockWish& a, const LockWish& b) { return a.name == b.name; };
  wishes.erase(std::unique(wishes.begin(), wishes.end(), same), wishes.end());
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

int try_open(const std::string& path) {
  return open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

// FOLDER/locks, made for root only.
std::string folder_of_locks(const std::string& folder) {
  return folder + "/locks";
}

void make_folders(const std::string& folder) {
  for (const auto& each : {folder, folder_of_locks(folder)}) mkdir(each.c_str(), 0700);
}

int open_lock(const std::string& folder, const std::string& name) {
  const std::string path = folder_of_locks(folder) + "/" + name + ".lock";
  if (name.empty() || name.find('/') != std::string::npos)
    throw Error(EINVAL, "opening the lock " + path);
  int descriptor = try_open(path);
  if (descriptor < 0 && errno == ENOENT) {
    make_folders(folder);
    descriptor = try_open(path);
  }
  if (descriptor < 0) throw Error(errno, "opening the lock " + path);
  return descriptor;
}

std::string waiting_text(const LockWish& wish, int descriptor, Clock::time_point since) {
  const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - since);
  return ": waited " + duration_text(waited) + " for the lock of " + wish.name +
         holder_in_words(descriptor);
}

void wait_for(const LockWish& wish, int descriptor, const Deadline& deadline) {
  const auto since = Clock::now();
  const int operation = wish.hold == Hold::shared ? LOCK_SH : LOCK_EX;
  while (flock(descriptor, operation) != 0) {
    if (errno != EINTR) throw Error(errno, "locking " + wish.name);
    try {
      deadline.check();
    } catch (const Interrupted& interrupted) {
      throw Interrupted(interrupted.what() + waiting_text(wish, descriptor, since));
    }
  }
}

}  // namespace

Locks::Locks(std::vector<LockWish> wishes, const Deadline& deadline, const std::string& folder)
    : Locks() {  // so that the destructor runs when something below throws
  sort_and_merge(wishes);
  make_room_for(wishes.size());
  descriptors_.reserve(wishes.size());
  for (const LockWish& wish : wishes) {
    descriptors_.push_back(open_lock(folder, wish.name));
    wait_for(wish, descriptors_.back(), deadline);
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

bool are_free(const std::vector<LockWish>& wishes, const std::string& folder) {
  return std::ranges::all_of(wishes, [&](const LockWish& wish) {
    const Descriptor file(open_lock(folder, wish.name));
    return flock(file.number(), (wish.hold == Hold::shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0;
  });
}

}  // namespace vifchain

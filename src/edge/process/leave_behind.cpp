// SPDX-License-Identifier: Apache-2.0
#include "edge/process/leave_behind.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "edge/base/descriptor.hpp"

namespace vifchain::inline edge::inline process {
namespace {

using std::chrono::milliseconds;

// Time since the machine was booted, as its clock may be set meanwhile.
milliseconds now() {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return std::chrono::seconds(time.tv_sec) + milliseconds(time.tv_nsec / 1'000'000);
}

int opened(const std::string& path) {
  const auto attempt = [&] {
    return ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  };
  const int file = attempt();
  if (file >= 0 || errno != ENOENT) return file;
  const std::string folder = path.substr(0, path.rfind('/'));
  ::mkdir(folder.substr(0, folder.rfind('/')).c_str(), 0700);
  ::mkdir(folder.c_str(), 0700);
  return attempt();
}

// In the file, in as many bytes each time.
void write_moment(int file) {
  char text[24];
  const int size =
      std::snprintf(text, sizeof text, "%020" PRId64 "\n", std::int64_t{now().count()});
  [[maybe_unused]] const auto written = ::pwrite(file, text, static_cast<std::size_t>(size), 0);
}

// `other` where there is none, or one to come.
milliseconds moment_in(int file, milliseconds other) {
  char text[24] = {};
  std::int64_t moment = 0;
  if (::pread(file, text, sizeof text - 1, 0) <= 0 || std::sscanf(text, "%" SCNd64, &moment) != 1)
    return other;
  return milliseconds(moment) <= now() ? milliseconds(moment) : other;
}

bool take(int file) {
  return ::flock(file, LOCK_EX | LOCK_NB) == 0;
}

constexpr int first_kept = 3;

// Out of the way of the numbers that they shall have, and then there.
void move_down(const std::vector<int>& kept) {
  const int end = first_kept + static_cast<int>(kept.size());
  std::vector<int> high;
  for (const int descriptor : kept) high.push_back(fcntl(descriptor, F_DUPFD, end));
  for (int i = 0; i < static_cast<int>(high.size()); ++i)
    if (dup2(high[static_cast<std::size_t>(i)], first_kept + i) < 0) _exit(1);
}

// Of the open files these alone are left, from number 3 on; the usual three lead nowhere.
void let_go_of_everything_but(const std::vector<int>& kept) {
  move_down(kept);
  close_range(0, first_kept - 1, 0);
  close_range(static_cast<unsigned>(first_kept) + static_cast<unsigned>(kept.size()), ~0U, 0);
  const int nothing = open("/dev/null", O_RDWR);
  if (nothing == 0) {
    dup2(0, 1);
    dup2(0, 2);
  }
  if (chdir("/") != 0) _exit(1);
}

void pass(milliseconds time) {
  timespec left{time.count() / 1000, time.count() % 1000 * 1'000'000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

// The moment of the last call, `first` where the file has none, when `after` has passed since.
milliseconds wait_out(int file, milliseconds after, milliseconds first) {
  for (;;) {
    const auto moment = moment_in(file, first);
    const auto left = moment + after - now();
    if (left <= milliseconds::zero()) return moment;
    pass(left);
  }
}

// Who calls writes its moment and then looks whether the lock is free; so whoever holds it looks at
// the moment once more when it has let go.
[[noreturn]] void linger(int file, milliseconds after, const std::function<void()>& work) {
  if (file < 0) {
    pass(after);
    work();
    std::exit(0);
  }
  auto moment = now();
  for (;;) {
    moment = wait_out(file, after, moment);
    work();
    ::flock(file, LOCK_UN);
    if (moment_in(file, moment) == moment || !take(file)) std::exit(0);
  }
}

// True in the process that goes on.
bool go_on_elsewhere() {
  const pid_t child = fork();
  if (child < 0) return false;
  if (child > 0) {
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    return false;
  }
  if (setsid() < 0 || fork() != 0) _exit(0);
  return true;
}

}  // namespace

bool leave_behind(std::chrono::seconds after, const std::vector<int>& kept) {
  if (!go_on_elsewhere()) return false;
  let_go_of_everything_but(kept);
  pass(after);
  return true;
}

void leave_one_behind(const std::string& file, std::chrono::seconds after,
                      const std::function<void()>& work) {
  const Descriptor mark(opened(file));
  if (mark.open()) write_moment(mark.number());
  if (mark.open() && !take(mark.number())) return;
  if (!go_on_elsewhere()) return;
  let_go_of_everything_but(mark.open() ? std::vector{mark.number()} : std::vector<int>{});
  linger(mark.open() ? first_kept : -1, after, work);
}

}  // namespace vifchain::inline edge::inline process

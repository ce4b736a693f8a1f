#include "edge/process/leave_behind.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

namespace vifchain {
namespace {

void let_go_of_everything() {
  close_range(0, ~0U, 0);
  const int nothing = open("/dev/null", O_RDWR);
  if (nothing == 0) {
    dup2(0, 1);
    dup2(0, 2);
  }
  if (chdir("/") != 0) _exit(1);
}

void pass(std::chrono::seconds time) {
  timespec left{time.count(), 0};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

}  // namespace

bool leave_behind(std::chrono::seconds after) {
  const pid_t child = fork();
  if (child < 0) return false;
  if (child > 0) {
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    return false;
  }
  if (setsid() < 0 || fork() != 0) _exit(0);
  let_go_of_everything();
  pass(after);
  return true;
}

}  // namespace vifchain

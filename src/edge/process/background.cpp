// SPDX-License-Identifier: Apache-2.0
#include "edge/process/background.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "edge/base/error.hpp"
#include "edge/process/exec_words.hpp"

namespace vifchain::inline edge::inline process {
namespace {

constexpr int report = 3;  // the only descriptor that is left in the child until it execs

[[noreturn]] void fail() {
  const int error_number = errno;
  [[maybe_unused]] const auto written = write(report, &error_number, sizeof error_number);
  _exit(127);
}

void keep_only_report(int report_to) {
  if (report_to != report) dup2(report_to, report);
  fcntl(report, F_SETFD, FD_CLOEXEC);
  const int nothing = open("/dev/null", O_RDWR);
  for (const int standard : {0, 1, 2}) dup2(nothing, standard);
  close_range(report + 1, ~0U, 0);
}

[[noreturn]] void become(char* const* words, char* const* environment, int report_to) {
  keep_only_report(report_to);
  setsid();
  const pid_t orphan = fork();
  if (orphan < 0) fail();
  if (orphan > 0) _exit(0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (chdir("/") == 0) execve(words[0], words, environment);
  fail();
}

// What the child reported; 0 when it is the program by now.
int read_report(int from) {
  int error_number = 0;
  ssize_t size = 0;
  do size = read(from, &error_number, sizeof error_number);
  while (size < 0 && errno == EINTR);
  return size > 0 ? error_number : 0;
}

}  // namespace

void start_in_background(const std::vector<std::string>& words,
                         const std::vector<std::string>& environment) {
  const auto argv = pointers_to(words), envp = pointers_to(environment);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw Error(errno, "making a pipe");
  const pid_t child = fork();
  if (child == 0) become(argv.data(), envp.data(), ends[1]);
  int error_number = child < 0 ? errno : 0;
  close(ends[1]);
  if (child > 0) error_number = read_report(ends[0]);
  close(ends[0]);
  while (child > 0 && waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (error_number != 0) throw Error(error_number, "starting " + words.front());
}

}  // namespace vifchain::inline edge::inline process

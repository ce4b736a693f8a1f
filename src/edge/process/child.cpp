// SPDX-License-Identifier: Apache-2.0
#include "edge/process/child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <functional>
#include <optional>

#include "edge/base/error.hpp"
#include "edge/process/children_awaited.hpp"
#include "edge/process/exec_words.hpp"

namespace vifchain::inline edge::inline process {
namespace {

// Up to keep() everything runs in children of ours, which end with _exit.

int open_output(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
  return file >= 0 ? file : open("/dev/null", O_WRONLY | O_CLOEXEC);
}

[[noreturn]] void become(const ChildProgram& program, const sigset_t& mask) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int output = open_output(program.output);
  dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
  dup2(output, 1);
  dup2(output, 2);
  if (program.descriptor >= 0) fcntl(program.descriptor, F_SETFD, 0);
  const auto words = pointers_to(program.words), environment = pointers_to(program.environment);
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  execve(words.front(), words.data(), environment.data());
  _exit(cannot_run);
}

// Our children, and those of theirs that they orphan, until there are none. The group goes first,
// and is all that goes when the kernel does not tell children.
void kill_all(pid_t group) {
  kill(-group, SIGKILL);
  while (true) {
    std::ifstream children("/proc/thread-self/children");
    if (!children) return;
    for (pid_t child = 0; children >> child;) kill(child, SIGKILL);
    if (waitpid(-1, nullptr, 0) < 0 && errno == ECHILD) return;
  }
}

// The exit code of `child` if it has ended; it is not reaped, so that its group keeps its number.
// Orphans that were adopted and have ended are.
std::optional<int> ended(pid_t child) {
  siginfo_t end = {};
  while (waitid(P_ALL, 0, &end, WEXITED | WNOHANG | WNOWAIT) == 0 && end.si_pid != 0) {
    if (end.si_pid == child) return end.si_code == CLD_EXITED ? end.si_status : 128 + end.si_status;
    waitpid(end.si_pid, nullptr, 0);
    end = {};
  }
  return std::nullopt;
}

// SIGTERM comes from our parent, or because it is dead.
int wait_as_keeper(pid_t child) {
  sigset_t awaited;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGTERM);
  sigaddset(&awaited, SIGCHLD);
  int number = 0;
  while (sigwait(&awaited, &number) == 0 && number != SIGTERM)
    if (const auto code = ended(child)) return *code;
  return 128 + SIGTERM;
}

// Between us and the program stands a process that outlives us by a moment: it adopts what the
// program orphans, and clears all of it away when the program fails or we die.
[[noreturn]] void keep(const ChildProgram& program, pid_t parent, const sigset_t& mask) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(cannot_run);  // it died before we asked to be told
  const pid_t child = fork();
  if (child == 0) become(program, mask);
  if (child < 0) _exit(cannot_run);
  setpgid(child, child);
  const int code = wait_as_keeper(child);
  if (code != 0) kill_all(child);
  _exit(code);
}

// The keeper never runs a handler of ours: in it all signals wait until it asks for them.
pid_t start_keeper(const ChildProgram& program) {
  const pid_t parent = getpid();
  sigset_t all, mask;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &mask);
  const pid_t keeper = fork();
  if (keeper == 0) keep(program, parent, mask);
  const int error_number = errno;
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  if (keeper < 0) throw Error(error_number, "starting " + program.words.front());
  return keeper;
}

int wait_for(pid_t keeper, const std::function<void()>& on_interrupt) {
  int status = 0;
  while (waitpid(keeper, &status, 0) < 0) {
    if (errno != EINTR) throw Error(errno, "waiting for a program");
    on_interrupt();
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int run_child(const ChildProgram& program, const Deadline& deadline) {
  const ChildrenAwaited children_awaited;
  const pid_t keeper = start_keeper(program);
  try {
    return wait_for(keeper, [&] { deadline.check(); });
  } catch (...) {
    kill(keeper, SIGTERM);
    wait_for(keeper, [] {});
    throw;
  }
}

}  // namespace vifchain::inline edge::inline process

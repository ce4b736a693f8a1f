// SPDX-License-Identifier: Apache-2.0
#include "xenstored.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "own_places.hpp"

namespace vifchain {
namespace {

constexpr int patience_ms = 10'000;

std::string place_of(const char* variable, const std::string& beside_us) {
  if (const char* place = std::getenv(variable)) return place;
  return std::filesystem::read_symlink("/proc/self/exe").replace_filename(beside_us);
}

// In the child: becomes the launcher, with all output in a file, and dies with its parent.
[[noreturn]] void become(const char* const* arguments, const std::string& output, int ready) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  leave_syslog();
  const int file = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  dup2(file, 1);
  dup2(file, 2);
  fcntl(ready, F_SETFD, 0);
  execv(arguments[0], const_cast<char* const*>(arguments));
  _exit(127);
}

}  // namespace

Xenstored::Xenstored(StoreKind kind, Races races) : kind_(kind), races_(races) {
  begin();
}

void Xenstored::begin() {
  const std::string launcher = place_of("XENSTORED_LAUNCHER", "xenstored.sh");
  const std::string shim = place_of("XENSTORED_SHIM", "xenstored_shim.so");
  const char* const arguments[] = {launcher.c_str(), kind_ == StoreKind::c ? "c" : "ocaml",
                                   folder_.path().c_str(), shim.c_str(), nullptr};
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) throw std::runtime_error("no pipe for xenstored");
  setenv("SHIM_READY_FD", std::to_string(ready[1]).c_str(), 1);
  setenv("XENSTORED_TEST_EAGAIN", races_ == Races::lose ? "true" : "false", 1);
  process_ = fork();
  if (process_ == 0) become(arguments, folder_ / "output", ready[1]);
  close(ready[1]);
  wait_until_ready(ready[0]);
  setenv("XENSTORED_PATH", socket().c_str(), 1);
}

Xenstored::~Xenstored() {
  kill();
  unsetenv("XENSTORED_PATH");
}

void Xenstored::stop() const {
  ::kill(process_, SIGSTOP);
  int status = 0;
  waitpid(process_, &status, WUNTRACED);
}

void Xenstored::go_on() const {
  ::kill(process_, SIGCONT);
}

void Xenstored::kill() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

void Xenstored::again() {
  kill();
  std::filesystem::remove(socket());
  begin();
}

// The shim writes a byte when the daemon begins to serve; a daemon that dies closes the pipe.
void Xenstored::wait_until_ready(int ready) {
  pollfd waiting{.fd = ready, .events = POLLIN, .revents = 0};
  char byte = 0;
  const bool served = poll(&waiting, 1, patience_ms) == 1 && read(ready, &byte, 1) == 1;
  close(ready);
  if (served) return;
  ::kill(process_, SIGKILL);
  int status = 0;
  waitpid(process_, &status, 0);
  const std::string words = contents_of(folder_ / "output");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 3) throw NoXenstored(words);
  throw std::runtime_error("xenstored does not serve: " + words);
}

}  // namespace vifchain

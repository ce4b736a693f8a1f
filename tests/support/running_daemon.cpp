// SPDX-License-Identifier: Apache-2.0
#include "running_daemon.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace vifchain {
namespace {

constexpr const char* words_of_it = "/run/vifchaind.out";

pid_t start(const std::string& words) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out = ::open(words_of_it, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ::dup2(out, 1);
  ::dup2(out, 2);
  const std::string command =
      "exec " + environment() + vifchaind_program() + " --foreground " + words;
  ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
  ::_exit(127);
}

}  // namespace

std::string vifchaind_program() {
  const char* path = std::getenv("VIFCHAIND");
  return path != nullptr ? path : "/usr/sbin/vifchaind";
}

RunningDaemon::RunningDaemon(const std::string& words, Begun begun) : process_(start(words)) {
  if (begun == Begun::at_once) return;
  eventually(
      [&] { return ::waitpid(process_, nullptr, WNOHANG) != 0 || report().pid == process_; });
}

RunningDaemon::~RunningDaemon() {
  if (process_ > 0) stop();
}

void RunningDaemon::kill() {
  ::kill(process_, SIGKILL);
  exit_code_of(process_);
  process_ = -1;
}

int RunningDaemon::stop() {
  ::kill(process_, SIGTERM);
  const int code = exit_code_of(process_);
  process_ = -1;
  return code;
}

DaemonReport RunningDaemon::report() try {
  return request_report().value_or(DaemonReport{});
} catch (const std::exception&) {
  return {};
}

std::string RunningDaemon::said() {
  std::ostringstream text;
  text << std::ifstream(words_of_it).rdbuf();
  return text.str();
}

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
#include "edge/process/ask_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "edge/base/descriptor.hpp"
#include "edge/base/error.hpp"
#include "edge/process/children_awaited.hpp"
#include "edge/process/exec_words.hpp"

namespace vifchain::inline edge::inline process {
namespace {

constexpr std::size_t kept_errors = 2000;

struct Ends {
  std::optional<Descriptor> ours = {}, theirs = {};
};

Ends output_of_theirs() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw Error(errno, "making a pipe");
  Ends made;
  made.ours.emplace(ends[0]);
  made.theirs.emplace(ends[1]);
  return made;
}

// A socket, because a pipe whose reader is gone would end us by SIGPIPE.
Ends input_of_theirs() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw Error(errno, "making a socket");
  Ends made;
  made.ours.emplace(ends[0]);
  made.theirs.emplace(ends[1]);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return made;
}

[[noreturn]] void become(const std::vector<char*>& words, pid_t parent,
                         const std::array<int, 3>& standard, const sigset_t& mask) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(cannot_run);
  for (int i = 0; i < 3; ++i) dup2(standard[static_cast<std::size_t>(i)], i);
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  execvp(words.front(), words.data());
  _exit(cannot_run);
}

class Talk {
 public:
  Talk(const std::vector<std::string>& words, const std::string& question, std::size_t most_output,
       const Deadline& deadline)
      : name_(words.front()), left_(question), most_output_(most_output), deadline_(deadline) {
    start(words);
  }
  ~Talk() {
    if (child_ <= 0) return;
    kill(-child_, SIGKILL);
    kill(child_, SIGKILL);
    while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Talk(const Talk&) = delete;
  Talk& operator=(const Talk&) = delete;

  ProgramAnswer run() {
    while (output_.ours || errors_.ours) exchange();
    answer_.exit_code = wait();
    return std::move(answer_);
  }

 private:
  void start(const std::vector<std::string>& words) {
    const auto pointers = pointers_to(words);
    const std::array standard{input_.theirs->number(), output_.theirs->number(),
                              errors_.theirs->number()};
    const pid_t parent = getpid();
    sigset_t all, mask;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &mask);
    child_ = fork();
    const int error_number = errno;
    if (child_ == 0) become(pointers, parent, standard, mask);
    sigprocmask(SIG_SETMASK, &mask, nullptr);
    if (child_ < 0) throw Error(error_number, "starting " + name_);
    setpgid(child_, child_);
    for (auto* ends : {&input_, &output_, &errors_}) ends->theirs.reset();
  }

  static pollfd polled_for(const Ends& ends, short events) {
    return {ends.ours ? ends.ours->number() : -1, events, 0};
  }

  void exchange() {
    if (left_.empty()) input_.ours.reset();
    std::array polled{polled_for(input_, POLLOUT), polled_for(output_, POLLIN),
                      polled_for(errors_, POLLIN)};
    if (poll(polled.data(), polled.size(), -1) < 0) {
      if (errno != EINTR) throw Error(errno, "waiting for " + name_);
      return deadline_.check();
    }
    if (polled[0].revents != 0) write();
    if (polled[1].revents != 0) read(output_, answer_.output);
    if (polled[2].revents != 0) read(errors_, answer_.errors);
    if (answer_.output.size() > most_output_)
      throw Error(EMSGSIZE, "reading what " + name_ + " answers");
    if (answer_.errors.size() > kept_errors)
      answer_.errors.erase(0, answer_.errors.size() - kept_errors);
  }

  // Who does not want to hear it all may answer all the same.
  void write() {
    const ssize_t size = send(input_.ours->number(), left_.data(), left_.size(), MSG_NOSIGNAL);
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
    left_.erase(0, size < 0 ? left_.size() : static_cast<std::size_t>(size));
  }

  static void read(Ends& from, std::string& text) {
    char part[4096];
    const ssize_t size = ::read(from.ours->number(), part, sizeof part);
    if (size < 0 && errno == EINTR) return;
    if (size <= 0)
      from.ours.reset();
    else
      text.append(part, static_cast<std::size_t>(size));
  }

  int wait() {
    int status = 0;
    while (waitpid(child_, &status, 0) < 0) {
      if (errno != EINTR) throw Error(errno, "waiting for " + name_);
      deadline_.check();
    }
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  std::string name_;
  std::string left_;  // of the question
  std::size_t most_output_;
  const Deadline& deadline_;
  ChildrenAwaited children_awaited_;
  Ends input_ = input_of_theirs(), output_ = output_of_theirs(), errors_ = output_of_theirs();
  pid_t child_ = -1;
  ProgramAnswer answer_;
};

}  // namespace

ProgramAnswer ask_program(const std::vector<std::string>& words, const std::string& question,
                          std::size_t most_output, const Deadline& deadline) {
  return Talk(words, question, most_output, deadline).run();
}

}  // namespace vifchain::inline edge::inline process

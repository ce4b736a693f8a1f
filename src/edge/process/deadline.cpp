// SPDX-License-Identifier: Apache-2.0
#include "edge/process/deadline.hpp"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

namespace vifchain::inline edge::inline process {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::array guarded_signals{SIGALRM, SIGTERM, SIGINT, SIGHUP};
constexpr std::span<const int> all_signals{guarded_signals};

// The timer repeats: a single tick could come just before a call blocks, and would be lost.
constexpr milliseconds tick{50};

// What the handler reads and writes, and nothing else does while it may run; the last resort is set
// before the handlers are.
enum Stage : sig_atomic_t { idle, running, undoing };
volatile sig_atomic_t stage = idle;
volatile sig_atomic_t noted_signal = 0;
const LastResort* last_resort = nullptr;
std::atomic<std::int64_t> exit_at{0};  // steady_clock, nanoseconds
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

std::span<const int> guarded = all_signals;
std::array<struct sigaction, guarded_signals.size()> former_actions;
sigset_t former_mask;

std::int64_t nanoseconds(steady_clock::time_point moment) {
  return std::chrono::nanoseconds(moment.time_since_epoch()).count();
}

timeval to_timeval(microseconds duration) {
  return {.tv_sec = duration.count() / 1'000'000, .tv_usec = duration.count() % 1'000'000};
}

// ITIMER_REAL runs on CLOCK_MONOTONIC in Linux (kernel/time/itimer.c), as steady_clock does.
void tick_after(microseconds delay) {
  const itimerval timer{.it_interval = to_timeval(tick),
                        .it_value = to_timeval(std::max(delay, microseconds{1}))};
  setitimer(ITIMER_REAL, &timer, nullptr);
}

void stop_ticking() {
  const itimerval never{};
  setitimer(ITIMER_REAL, &never, nullptr);
}

void exit_if_hopeless(std::int64_t now) {
  if (now < exit_at.load()) return;
  const LastResort& last = *last_resort;
  [[maybe_unused]] const ssize_t written = write(last.fd, last.line.data(), last.line.size());
  _exit(1);
}

void note(int number, std::int64_t now) {
  if (stage != running || noted_signal != 0) return;
  noted_signal = number;
  exit_at = std::min(exit_at.load(), now + std::chrono::nanoseconds(last_resort->after).count());
  tick_after(tick);
}

// Only calls that are safe here: clock_gettime, write, _exit, and setitimer, which in Linux is a
// bare system call although POSIX does not list it.
void on_signal(int number) {
  const int kept_errno = errno;
  const std::int64_t now = nanoseconds(steady_clock::now());
  if (number == SIGALRM)
    exit_if_hopeless(now);
  else
    note(number, now);
  errno = kept_errno;
}

void guard(int number, struct sigaction& former) {
  struct sigaction action = {};
  action.sa_handler = on_signal;  // and no SA_RESTART: a blocked call is to end with EINTR
  sigfillset(&action.sa_mask);
  sigaction(number, &action, &former);
  if (number != SIGALRM && former.sa_handler == SIG_IGN) sigaction(number, &former, nullptr);
}

// Our parent may have blocked them, as libraries with threads do around fork.
void unblock_guarded_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : guarded) sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, &former_mask);
}

std::string name_of(int number) {
  const char* name = sigabbrev_np(number);
  return name ? "SIG" + std::string(name) : "signal " + std::to_string(number);
}

}  // namespace

Deadline::Deadline(milliseconds within, LastResort last, EndedBy ended_by)
    : last_resort_(std::move(last)), within_(within), end_(Clock::now() + within) {
  assert(stage == idle && "one deadline at a time: signals belong to the process");
  last_resort = &last_resort_;
  exit_at = nanoseconds(end_ + last_resort_.after);
  noted_signal = 0;
  stage = running;
  guarded = ended_by == EndedBy::signals_too ? all_signals : all_signals.first(1);
  for (std::size_t i = 0; i < guarded.size(); ++i) guard(guarded[i], former_actions[i]);
  unblock_guarded_signals();
  tick_after(within);
}

Deadline::~Deadline() {
  stop_ticking();
  pthread_sigmask(SIG_SETMASK, &former_mask, nullptr);
  for (std::size_t i = 0; i < guarded.size(); ++i)
    sigaction(guarded[i], &former_actions[i], nullptr);
  stage = idle;
}

void Deadline::check() const {
  if (remaining() > milliseconds::zero()) return;
  if (stage == undoing) throw Interrupted("no end to the undoing within " + duration_text(within_));
  if (noted_signal != 0) throw Interrupted("ended by " + name_of(noted_signal));
  throw Interrupted("no answer within " + duration_text(within_));
}

milliseconds Deadline::remaining() const {
  if (stage == running && noted_signal != 0) return milliseconds::zero();
  return std::max(std::chrono::ceil<milliseconds>(end_ - Clock::now()), milliseconds::zero());
}

void Deadline::grace(milliseconds within) {
  stage = undoing;
  const Clock::time_point last{std::chrono::nanoseconds(exit_at.load())};
  const auto now = Clock::now();
  within_ = within;
  end_ = std::min(now + within, last);
  tick_after(std::chrono::duration_cast<microseconds>(end_ - now));
}

std::string duration_text(milliseconds duration) {
  if (duration < std::chrono::seconds{1}) return std::to_string(duration.count()) + " ms";
  return std::to_string(std::chrono::round<std::chrono::seconds>(duration).count()) + " s";
}

}  // namespace vifchain::inline edge::inline process

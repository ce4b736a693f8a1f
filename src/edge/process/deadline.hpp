// SPDX-License-Identifier: Apache-2.0
// The time that one run may take, and the signals that may end it sooner.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

namespace vifchain::inline edge::inline process {

// Thrown when a run has to end: what() says why ("no answer within 30 s", "ended by SIGTERM").
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What happens when even the way out hangs: line is written to fd, and the process exits with 1.
struct LastResort {
  std::chrono::milliseconds after{6000};  // from the end of the deadline, or from the signal
  int fd = 2;
  std::string line = "vif-chain: error: hung, aborted\n";
};

enum class EndedBy { signals_too, time_alone };

// From construction to destruction every blocking system call of this process ends with EINTR, at
// the latest 50 ms after the time is up or SIGTERM, SIGINT or SIGHUP came; whoever gets EINTR calls
// check() and tries again. A signal that the caller had set to be ignored (nohup) stays ignored.
//
// With EndedBy::time_alone signals other than its own timer's are left to whoever handles them.
//
// libxl kills a hotplug script with SIGKILL after 40 s (LIBXL_HOTPLUG_TIMEOUT, libxl_internal.h),
// so deadline and last resort together belong well below that. Children made by fork inherit no
// timer (setitimer(2)), and those that exec no handler.
//
// There is at most one at a time: signals and ITIMER_REAL belong to the process.
class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds within, LastResort last_resort = {},
                    EndedBy ended_by = EndedBy::signals_too);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  // Returns if there is time left; throws Interrupted if there is none, or a signal has come.
  void check() const;

  // For poll(2) and its like; zero exactly if check() would throw.
  [[nodiscard]] std::chrono::milliseconds remaining() const;

  // Begins a second period, for undoing what was done: until it is over check() does not throw,
  // whatever signals came or come. It never reaches beyond the last resort, which stays where it
  // is.
  void grace(std::chrono::milliseconds within);

 private:
  using Clock = std::chrono::steady_clock;

  LastResort last_resort_;
  std::chrono::milliseconds within_;
  Clock::time_point end_;
};

// "250 ms", and from one second on in whole seconds, "30 s".
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);

}  // namespace vifchain::inline edge::inline process

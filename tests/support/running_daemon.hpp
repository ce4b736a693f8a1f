// SPDX-License-Identifier: Apache-2.0
// vifchaind on a test's host.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <string>

#include "edge/state/daemon_socket.hpp"
#include "host.hpp"

namespace vifchain {

// The path of the vifchaind under test: $VIFCHAIND.
std::string vifchaind_program();

// Runs while it lives, and ends as a service manager would have it.
class RunningDaemon {
 public:
  enum class Begun { waited_for, at_once };

  // Returns when it has looked at everything that was there, or has ended; or at once. `words` are
  // its own, besides --foreground.
  explicit RunningDaemon(const std::string& words = "", Begun begun = Begun::waited_for);
  ~RunningDaemon();
  RunningDaemon(const RunningDaemon&) = delete;
  RunningDaemon& operator=(const RunningDaemon&) = delete;

  // It is gone without a word (SIGKILL).
  void kill();
  void hang_up() const { ::kill(process_, SIGHUP); }
  // Told to end; its exit code.
  int stop();

  [[nodiscard]] pid_t process() const { return process_; }

  // What it says of itself; of one that does not answer, nothing.
  [[nodiscard]] static DaemonReport report();
  // All that daemons of this host have said.
  [[nodiscard]] static std::string said();

 private:
  pid_t process_ = -1;
};

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// What a run has to say to the people who look after the host.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace vifchain::inline edge::inline base {

// syslog(3)'s own numbers.
enum class Level { err = 3, warning = 4, info = 6, debug = 7 };

struct LogPlaces {
  std::string socket = "/dev/log";
  std::string file = "/var/log/xen/xen-hotplug.log";
  std::string ident = "vif-chain";
  // In the place of the socket: is told every line as it was given, and says whether it took it.
  std::function<bool(Level, std::string_view)> instead = {};
};

// Every line goes to syslog, facility daemon, in the shape of Xen's own scripts (logging.sh):
// "vif-chain[PID]: SCRIPT: TEXT". Lines above debug go to the file too, which is where Xen's
// scripts leave their errors, and so does a line that syslog did not take. Nothing is ever written
// to stdout or stderr, which end on xl's terminal.
//
// Logging never fails and never waits: a place that is missing or full is passed over. Nothing is
// opened before the first line that goes there. Control characters of a text become "?", so one
// text is one line, whoever it comes from.
class Log {
 public:
  // script: the path that libxl ran, as in the environment's $script.
  explicit Log(std::string script, LogPlaces places = {});
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void write(Level level, std::string_view text) noexcept;

  // From now on `listener` is told every line too, as it was given; nobody when it is empty.
  void tell_also(std::function<void(Level, std::string_view)> listener) {
    listener_ = std::move(listener);
  }

  void err(std::string_view text) noexcept { write(Level::err, text); }
  void warning(std::string_view text) noexcept { write(Level::warning, text); }
  void info(std::string_view text) noexcept { write(Level::info, text); }
  void debug(std::string_view text) noexcept { write(Level::debug, text); }

 private:
  bool to_syslog(Level level, const std::string& line) noexcept;
  void to_file(const std::string& line) noexcept;

  std::string script_;
  LogPlaces places_;
  std::function<void(Level, std::string_view)> listener_;
  int socket_ = -1;
  int file_ = -1;
};

}  // namespace vifchain::inline edge::inline base

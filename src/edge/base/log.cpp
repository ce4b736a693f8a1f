// SPDX-License-Identifier: Apache-2.0
#include "edge/base/log.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <utility>

#include "core/text/printable.hpp"

namespace vifchain::inline edge::inline base {
namespace {

// UTC by arithmetic: gmtime(3) would read the time zone's file first.
std::string timestamp() {
  using namespace std::chrono;
  const auto now = floor<seconds>(system_clock::now());
  const year_month_day date{floor<days>(now)};
  const hh_mm_ss time{now - floor<days>(now)};
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", int{date.year()},
                unsigned{date.month()}, unsigned{date.day()}, int(time.hours().count()),
                int(time.minutes().count()), int(time.seconds().count()));
  return text;
}

// Empty path if it does not fit.
sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() < sizeof address.sun_path) path.copy(address.sun_path, path.size());
  return address;
}

}  // namespace

Log::Log(std::string script, LogPlaces places)
    : script_(std::move(script)), places_(std::move(places)) {}

Log::~Log() {
  if (socket_ >= 0) close(socket_);
  if (file_ >= 0) close(file_);
}

void Log::write(Level level, std::string_view text) noexcept {
  const std::string safe = printable(text);
  if (listener_) listener_(level, safe);
  const std::string line =
      places_.ident + "[" + std::to_string(getpid()) + "]: " + printable(script_) + ": " + safe;
  const bool taken = places_.instead ? places_.instead(level, safe) : to_syslog(level, line);
  if (!taken || level != Level::debug) to_file(line);
}

// Straight to the socket of syslog(3), without its time, which every daemon adds by itself: libc
// would read the time zone's file for it.
bool Log::to_syslog(Level level, const std::string& line) noexcept {
  if (socket_ < 0) socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const std::string datagram =
      "<" + std::to_string(LOG_DAEMON | static_cast<int>(level)) + ">" + line;
  const sockaddr_un address = address_of(places_.socket);
  return sendto(socket_, datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                reinterpret_cast<const sockaddr*>(&address), sizeof address) >= 0;
}

// One write per line: with O_APPEND lines of several runs do not mix.
void Log::to_file(const std::string& line) noexcept {
  if (file_ < 0)
    file_ = open(places_.file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
  const std::string dated = timestamp() + " " + line + "\n";
  [[maybe_unused]] const ssize_t written = ::write(file_, dated.data(), dated.size());
}

}  // namespace vifchain::inline edge::inline base

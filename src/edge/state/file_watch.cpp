// SPDX-License-Identifier: Apache-2.0
#include "edge/state/file_watch.hpp"

#include <sys/inotify.h>

#include <cerrno>
#include <climits>

#include "edge/base/error.hpp"

namespace vifchain::inline edge::inline state {

FileWatch::FileWatch(const std::string& path)
    : name_(path.substr(path.rfind('/') + 1)), inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == path.npos ? "." : path.substr(0, slash + 1);
  constexpr std::uint32_t events =
      IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE;
  if (!inotify_.open() || ::inotify_add_watch(inotify_.number(), folder.c_str(), events) < 0)
    throw Error(errno, "watching " + path);
}

bool FileWatch::take() {
  bool changed = false;
  alignas(inotify_event) char buffer[sizeof(inotify_event) + NAME_MAX + 1];
  for (;;) {
    const auto size = ::read(inotify_.number(), buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return changed;
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      if ((event->mask & IN_Q_OVERFLOW) != 0 || (event->len > 0 && name_ == event->name))
        changed = true;
      at += static_cast<ssize_t>(sizeof *event + event->len);
    }
  }
}

}  // namespace vifchain::inline edge::inline state

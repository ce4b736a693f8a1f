// SPDX-License-Identifier: Apache-2.0
#include "edge/state/run_ring.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>

#include "edge/base/durable_file.hpp"

namespace vifchain::inline edge::inline state {
namespace {

class Ring {
 public:
  explicit Ring(const std::string& path) : path_(path) {}
  ~Ring() { shut(); }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  std::string append(const std::string& line, std::size_t size) {
    if (!open_file()) return why("opening");
    for (int wait = 0; has(size) && wait < waits; ++wait) {
      const bool was_mine = rotate();
      if (was_mine && errno != 0) return why("moving away the full");
      if (!open_file()) return why("opening");
      if (was_mine || !has(2 * size)) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (!S_ISREG(state_.st_mode)) return path_ + " is no file";
    const ssize_t written = ::write(file_, line.data(), line.size());
    if (written < 0) return why("writing");
    if (static_cast<std::size_t>(written) < line.size()) return "there is no room for " + path_;
    return {};
  }

 private:
  // A pipe somebody put there is not waited for.
  bool open_file() {
    shut();
    constexpr int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW;
    const auto attempt = [&] { return ::open(path_.c_str(), flags | O_NONBLOCK, 0640); };
    file_ = attempt();
    if (file_ < 0 && errno == ENOENT && (::mkdir(folder().c_str(), 0755) == 0 || errno == EEXIST))
      file_ = attempt();
    return file_ >= 0 && ::fstat(file_, &state_) == 0;
  }

  // Whoever holds the lock of the full file moves it, unless somebody has done so since it was
  // opened; the others go on with what they find, and wait for him only where it has grown to twice
  // its size. A run that opened it before writes into it all the same, and nothing is lost. False
  // when another holds the lock; errno says whether the move was refused.
  bool rotate() {
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) return false;
    struct stat now = {};
    const bool same = ::stat(path_.c_str(), &now) == 0 && now.st_ino == state_.st_ino &&
                      now.st_dev == state_.st_dev;
    errno = 0;
    if (same) ::rename(path_.c_str(), (path_ + ".1").c_str());
    return true;
  }

  [[nodiscard]] bool has(std::size_t size) const {
    return static_cast<std::size_t>(state_.st_size) >= size;
  }

  void shut() {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
  }

  [[nodiscard]] std::string folder() const { return path_.substr(0, path_.rfind('/')); }
  [[nodiscard]] std::string why(const char* doing) const {
    return std::string(doing) + " " + path_ + ": " + std::strerror(errno);
  }

  static constexpr int waits = 100;

  const std::string& path_;
  int file_ = -1;
  struct stat state_ = {};
};

void add_lines(std::vector<std::string>& lines, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
}

}  // namespace

std::string append_run(const std::string& path, const std::string& line, std::size_t size) noexcept
    try {
  return Ring(path).append(line, size);
} catch (const std::exception& error) {
  return error.what();
}

std::vector<std::string> read_runs(const std::string& path) {
  const auto newer = read_file(path);
  const auto older = read_file(path + ".1");
  const bool moved = newer && !newer->empty() && older && older->starts_with(*newer);
  std::vector<std::string> lines;
  if (older) add_lines(lines, *older);
  if (newer && !moved) add_lines(lines, *newer);
  return lines;
}

}  // namespace vifchain::inline edge::inline state

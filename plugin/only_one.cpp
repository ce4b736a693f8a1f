// SPDX-License-Identifier: Apache-2.0
#include "only_one.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "core/text/decimal.hpp"
#include "edge/base/error.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline plugin {
namespace {

int opened(const std::string& path) {
  const auto attempt = [&] {
    return ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  };
  const std::string folder = std::filesystem::path(path).parent_path().string();
  int file = attempt();
  if (file < 0 && errno == ENOENT && (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST))
    file = attempt();
  if (file < 0) throw Error(errno, "opening " + path);
  return file;
}

// " (process 812)"; nothing while the other one is about to write it.
std::string holder_in(int file) {
  char text[16];
  const auto size = ::pread(file, text, sizeof text, 0);
  std::string_view digits(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  digits = digits.substr(0, digits.find('\n'));
  const auto process = decimal(digits);
  return process ? " (process " + std::to_string(*process) + ")" : "";
}

void hold(int file, const std::string& path) {
  while (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) throw Refusal("vifchaind runs already" + holder_in(file));
    if (errno != EINTR) throw Error(errno, "locking " + path);
  }
}

void write_number(int file, const std::string& path) {
  const std::string number = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file, 0) != 0 ||
      ::pwrite(file, number.data(), number.size(), 0) != static_cast<ssize_t>(number.size()))
    throw Error(errno, "writing " + path);
}

}  // namespace

OnlyOne::OnlyOne(const std::string& path) : file_(opened(path)) {
  hold(file_.number(), path);
  write_number(file_.number(), path);
}

}  // namespace vifchain::inline plugin

// SPDX-License-Identifier: Apache-2.0
#include "edge/base/bounded_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "edge/base/descriptor.hpp"
#include "edge/base/error.hpp"

namespace vifchain::inline edge::inline base {
namespace {

[[noreturn]] void fail(int error_number, const std::string& path, const std::string& words = {}) {
  throw Error(error_number, "reading " + path, words);
}

std::string kind_in_words(mode_t mode) {
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

// Neither a pipe nor a device keeps us waiting.
Descriptor open_to_read(const std::string& path) {
  return Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

void must_be_regular(int file, const std::string& path) {
  struct stat facts = {};
  if (::fstat(file, &facts) != 0) fail(errno, path);
  if (S_ISDIR(facts.st_mode)) fail(EISDIR, path);
  if (!S_ISREG(facts.st_mode))
    fail(EINVAL, path, "it is " + kind_in_words(facts.st_mode) + ", and no regular file");
}

}  // namespace

std::string read_bounded(int file, const std::string& path, std::size_t most_bytes) {
  must_be_regular(file, path);
  std::string text;
  char part[65536];
  for (;;) {
    const ssize_t size = ::read(file, part, sizeof part);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) fail(errno, path);
    if (size == 0) return text;
    text.append(part, static_cast<std::size_t>(size));
    if (text.size() > most_bytes)
      fail(EFBIG, path, "more than " + std::to_string(most_bytes) + " bytes are not read");
  }
}

std::string read_bounded_file(const std::string& path, std::size_t most_bytes) {
  const Descriptor file = open_to_read(path);
  if (!file.open()) fail(errno, path);
  return read_bounded(file.number(), path, most_bytes);
}

std::optional<std::string> read_bounded_if_there(const std::string& path, std::size_t most_bytes) {
  const Descriptor file = open_to_read(path);
  if (!file.open() && errno == ENOENT) return std::nullopt;
  if (!file.open()) fail(errno, path);
  return read_bounded(file.number(), path, most_bytes);
}

bool is_shortage(int error_number) {
  switch (error_number) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    case EIO:
      return true;
    default:
      return false;
  }
}

}  // namespace vifchain::inline edge::inline base

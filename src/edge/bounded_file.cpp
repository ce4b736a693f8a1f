#include "edge/bounded_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "edge/descriptor.hpp"
#include "edge/error.hpp"

namespace vifchain {
namespace {

[[noreturn]] void fail(int error_number, const std::string& path, const std::string& words = {}) {
  throw Error(error_number, "reading " + path, words);
}

}  // namespace

std::string read_bounded_file(const std::string& path, std::size_t most_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.open()) fail(errno, path);
  struct stat facts = {};
  if (fstat(file.number(), &facts) != 0) fail(errno, path);
  if (S_ISDIR(facts.st_mode)) fail(EISDIR, path);
  if (!S_ISREG(facts.st_mode)) fail(EINVAL, path, "it is no regular file");
  std::string text;
  char part[16384];
  for (;;) {
    const ssize_t size = ::read(file.number(), part, sizeof part);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) fail(errno, path);
    if (size == 0) return text;
    text.append(part, static_cast<std::size_t>(size));
    if (text.size() > most_bytes)
      fail(EFBIG, path, "more than " + std::to_string(most_bytes) + " bytes are not read");
  }
}

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
#include "edge/state/machine_id.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace vifchain::inline edge::inline state {

std::string machine_id(const std::string& path) {
  std::array<char, 256> text{};
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const ssize_t size = fd < 0 ? -1 : ::read(fd, text.data(), text.size());
  if (fd >= 0) ::close(fd);
  if (size <= 0) {
    ::gethostname(text.data(), text.size() - 1);
    return text.data();
  }
  const std::string all(text.data(), static_cast<std::size_t>(size));
  return all.substr(0, all.find('\n'));
}

}  // namespace vifchain::inline edge::inline state

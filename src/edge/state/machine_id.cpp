// SPDX-License-Identifier: Apache-2.0
#include "edge/state/machine_id.hpp"

#include <unistd.h>

#include <array>

#include "edge/base/durable_file.hpp"

namespace vifchain::inline edge::inline state {

std::string machine_id(const std::string& path) {
  const std::string text = text_or_nothing(path);
  if (!text.empty()) return text.substr(0, text.find('\n'));
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

}  // namespace vifchain::inline edge::inline state

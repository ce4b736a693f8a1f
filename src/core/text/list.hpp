// SPDX-License-Identifier: Apache-2.0
// Lists as people say them.
#pragma once

#include <string>
#include <vector>

namespace vifchain::inline core::inline text {

// "a, b and c"
inline std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

}  // namespace vifchain::inline core::inline text

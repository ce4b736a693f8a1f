// SPDX-License-Identifier: Apache-2.0
// Words as execve(2) wants them.
#pragma once

#include <string>
#include <vector>

namespace vifchain::inline edge::inline process {

// They point into `texts`, which must live as long; the last one is null.
inline std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace vifchain::inline edge::inline process

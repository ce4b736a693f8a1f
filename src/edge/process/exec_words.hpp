// SPDX-License-Identifier: Apache-2.0
// What a child hands to execve(2), and what it ends with when that fails.
#pragma once

#include <string>
#include <vector>

namespace vifchain::inline edge::inline process {

// As a shell has it, for a program that cannot be run.
inline constexpr int cannot_run = 127;

// As execve(2) wants it; it points into `texts`.
inline std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace vifchain::inline edge::inline process

// SPDX-License-Identifier: Apache-2.0
// What a test in a shell script comes to, as far as that is known without a run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vifchain::inline convert {

// How a command ended. One that only looks at the host is for a run to tell; where such a look is
// whether something is there already, it is taken as the one that goes on to make it.
enum class Truth : std::uint8_t { yes, no, presumably, unknown };

constexpr Truth truth_of(bool holds) {
  return holds ? Truth::yes : Truth::no;
}

constexpr bool is_known(Truth truth) {
  return truth == Truth::yes || truth == Truth::no;
}

constexpr Truth opposite(Truth truth) {
  if (truth == Truth::yes) return Truth::no;
  return truth == Truth::no ? Truth::yes : truth;
}

// The words of [ ] or [[ ]], without the brackets: -o and || bind loosest.
Truth test_truth(const std::vector<std::string>& words);

// Whether it is a program that is asked whether something is there.
bool only_asks(const std::vector<std::string>& words);

}  // namespace vifchain::inline convert

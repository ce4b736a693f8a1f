// SPDX-License-Identifier: Apache-2.0
// What the commands that a shell has itself come to, as far as that is known without a run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convert/import/script/shell_expand.hpp"

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

// What runs after it.
enum class Flow : std::uint8_t { goes_on, next_round, leaves_loop, returns, exits };

struct Outcome {
  Truth truth = Truth::yes;
  Flow flow = Flow::goes_on;
};

// Done in `scope`, when it is a builtin that is about the shell alone; nothing when it is none.
std::optional<Outcome> run_builtin(const std::vector<std::string>& words, unsigned line,
                                   ShellScope& scope);

// Whether it is a program that is asked whether something is there.
bool only_asks(const std::vector<std::string>& words);

}  // namespace vifchain::inline convert

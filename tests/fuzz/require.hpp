// SPDX-License-Identifier: Apache-2.0
// What must hold whatever a fuzzer comes up with.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "core/text/bad_spec.hpp"

namespace vifchain {

inline void require(bool holds, const char* law) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", law);
  std::abort();
}

// It goes to hotplug-error and to a terminal.
inline void require_sayable(std::string_view text) {
  require(!text.empty(), "what is said is something");
  require(text.size() <= 250, "what is said is short, however long the input");
  for (const char byte : text) require(byte >= ' ' && byte <= '~', "what is said is plain text");
}

inline void require_placed(const BadSpec& bad, std::string_view text) {
  require_sayable(bad.reason);
  require(bad.column >= 1 && bad.column <= text.size() + 1,
          "a mistake is in the text or at its end");
}

}  // namespace vifchain

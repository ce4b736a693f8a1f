// SPDX-License-Identifier: Apache-2.0
// What standard output is.
#pragma once

#include <optional>

namespace vifchain::inline cli {

struct Terminal {
  bool is_one = false;   // a person reads it as it comes
  bool colour = false;   // and it shows colours, which are not unwanted (NO_COLOR)
  bool unicode = false;  // what reads it, a terminal or not, reads UTF-8
  std::optional<unsigned> rows = {};
};

// By the environment (LC_ALL, LC_CTYPE, LANG, TERM, NO_COLOR) and the descriptor as they are now.
Terminal standard_output();

}  // namespace vifchain::inline cli

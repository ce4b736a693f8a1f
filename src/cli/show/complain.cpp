// SPDX-License-Identifier: Apache-2.0
#include "cli/show/complain.hpp"

#include <cstdio>

#include "core/text/printable.hpp"
#include "core/text/problem.hpp"

namespace vifchain::inline cli {

void complain(std::string_view level, std::string_view problem) {
  std::fprintf(stderr, "vifchain: %s", told(level, problem).c_str());
}

std::string told(std::string_view level, std::string_view problem) {
  return printable_lines(in_lines(level, problem)) + "\n";
}

}  // namespace vifchain::inline cli

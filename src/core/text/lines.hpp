// SPDX-License-Identifier: Apache-2.0
// Text files as people write them for other programs: lines, some of them continued.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vifchain::inline core::inline text {

// Without white space at both ends.
std::string_view trimmed(std::string_view text);

// The words between white space.
std::vector<std::string> words_of(std::string_view line);
std::string first_word(std::string_view line);  // empty when there is none

struct TextLine {
  unsigned number = 0;  // of its first line in the file, counted from 1
  std::string text;     // never empty
};

// The lines, trimmed, without empty ones and those that begin with #; one that ends with a
// backslash goes on with the next.
std::vector<TextLine> logical_lines(std::string_view text);

}  // namespace vifchain::inline core::inline text

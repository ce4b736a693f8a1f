// SPDX-License-Identifier: Apache-2.0
// Shell patterns (glob(7)), for names that other programs' files match.
#pragma once

#include <string>
#include <string_view>

namespace vifchain::inline core::inline text {

// Whether the whole text is as the pattern says, in which *, ? and [...] stand for others, and a
// backslash takes the next letter as it is. A bracket that is not closed is a bracket.
bool matches_glob(std::string_view pattern, std::string_view text);

// Whether it can match more than one text.
bool is_glob(std::string_view pattern);

// The pattern that matches this text alone.
std::string glob_for(std::string_view text);

}  // namespace vifchain::inline core::inline text

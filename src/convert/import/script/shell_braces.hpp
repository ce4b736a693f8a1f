// SPDX-License-Identifier: Apache-2.0
// Braces in the words of a shell: a{b,c}d is abd and acd, {1..3} is 1, 2 and 3.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vifchain::inline convert {

// The words that it stands for, at least one: itself where it has no braces. Stops soon behind
// `most` words, with those found so far; a range of more is `unknown_part`.
std::vector<std::string> expand_braces(std::string_view raw, std::size_t most);

// Where the quoted part that begins at `at` ends; `at` itself when none begins there.
std::size_t past_quoted(std::string_view raw, std::size_t at);

}  // namespace vifchain::inline convert

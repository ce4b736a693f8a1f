// SPDX-License-Identifier: Apache-2.0
// Words of a shell as what they expand to: quotes, variables, arithmetic, braces. A part that only
// a run would tell is `unknown_part`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "convert/import/script/command.hpp"

namespace vifchain::inline convert {

// An array has several values, everything else one.
using ShellVariables = std::map<std::string, std::vector<std::string>, std::less<>>;

struct ShellScope {
  ShellVariables variables = {};
  std::vector<std::string> arguments = {};  // $1 and on
  std::string name = {};                    // $0
  bool others_may_set = false;  // a file was read that is not followed: what is unset is unknown
};

struct ShellField {
  std::string text;
  bool has_pattern = false;  // an unquoted * ? or [, which would match files
};

// The fields of the word, at most a few thousand bytes all together; one that would be longer is
// unknown.
std::vector<ShellField> expand_word(std::string_view raw, ShellScope& scope);

// The same without splitting, as in an assignment.
std::string expand_text(std::string_view raw, ShellScope& scope);

// The value of an arithmetic expression, with what it assigns; nothing when it is not known.
std::optional<std::int64_t> arithmetic(std::string_view expression, ShellScope& scope);

// NAME=VALUE, NAME+=VALUE, NAME=(WORDS), NAME[i]=VALUE: done, and true; false for any other word.
bool assign(std::string_view raw, ShellScope& scope);

void set_variable(std::string_view name, std::vector<std::string> values, ShellScope& scope);

bool is_unknown(std::string_view text);

}  // namespace vifchain::inline convert

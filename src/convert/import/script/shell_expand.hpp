// SPDX-License-Identifier: Apache-2.0
// What the words of a shell expand to (POSIX 2.6). A part that only a run would tell is
// `unknown_part`.
#pragma once

#include <map>

#include "convert/import/script/command.hpp"
#include "convert/import/script/shell_word.hpp"

namespace vifchain::inline convert {

struct ShellScope {
  std::map<std::string, std::string, std::less<>> variables = {};
  std::vector<std::string> arguments = {};  // $1 and on
  std::string name = {};                    // $0
  bool others_may_set = false;  // a file was read that is not followed: what is unset is unknown
  std::map<std::string, unsigned> not_followed = {};  // constructs that were met, by first line
};

struct ShellField {
  std::string text;
  bool has_pattern = false;  // an unquoted * ? or [, which would match files
};

// The fields of the words from the `first` on. Those of a word have a few thousand bytes all
// together; one that would be longer is unknown.
std::vector<ShellField> expand_words(const std::vector<ShellWord>& words, std::size_t first,
                                     ShellScope& scope);

// A word without splitting, as in an assignment.
std::string expand_text(const ShellWord& word, ShellScope& scope);

// NAME=VALUE, NAME+=VALUE, NAME[i]=VALUE: done, and true; false for any other word.
bool assign(const ShellWord& word, ShellScope& scope);

void set_variable(std::string_view name, std::string value, ShellScope& scope);

// What the expression sets is not known any more.
void pass_over_arithmetic(std::string_view expression, unsigned line, ShellScope& scope);

}  // namespace vifchain::inline convert

// SPDX-License-Identifier: Apache-2.0
// The grammar of shell text (POSIX 2.10, and what people use of bash), as a tree.
#pragma once

#include "convert/import/script/shell_word.hpp"

namespace vifchain::inline convert {

struct ShellNode {
  enum class Kind : std::uint8_t {
    simple,    // words, into
    list,      // children, one after the other
    and_or,    // children, with operators between them
    pipeline,  // children
    branch,    // children: condition, body, …, perhaps the last body
    repeat,    // while and its like, by name; child: all that runs again and again
    each,      // for: name, words, child: body
    choice,    // case: words: the subject; patterns and children side by side
    function,  // name, child: body
    subshell,  // children
  };
  Kind kind = Kind::list;
  unsigned line = 0;
  bool negated = false;
  std::string name = {};
  std::vector<ShellWord> words = {};
  ShellWord into = {};
  std::vector<ShellNode> children = {};
  std::vector<std::string_view> operators = {};
  std::vector<std::vector<ShellWord>> patterns = {};
};

struct ShellTree {
  std::vector<ShellNode> commands;  // all that could be read before the mistake
  std::optional<ShellMistake> mistake;
};

// Without comments and here-documents. Lines are counted from 1.
ShellTree shell_tree(std::string_view text);

}  // namespace vifchain::inline convert

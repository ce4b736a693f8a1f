// SPDX-License-Identifier: Apache-2.0
// The grammar of shell text (POSIX 2.10, and what people use of bash), as a tree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vifchain::inline convert {

struct ShellToken {
  enum class Kind : std::uint8_t { word, op, arithmetic, newline, end };
  Kind kind = Kind::end;
  std::string text;  // a word with its quotes, an operator, what is in (( ))
  unsigned line = 0;
};

// What ends the reading of a text before its end: an open quote, a parenthesis that nothing closes.
struct ShellMistake {
  unsigned line = 0;
  std::string what;  // half a sentence
};

struct ShellTokens {
  std::vector<ShellToken> tokens;  // the last one is `end`
  std::vector<ShellMistake> mistakes;
};

// The tokens, without comments and here-documents. Lines are counted from `first_line`.
ShellTokens shell_tokens(std::string_view text, unsigned first_line);

struct ShellNode {
  enum class Kind : std::uint8_t {
    simple,      // words, into
    arithmetic,  // words: one expression
    list,        // children, one after the other
    and_or,      // children, with operators between them
    pipeline,    // children
    branch,      // children: condition, body, …, perhaps the last body
    repeat,      // while: children: condition, body; until when negated
    each,        // for: name, words, child: body
    count,       // for ((…)): words: start, condition, step; child: body
    choice,      // case: words: the subject; patterns and children side by side
    function,    // name, child: body
    subshell,    // child
  };
  Kind kind = Kind::list;
  unsigned line = 0;
  bool negated = false;
  std::string name = {};
  std::vector<std::string> words = {};
  std::string into = {};
  std::vector<ShellNode> children = {};
  std::vector<std::string> operators = {};
  std::vector<std::vector<std::string>> patterns = {};
};

struct ShellTree {
  std::vector<ShellNode> commands;  // all that could be read before the first mistake
  std::vector<ShellMistake> mistakes;
};

ShellTree shell_tree(std::string_view text, unsigned first_line);

}  // namespace vifchain::inline convert

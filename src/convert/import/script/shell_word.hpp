// SPDX-License-Identifier: Apache-2.0
// Words of shell text (POSIX 2.2, 2.6): their quotes read away, and what stands in them for
// something else as parts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vifchain::inline convert {

struct ShellPart {
  enum class Kind : std::uint8_t {
    text,        // text, as it is
    variable,    // text: a name, a number, @ * or #; op and words: ${…}
    output,      // of a command: its words
    arithmetic,  // text: the expression, which is not computed
    unknown,  // what only a run would tell; text: the construct that is not followed, if it is one
  };
  Kind kind = Kind::text;
  bool quoted = false;
  unsigned line = 0;  // where it begins, about
  std::string text = {};
  std::string op = {};                             // - = ? + with : or without, # ## % %%, length
  std::vector<std::vector<ShellPart>> words = {};  // what stands behind the operator: one
};

using ShellWord = std::vector<ShellPart>;

// What ends the reading of a text before its end: an open quote, a parenthesis that nothing closes.
struct ShellMistake {
  unsigned line = 0;
  std::string what;  // half a sentence
};

// Shell text, letter by letter.
struct ShellCursor {
  std::string_view text;
  unsigned line = 1;  // of the next letter
  std::size_t at = 0;
  std::optional<ShellMistake> mistake = {};  // the first one

  [[nodiscard]] bool at_end() const { return at >= text.size(); }
  [[nodiscard]] std::string_view rest() const { return text.substr(at); }
  [[nodiscard]] bool before(std::string_view next) const { return rest().starts_with(next); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at + ahead < text.size() ? text[at + ahead] : '\0';
  }
  char take() {
    if (text[at] == '\n') ++line;
    return text[at++];
  }
  void mistaken(unsigned where, std::string what) {
    if (!mistake) mistake = {where, std::move(what)};
  }

  // Past blanks, comments and lines that go on.
  void skip_blanks();

  // The word that begins here; the cursor is behind it. One of more than a few thousand bytes is
  // unknown.
  ShellWord word();

  // What is in the brackets that open here, however many are within; the cursor is behind them.
  std::string_view bracketed(char open, char shut);
};

// Whether no word goes on with it.
bool ends_word(char c);

// The name of a variable that the text begins with.
std::string_view name_at(std::string_view text);

// The word's text where nothing in it is quoted or stands for something else; else empty.
std::string_view plain_text(const ShellWord& word);

}  // namespace vifchain::inline convert

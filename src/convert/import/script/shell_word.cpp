// SPDX-License-Identifier: Apache-2.0
#include "convert/import/script/shell_word.hpp"

#include <algorithm>

namespace vifchain::inline convert {
namespace {

constexpr std::size_t most_bytes = 4096;    // of a word
constexpr std::size_t longest_brace = 256;  // that is looked through for a comma
constexpr unsigned deepest = 8;             // words within words

using PartKind = ShellPart::Kind;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

class WordReader {
 public:
  WordReader(ShellCursor& in, unsigned depth) : in_(in), depth_(depth) {}

  ShellWord up_to_its_end() {
    while (!in_.at_end() && (!ends_word(in_.peek()) || at_array())) part(false);
    return std::move(word_);
  }

  // All of the text, blanks too.
  ShellWord all() {
    while (!in_.at_end()) part(false);
    return std::move(word_);
  }

 private:
  void add(std::string_view text, bool quoted) {
    const bool goes_on =
        !word_.empty() && word_.back().kind == PartKind::text && word_.back().quoted == quoted;
    if (!goes_on) word_.push_back({.quoted = quoted, .line = in_.line});
    word_.back().text += text;
  }
  void add_unknown(bool quoted, std::string construct = {}) {
    word_.push_back({.kind = PartKind::unknown,
                     .quoted = quoted,
                     .line = in_.line,
                     .text = std::move(construct)});
  }
  void add_variable(bool quoted, std::string_view name) {
    word_.push_back({.kind = PartKind::variable, .quoted = quoted, .text = std::string(name)});
  }

  void part(bool quoted) {
    const char c = in_.peek();
    if (c == '\\') return escape(quoted);
    if (c == '\'' && !quoted) return single();
    if (c == '"' && !quoted) return doubled();
    if (c == '`') return backquoted(quoted);
    if (c == '$') return dollar(quoted);
    if (!quoted && c == '{' && begins_braces()) add_unknown(false, "brace expansion");
    if (!quoted && at_array()) {
      in_.bracketed('(', ')');
      return add_unknown(false, "an array");
    }
    add(std::string(1, in_.take()), quoted);
  }

  // "NAME=(…)"
  [[nodiscard]] bool at_array() const {
    return in_.peek() == '(' && !word_.empty() && word_.back().kind == PartKind::text &&
           !word_.back().quoted && word_.back().text.ends_with('=');
  }

  // "{a,b}", "{1..3}"; one of a length that nobody writes is taken for one.
  [[nodiscard]] bool begins_braces() const {
    const auto inside = in_.rest().substr(0, longest_brace);
    const auto end = inside.find_first_of("}\n");
    if (end == inside.npos) return inside.size() == longest_brace;
    return inside[end] == '}' && (inside.substr(0, end).find(',') != inside.npos ||
                                  inside.substr(0, end).find("..") != inside.npos);
  }

  void escape(bool quoted) {
    in_.take();
    if (in_.at_end()) return;
    if (in_.peek() == '\n') return static_cast<void>(in_.take());
    const bool stays = quoted && std::string_view("\"\\$`").find(in_.peek()) == std::string::npos;
    add((stays ? "\\" : "") + std::string(1, in_.take()), true);
  }

  // Up to the quote that closes what the cursor is in.
  std::string_view up_to(char quote) {
    const auto line = in_.line;
    const auto begin = in_.at;
    while (!in_.at_end() && in_.peek() != quote) {
      if (quote == '`' && in_.peek() == '\\') in_.take();
      if (!in_.at_end()) in_.take();
    }
    const auto inside = in_.text.substr(begin, in_.at - begin);
    close(quote, line);
    return inside;
  }

  void close(char quote, unsigned line) {
    if (!in_.at_end()) return static_cast<void>(in_.take());
    in_.mistaken(line, std::string("the quote ") + quote + " is not closed");
  }

  void single() {
    in_.take();
    add(up_to('\''), true);
  }

  void doubled() {
    const auto line = in_.line;
    in_.take();
    if (in_.peek() == '"') add({}, true);
    while (!in_.at_end() && in_.peek() != '"') part(true);
    close('"', line);
  }

  void backquoted(bool quoted) {
    in_.take();
    add_output(up_to('`'), quoted);
  }

  void dollar(bool quoted) {
    in_.take();
    const char next = in_.peek();
    if (in_.before("((")) return add_arithmetic(quoted);
    if (next == '(') return add_output(in_.bracketed('(', ')'), quoted);
    if (next == '{') return add_parameter(in_.bracketed('{', '}'), quoted);
    if (next == '\'' && !quoted) return single();
    if (begins_name(next)) {
      const auto name = name_at(in_.rest());
      in_.at += name.size();
      return add_variable(quoted, name);
    }
    if (next == '@' || next == '*' || next == '#' || is_digit(next))
      return add_variable(quoted, std::string(1, in_.take()));
    if (next != '?' && next != '$' && next != '!' && next != '-') return add("$", quoted);
    in_.take();
    add_unknown(quoted);
  }

  void add_arithmetic(bool quoted) {
    const auto line = in_.line;
    const std::string inside(in_.bracketed('(', ')'));
    word_.push_back({.kind = PartKind::arithmetic, .quoted = quoted, .line = line, .text = inside});
  }

  // Its words, where it is a single command of words alone.
  void add_output(std::string_view text, bool quoted) {
    if (depth_ >= deepest) return add_unknown(quoted);
    ShellPart output{.kind = PartKind::output, .quoted = quoted};
    ShellCursor in{.text = text, .line = in_.line};
    for (in.skip_blanks(); !in.at_end(); in.skip_blanks()) {
      if (ends_word(in.peek())) return add_unknown(quoted);
      output.words.push_back(WordReader(in, depth_ + 1).up_to_its_end());
    }
    if (in.mistake) return add_unknown(quoted);
    word_.push_back(std::move(output));
  }

  // ${…}
  void add_parameter(std::string_view inside, bool quoted) {
    const bool asks_length = inside.starts_with('#') && inside.size() > 1;
    if (asks_length) inside.remove_prefix(1);
    auto name = name_at(inside);
    if (name.empty()) name = inside.substr(0, inside.find_first_not_of("0123456789"));
    if (name.empty() && inside.find_first_of("@*#") == 0) name = inside.substr(0, 1);
    const auto rest = inside.substr(name.size());
    if (rest.starts_with('[')) return add_unknown(quoted, "an array");
    const auto op = operator_at(rest);
    const bool is_one = asks_length || !op.empty() ? depth_ < deepest : true;
    if (name.empty() || op.empty() != rest.empty() || !is_one) return add_unknown(quoted);
    add_variable(quoted, name);
    word_.back().op = asks_length ? "length" : std::string(op);
    if (op.empty()) return;
    ShellCursor in{.text = rest.substr(op.size()), .line = in_.line};
    word_.back().words.push_back(WordReader(in, depth_ + 1).all());
  }

  static std::string_view operator_at(std::string_view text) {
    for (const std::string_view op :
         {":-", ":=", ":?", ":+", "-", "=", "?", "+", "##", "#", "%%", "%"})
      if (text.starts_with(op)) return op;
    return {};
  }

  ShellCursor& in_;
  unsigned depth_;
  ShellWord word_;
};

}  // namespace

bool ends_word(char c) {
  return is_blank(c) || std::string_view("\n;&|<>()").find(c) != std::string_view::npos;
}

std::string_view name_at(std::string_view text) {
  if (text.empty() || !begins_name(text.front())) return {};
  const auto ends = [](char c) { return !begins_name(c) && !is_digit(c); };
  return text.substr(0, static_cast<std::size_t>(std::ranges::find_if(text, ends) - text.begin()));
}

std::string_view plain_text(const ShellWord& word) {
  if (word.size() != 1 || word[0].kind != PartKind::text || word[0].quoted) return {};
  return word[0].text;
}

void ShellCursor::skip_blanks() {
  for (;;) {
    if (before("\\\n")) {
      take();
      take();
    } else if (is_blank(peek())) {
      take();
    } else if (peek() == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else {
      return;
    }
  }
}

ShellWord ShellCursor::word() {
  const auto begin = at;
  auto word = WordReader(*this, 0).up_to_its_end();
  if (at - begin > most_bytes) return {{.kind = PartKind::unknown}};
  return word;
}

std::string_view ShellCursor::bracketed(char open, char shut) {
  const auto begin = at;
  const auto first_line = line;
  unsigned depth = 0;
  char quote = '\0';
  do {
    const char c = take();
    if (c == '\\' && quote != '\'') {
      if (!at_end()) take();
    } else if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == open) {
      ++depth;
    } else if (c == shut) {
      --depth;
    }
  } while (depth > 0 && !at_end());
  if (depth == 0) return text.substr(begin + 1, at - begin - 2);
  mistaken(first_line, std::string(1, open) + " is not closed");
  return text.substr(begin + 1, at - begin - 1);
}

}  // namespace vifchain::inline convert

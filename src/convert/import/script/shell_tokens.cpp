// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <utility>

#include "convert/import/script/shell_tree.hpp"

namespace vifchain::inline convert {
namespace {

constexpr std::size_t most_tokens = 100'000;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

bool ends_word(char c) {
  return is_blank(c) || c == '\n' || c == ';' || c == '&' || c == '|' || c == '<' || c == '>' ||
         c == '(' || c == ')';
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

class Lexer {
 public:
  Lexer(std::string_view text, unsigned line) : text_(text), line_(line) {}

  ShellTokens all() {
    while (mistakes_.empty() && tokens_.size() < most_tokens && next_token()) {
    }
    if (tokens_.size() >= most_tokens) mistakes_.push_back({line_, "it is too long"});
    push(ShellToken::Kind::end, {});
    return {std::move(tokens_), std::move(mistakes_)};
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  char take() {
    const char c = text_[at_++];
    if (c == '\n') ++line_;
    return c;
  }
  void push(ShellToken::Kind kind, std::string text) {
    tokens_.push_back({kind, std::move(text), word_line_});
  }

  bool next_token() {
    skip_blanks();
    word_line_ = line_;
    if (at_end()) return false;
    const char c = peek();
    if (c == '#')
      skip_comment();
    else if (c == '\n')
      end_line();
    else if (in_test_)
      read_test_word();
    else if (c == '(' && peek(1) == '(' && arithmetic_here())
      read_arithmetic();
    else if (ends_word(c))
      read_operator();
    else
      read_word();
    return true;
  }

  void skip_blanks() {
    while (!at_end()) {
      if (peek() == '\\' && peek(1) == '\n') {
        take();
        take();
      } else if (is_blank(peek())) {
        take();
      } else {
        return;
      }
    }
  }

  void skip_comment() {
    while (!at_end() && peek() != '\n') take();
  }

  void end_line() {
    take();
    in_test_ = false;
    push(ShellToken::Kind::newline, {});
    for (const auto& end : std::exchange(documents_, {})) skip_document(end);
  }

  // The lines of a here-document, up to the one that is its end.
  void skip_document(const std::string& end) {
    const unsigned begin = line_;
    while (!at_end()) {
      const auto stop = std::min(text_.find('\n', at_), text_.size());
      auto line = text_.substr(at_, stop - at_);
      line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
      at_ = std::min(stop + 1, text_.size());
      ++line_;
      if (line == end) return;
    }
    mistakes_.push_back({begin, "a here-document has no end"});
  }

  // In [[ ]] operators are words.
  void read_test_word() {
    std::string word;
    if (ends_word(peek())) {
      const char c = take();
      word = c;
      if ((c == '&' || c == '|') && peek() == c) word += take();
    } else {
      word = raw_word();
    }
    if (word == "]]") in_test_ = false;
    push(ShellToken::Kind::word, std::move(word));
  }

  [[nodiscard]] bool arithmetic_here() const {
    const auto stop = text_.find('\n', at_);
    return text_.substr(at_, stop - at_).find("))") != std::string_view::npos;
  }

  void read_arithmetic() {
    take();
    take();
    std::string inside;
    for (unsigned depth = 0; !at_end();) {
      if (depth == 0 && peek() == ')' && peek(1) == ')') break;
      if (peek() == '(') ++depth;
      if (peek() == ')' && depth > 0) --depth;
      inside += take();
    }
    if (at_end()) return mistakes_.push_back({word_line_, "(( is not closed"});
    take();
    take();
    push(ShellToken::Kind::arithmetic, std::move(inside));
  }

  void read_operator() {
    constexpr std::array<std::string_view, 22> operators{
        ";;&", "<<-", "<<<", "&>>", "&&", "||", ";;", ";&", "|&", "<<", ">>",
        ">&",  "<&",  ">|",  "<>",  "&>", ";",  "&",  "|",  "<",  ">",  "("};
    std::string op(1, peek());
    for (const auto candidate : operators)
      if (text_.substr(at_).starts_with(candidate)) {
        op = candidate;
        break;
      }
    for (std::size_t i = 0; i < op.size(); ++i) take();
    push(ShellToken::Kind::op, op);
    if (op == "<<" || op == "<<-") remember_document();
  }

  void remember_document() {
    skip_blanks();
    std::string end;
    for (const char c : raw_word())
      if (c != '\'' && c != '"' && c != '\\') end += c;
    documents_.push_back(std::move(end));
  }

  void read_word() {
    auto word = raw_word();
    if (is_number(word) && (peek() == '<' || peek() == '>')) {
      read_operator();
      if (!tokens_.empty()) tokens_.back().text.insert(0, word);
      return;
    }
    in_test_ = word == "[[";
    push(ShellToken::Kind::word, std::move(word));
  }

  // Up to the end of the word, with its quotes.
  std::string raw_word() {
    std::string word;
    while (!at_end() && mistakes_.empty()) {
      const char c = peek();
      if (c == '(' && word.ends_with('='))
        read_nested('(', ')', word);
      else if (ends_word(c))
        break;
      else
        read_part(word);
    }
    return word;
  }

  void read_part(std::string& word) {
    const char c = peek();
    if (c == '\\') return read_escape(word);
    if (c == '\'') return read_single(word);
    if (c == '"') return read_double(word);
    if (c == '`') return read_backquoted(word);
    if (c == '$' && peek(1) == '(') {
      word += take();
      return read_nested('(', ')', word);
    }
    if (c == '$' && peek(1) == '{') {
      word += take();
      return read_nested('{', '}', word);
    }
    word += take();
  }

  void read_escape(std::string& word) {
    if (peek(1) == '\n') {
      take();
      take();
      return;
    }
    word += take();
    if (!at_end()) word += take();
  }

  void read_single(std::string& word) {
    word += take();
    while (!at_end() && peek() != '\'') word += take();
    close('\'', word);
  }

  void read_double(std::string& word) {
    word += take();
    while (!at_end() && peek() != '"' && mistakes_.empty()) {
      if (peek() == '\'')
        word += take();
      else
        read_part_in_double(word);
    }
    close('"', word);
  }

  void read_part_in_double(std::string& word) {
    const char c = peek();
    if (c == '\\' || c == '`' || (c == '$' && (peek(1) == '(' || peek(1) == '{')))
      return read_part(word);
    word += take();
  }

  void read_backquoted(std::string& word) {
    word += take();
    while (!at_end() && peek() != '`') {
      if (peek() == '\\') word += take();
      if (!at_end()) word += take();
    }
    close('`', word);
  }

  // From the opening bracket to the one that closes it; quotes in between hide brackets.
  void read_nested(char open, char shut, std::string& word) {
    unsigned depth = 0;
    char quote = '\0';
    do {
      const char c = peek();
      if (c == '\\' && quote != '\'') {
        word += take();
        if (at_end()) break;
      } else if (quote != '\0') {
        if (c == quote) quote = '\0';
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == open) {
        ++depth;
      } else if (c == shut) {
        --depth;
      }
      word += take();
    } while (depth > 0 && !at_end());
    if (depth > 0) mistakes_.push_back({word_line_, std::string(1, open) + " is not closed"});
  }

  void close(char quote, std::string& word) {
    if (at_end())
      mistakes_.push_back({word_line_, std::string("the quote ") + quote + " is not closed"});
    else
      word += take();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  unsigned line_;
  unsigned word_line_ = 0;  // where the token begins
  bool in_test_ = false;
  std::vector<std::string> documents_;  // whose lines begin after this one
  std::vector<ShellToken> tokens_;
  std::vector<ShellMistake> mistakes_;
};

}  // namespace

ShellTokens shell_tokens(std::string_view text, unsigned first_line) {
  return Lexer(text, first_line).all();
}

}  // namespace vifchain::inline convert

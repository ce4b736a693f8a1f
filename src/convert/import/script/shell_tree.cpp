// SPDX-License-Identifier: Apache-2.0
#include "convert/import/script/shell_tree.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace vifchain::inline convert {
namespace {

constexpr unsigned deepest = 50;  // commands within commands

using Kind = ShellNode::Kind;
using Token = ShellToken;

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.';
  };
  return !text.empty() &&
         std::ranges::all_of(text, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

class Parser {
 public:
  explicit Parser(ShellTokens tokens)
      : tokens_(std::move(tokens.tokens)), mistakes_(std::move(tokens.mistakes)) {}

  ShellTree all() {
    ShellTree tree;
    try {
      for (skip_ends(); !at_end(); skip_ends()) tree.commands.push_back(and_or());
    } catch (ShellMistake& mistake) {
      if (mistakes_.empty()) mistakes_.push_back(std::move(mistake));
    }
    tree.mistakes = std::move(mistakes_);
    return tree;
  }

 private:
  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  [[nodiscard]] bool at_end() const { return peek().kind == Token::Kind::end; }
  [[nodiscard]] bool at_op(std::string_view op) const {
    return peek().kind == Token::Kind::op && peek().text == op;
  }
  [[nodiscard]] bool at_word(std::string_view word) const {
    return peek().kind == Token::Kind::word && peek().text == word;
  }
  Token take() { return tokens_[std::min(at_++, tokens_.size() - 1)]; }
  bool take_op(std::string_view op) { return at_op(op) && (take(), true); }
  bool take_word(std::string_view word) { return at_word(word) && (take(), true); }

  [[noreturn]] void fail(const std::string& what) const { throw ShellMistake{peek().line, what}; }

  void want_word(std::string_view word) {
    if (!take_word(word)) fail("\"" + std::string(word) + "\" is missing");
  }

  void skip_newlines() {
    while (peek().kind == Token::Kind::newline) take();
  }
  void skip_ends() {
    while (peek().kind == Token::Kind::newline || at_op(";") || at_op("&")) take();
  }

  // Commands up to one of the words or operators that end the list.
  ShellNode list(std::initializer_list<std::string_view> ends) {
    ShellNode node{.kind = Kind::list, .line = peek().line};
    for (skip_ends();; skip_ends()) {
      const auto& here = peek();
      const bool may_end = here.kind == Token::Kind::word || here.kind == Token::Kind::op;
      if (may_end && std::ranges::find(ends, here.text) != ends.end()) return node;
      if (at_end()) fail("the end comes before \"" + std::string(*ends.begin()) + "\"");
      node.children.push_back(and_or());
    }
  }

  ShellNode and_or() {
    ShellNode first = pipeline();
    if (!at_op("&&") && !at_op("||")) return first;
    ShellNode node{.kind = Kind::and_or, .line = first.line};
    node.children.push_back(std::move(first));
    while (at_op("&&") || at_op("||")) {
      node.operators.push_back(take().text);
      skip_newlines();
      node.children.push_back(pipeline());
    }
    return node;
  }

  ShellNode pipeline() {
    bool negated = false;
    while (take_word("!")) negated = !negated;
    ShellNode first = command();
    if (at_op("|") || at_op("|&")) {
      ShellNode node{.kind = Kind::pipeline, .line = first.line};
      node.children.push_back(std::move(first));
      while (take_op("|") || take_op("|&")) {
        skip_newlines();
        node.children.push_back(command());
      }
      first = std::move(node);
    }
    if (!negated) return first;
    ShellNode node{.kind = Kind::list, .line = first.line, .negated = true};
    node.children.push_back(std::move(first));
    return node;
  }

  ShellNode command() {
    if (++depth_ > deepest) fail("it is nested too deeply");
    ShellNode node = any_command();
    --depth_;
    while (is_redirection(peek())) redirect(node);
    return node;
  }

  ShellNode any_command() {
    if (peek().kind == Token::Kind::arithmetic)
      return {.kind = Kind::arithmetic, .line = peek().line, .words = {take().text}};
    if (take_op("(")) return subshell();
    if (peek().kind == Token::Kind::word) {
      if (at_word("if")) return branch();
      if (at_word("while") || at_word("until")) return repeat();
      if (at_word("for") || at_word("select")) return each();
      if (at_word("case")) return choice();
      if (at_word("{")) return group();
      if (at_word("function")) return function();
      const bool parentheses = peek(1).kind == Token::Kind::op && peek(1).text == "(" &&
                               peek(2).kind == Token::Kind::op && peek(2).text == ")";
      if (parentheses && is_name(peek().text)) return function();
    }
    return simple();
  }

  static bool is_redirection(const Token& token) {
    if (token.kind != Token::Kind::op) return false;
    return token.text.find_first_of("<>") != std::string::npos;
  }

  void redirect(ShellNode& node) {
    const auto op = take().text;
    const bool of_document = op.ends_with("<<-") || (op.ends_with("<<") && !op.ends_with("<<<"));
    if (of_document) return;  // its end went with it
    if (peek().kind != Token::Kind::word) fail("\"" + op + "\" names no file");
    const auto target = take().text;
    const bool of_output = op == ">" || op == ">>" || op == ">|" || op == "1>" || op == "1>>" ||
                           op == "&>" || op == "&>>";
    if (of_output) node.into = target;
  }

  [[nodiscard]] bool at_closing_word() const {
    constexpr std::array<std::string_view, 8> words{"}",    "then", "do", "done",
                                                    "else", "elif", "fi", "esac"};
    return peek().kind == Token::Kind::word && std::ranges::find(words, peek().text) != words.end();
  }

  ShellNode simple() {
    if (at_closing_word()) fail("\"" + peek().text + "\" stands where a command is wanted");
    ShellNode node{.kind = Kind::simple, .line = peek().line};
    for (;;) {
      if (peek().kind == Token::Kind::word)
        node.words.push_back(take().text);
      else if (is_redirection(peek()))
        redirect(node);
      else
        break;
    }
    if (node.words.empty() && node.into.empty() && !at_end())
      fail("\"" + peek().text + "\" stands where a command is wanted");
    return node;
  }

  ShellNode subshell() {
    ShellNode node{.kind = Kind::subshell, .line = peek().line};
    node.children.push_back(list({")"}));
    take();
    return node;
  }

  ShellNode group() {
    take();
    ShellNode node = list({"}"});
    take();
    return node;
  }

  ShellNode branch() {
    ShellNode node{.kind = Kind::branch, .line = take().line};
    node.children.push_back(list({"then"}));
    take();
    for (;;) {
      node.children.push_back(list({"fi", "elif", "else"}));
      const auto word = take().text;
      if (word == "fi") return node;
      if (word == "else") {
        node.children.push_back(list({"fi"}));
        take();
        return node;
      }
      node.children.push_back(list({"then"}));
      take();
    }
  }

  ShellNode body() {
    skip_ends();
    if (at_word("{")) return group();
    want_word("do");
    ShellNode node = list({"done"});
    take();
    return node;
  }

  ShellNode repeat() {
    ShellNode node{.kind = Kind::repeat, .line = peek().line, .negated = at_word("until")};
    take();
    node.children.push_back(list({"do"}));
    node.children.push_back(body());
    return node;
  }

  ShellNode each() {
    ShellNode node{.kind = Kind::each, .line = take().line};
    if (peek().kind == Token::Kind::arithmetic) return count(std::move(node));
    if (peek().kind != Token::Kind::word) fail("a loop names no variable");
    node.name = take().text;
    skip_newlines();
    if (take_word("in"))
      while (peek().kind == Token::Kind::word) node.words.push_back(take().text);
    else
      node.words = {"\"$@\""};
    node.children.push_back(body());
    return node;
  }

  ShellNode count(ShellNode node) {
    node.kind = Kind::count;
    std::string_view text = peek().text;
    for (unsigned part = 0; part < 3; ++part) {
      const auto end = std::min(text.find(';'), text.size());
      node.words.emplace_back(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    take();
    node.children.push_back(body());
    return node;
  }

  ShellNode choice() {
    ShellNode node{.kind = Kind::choice, .line = take().line};
    if (peek().kind != Token::Kind::word) fail("case is told nothing");
    node.words = {take().text};
    skip_newlines();
    want_word("in");
    for (skip_ends(); !take_word("esac"); skip_ends()) {
      node.patterns.push_back(patterns());
      node.children.push_back(list({";;", ";&", ";;&", "esac"}));
      if (!at_word("esac")) take();
    }
    return node;
  }

  std::vector<std::string> patterns() {
    std::vector<std::string> all;
    take_op("(");
    while (!take_op(")")) {
      if (peek().kind != Token::Kind::word) fail("a pattern of case is not closed");
      all.push_back(take().text);
      take_op("|");
    }
    return all;
  }

  ShellNode function() {
    ShellNode node{.kind = Kind::function, .line = peek().line};
    take_word("function");
    if (peek().kind != Token::Kind::word) fail("a function has no name");
    node.name = take().text;
    if (take_op("(") && !take_op(")")) fail("\")\" is missing");
    skip_newlines();
    node.children.push_back(command());
    return node;
  }

  std::vector<ShellToken> tokens_;
  std::vector<ShellMistake> mistakes_;
  std::size_t at_ = 0;
  unsigned depth_ = 0;
};

}  // namespace

ShellTree shell_tree(std::string_view text, unsigned first_line) {
  return Parser(shell_tokens(text, first_line)).all();
}

}  // namespace vifchain::inline convert

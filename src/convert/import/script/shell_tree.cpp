// SPDX-License-Identifier: Apache-2.0
#include "convert/import/script/shell_tree.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace vifchain::inline convert {
namespace {

constexpr unsigned deepest_commands = 50;  // commands within commands
constexpr unsigned most_parts = 100'000;   // commands and words

using Kind = ShellNode::Kind;

class Parser {
 public:
  explicit Parser(std::string_view text) : in_{.text = text} {}

  ShellTree all() {
    ShellTree tree;
    try {
      for (skip_ends(); !in_.at_end(); skip_ends()) tree.commands.push_back(and_or());
    } catch (const ShellMistake& mistake) {
      in_.mistaken(mistake.line, mistake.what);
    }
    tree.mistake = std::move(in_.mistake);
    return tree;
  }

 private:
  // --- what is next: blanks are behind the cursor whenever one of these has been asked ---

  [[noreturn]] void fail(const std::string& what) const { throw ShellMistake{in_.line, what}; }

  bool at(std::string_view op) {
    in_.skip_blanks();
    return in_.before(op);
  }
  bool take(std::string_view op) {
    if (!at(op)) return false;
    in_.at += op.size();
    return true;
  }
  bool at_word(std::string_view word) {
    return at(word) &&
           (in_.at + word.size() >= in_.text.size() || ends_word(in_.peek(word.size())));
  }
  bool take_word(std::string_view word) { return at_word(word) && take(word); }
  void want_word(std::string_view word) {
    if (!take_word(word)) fail("\"" + std::string(word) + "\" is missing");
  }
  bool at_any_word() {
    in_.skip_blanks();
    return !in_.at_end() && !ends_word(in_.peek());
  }

  // No text makes more of a tree than fits.
  void count() {
    if (++parts_ > most_parts) fail("it is too long");
  }
  ShellWord word() {
    count();
    return in_.word();
  }
  ShellWord word_or_fail(const std::string& what) {
    return at_any_word() ? word() : (fail(what), ShellWord{});
  }

  void skip_newlines() {
    while (at("\n")) {
      in_.take();
      for (const auto& end : std::exchange(documents_, {})) skip_document(end);
    }
  }
  void skip_ends() {
    do skip_newlines();
    while ((!at(";;") && !at(";&") && take(";")) || (!at("&&") && !at("&>") && take("&")));
  }

  // The lines of a here-document, up to the one that is its end.
  void skip_document(const std::string& end) {
    const auto begin = in_.line;
    while (!in_.at_end()) {
      auto line = in_.rest().substr(0, in_.rest().find('\n'));
      in_.at = std::min(in_.at + line.size() + 1, in_.text.size());
      ++in_.line;
      line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
      if (line == end) return;
    }
    in_.mistaken(begin, "a here-document has no end");
  }

  // --- commands, from those that bind loosest ---

  // Up to one of the words or operators that end the list.
  ShellNode list(std::initializer_list<std::string_view> ends) {
    in_.skip_blanks();
    ShellNode node{.kind = Kind::list, .line = in_.line};
    for (skip_ends();; skip_ends()) {
      const auto is_here = [&](std::string_view end) {
        return ends_word(end.front()) ? at(end) : at_word(end);
      };
      if (std::ranges::any_of(ends, is_here)) return node;
      if (in_.at_end()) fail("the end comes before \"" + std::string(*ends.begin()) + "\"");
      node.children.push_back(and_or());
    }
  }

  // The same, with the word that ends it.
  ShellNode list_and(std::string_view end) {
    auto node = list({end});
    take(end);
    return node;
  }

  ShellNode and_or() {
    ShellNode first = pipeline();
    if (!at("&&") && !at("||")) return first;
    ShellNode node{.kind = Kind::and_or, .line = first.line};
    node.children.push_back(std::move(first));
    while (at("&&") || at("||")) {
      node.operators.push_back(in_.rest().substr(0, 2));
      take(node.operators.back());
      skip_newlines();
      node.children.push_back(pipeline());
    }
    return node;
  }

  ShellNode pipeline() {
    bool negated = false;
    while (take_word("!")) negated = !negated;
    ShellNode node = command();
    while (!at("||") && take("|")) {
      take("&");
      skip_newlines();
      if (node.kind != Kind::pipeline) node = holding(Kind::pipeline, std::move(node));
      node.children.push_back(command());
    }
    if (negated) node = holding(Kind::list, std::move(node));
    node.negated = negated;
    return node;
  }

  static ShellNode holding(Kind kind, ShellNode child) {
    ShellNode node{.kind = kind, .line = child.line};
    node.children.push_back(std::move(child));
    return node;
  }

  ShellNode command() {
    count();
    if (++depth_ > deepest_commands) fail("it is nested too deeply");
    in_.skip_blanks();
    const auto line = in_.line;
    ShellNode node = any_command();
    node.line = line;
    --depth_;
    while (redirect(node)) {
    }
    return node;
  }

  ShellNode any_command() {
    if (at("((")) return computation();
    if (take("(")) return subshell();
    if (take_word("if")) return branch();
    if (take_word("while")) return repeat("a while loop");
    if (take_word("until")) return repeat("an until loop");
    if (take_word("for") || take_word("select")) return each();
    if (take_word("case")) return choice();
    if (take_word("{")) return list_and("}");
    if (take_word("function") || at_function()) return function();
    return simple();
  }

  [[nodiscard]] bool at_function() const {
    auto ahead = in_;
    const auto name = ahead.rest().substr(0, ahead.rest().find_first_of(" \t\n;&|<>()$'\"\\`="));
    ahead.at += name.size();
    ahead.skip_blanks();
    if (name.empty() || ahead.peek() != '(') return false;
    ++ahead.at;
    ahead.skip_blanks();
    return ahead.peek() == ')';
  }

  ShellNode function() {
    ShellNode node{.kind = Kind::function};
    node.name = plain_text(word_or_fail("a function has no name"));
    if (take("(") && !take(")")) fail("\")\" is missing");
    skip_newlines();
    node.children.push_back(command());
    return node;
  }

  // "((…))", which is "let" of one word.
  ShellNode computation() {
    ShellNode node{.kind = Kind::simple, .line = in_.line};
    node.words.push_back({{.text = "let"}});
    node.words.push_back({{.quoted = true, .text = std::string(in_.bracketed('(', ')'))}});
    return node;
  }

  ShellNode subshell() {
    ShellNode node = list_and(")");
    node.kind = Kind::subshell;
    return node;
  }

  ShellNode branch() {
    ShellNode node{.kind = Kind::branch};
    do {
      node.children.push_back(list_and("then"));
      node.children.push_back(list({"fi", "elif", "else"}));
    } while (take_word("elif"));
    if (take_word("else")) node.children.push_back(list({"fi"}));
    take("fi");
    return node;
  }

  ShellNode body() {
    skip_ends();
    if (take_word("{")) return list_and("}");
    want_word("do");
    return list_and("done");
  }

  ShellNode repeat(std::string_view name) {
    ShellNode node = holding(Kind::repeat, list({"do"}));
    node.name = name;
    node.children[0].children.push_back(body());
    return node;
  }

  ShellNode each() {
    if (at("((")) {
      ShellNode node = holding(Kind::repeat, holding(Kind::list, computation()));
      node.name = "a for loop that counts";
      node.children[0].children.push_back(body());
      return node;
    }
    ShellNode node{.kind = Kind::each};
    node.name = plain_text(word_or_fail("a loop names no variable"));
    skip_newlines();
    if (take_word("in"))
      while (at_any_word()) node.words.push_back(word());
    else
      node.words = {{{.kind = ShellPart::Kind::variable, .quoted = true, .text = "@"}}};
    node.children.push_back(body());
    return node;
  }

  ShellNode choice() {
    ShellNode node{.kind = Kind::choice};
    node.words = {word_or_fail("case is told nothing")};
    skip_newlines();
    want_word("in");
    for (skip_ends(); !take_word("esac"); skip_ends()) {
      node.patterns.push_back(patterns());
      node.children.push_back(list({";;", ";&", "esac"}));
      if (take(";;") || take(";&")) take("&");
    }
    return node;
  }

  std::vector<ShellWord> patterns() {
    std::vector<ShellWord> all;
    take("(");
    while (!take(")")) {
      all.push_back(word_or_fail("a pattern of case is not closed"));
      take("|");
    }
    return all;
  }

  // --- simple commands ---

  ShellNode simple() {
    constexpr std::array<std::string_view, 8> closing{"}",    "then", "do", "done",
                                                      "else", "elif", "fi", "esac"};
    for (const auto word : closing)
      if (at_word(word)) fail("\"" + std::string(word) + "\" stands where a command is wanted");
    if (at_word("[[")) return test();
    ShellNode node{.kind = Kind::simple};
    while (redirect(node) || argument(node)) {
    }
    if (node.words.empty() && node.into.empty() && !in_.at_end())
      fail(std::string("\"") + (at("\n") ? ' ' : in_.peek()) +
           "\" stands where a command is wanted");
    return node;
  }

  bool argument(ShellNode& node) {
    if (!at_any_word()) return false;
    node.words.push_back(word());
    return true;
  }

  // In [[ ]] operators are words.
  ShellNode test() {
    ShellNode node{.kind = Kind::simple};
    while (!at("\n") && !in_.at_end()) {
      if (!argument(node)) {
        count();
        std::string op(1, in_.take());
        if (op.front() == in_.peek()) op += in_.take();
        node.words.push_back({{.text = std::move(op)}});
      }
      if (plain_text(node.words.back()) == "]]") break;
    }
    return node;
  }

  // "2>&1", "> FILE", "<<EOF"
  bool redirect(ShellNode& node) {
    in_.skip_blanks();
    const auto number = in_.rest().substr(0, in_.rest().find_first_not_of("0123456789"));
    const auto behind = in_.rest().substr(number.size());
    constexpr std::array<std::string_view, 12> operators{"<<-", "<<<", "<<", "&>>", "&>", ">>",
                                                         ">&",  "<&",  ">|", "<>",  "<",  ">"};
    const auto* op = std::ranges::find_if(
        operators, [&](std::string_view candidate) { return behind.starts_with(candidate); });
    if (op == operators.end() || (op->front() == '&' && !number.empty())) return false;
    in_.at += number.size() + op->size();
    const auto target = word_or_fail("\"" + std::string(*op) + "\" names no file");
    const bool writes = *op == ">" || *op == ">>" || *op == ">|" || op->starts_with("&>");
    if (*op == "<<" || *op == "<<-")
      remember_document(target);
    else if (writes && (number.empty() || number == "1"))
      node.into = target;
    return true;
  }

  void remember_document(const ShellWord& end) {
    documents_.emplace_back();
    for (const auto& part : end) documents_.back() += part.text;
  }

  ShellCursor in_;
  std::vector<std::string> documents_;  // whose lines begin after this one
  unsigned depth_ = 0;
  unsigned parts_ = 0;
};

}  // namespace

ShellTree shell_tree(std::string_view text) {
  return Parser(text).all();
}

}  // namespace vifchain::inline convert

// SPDX-License-Identifier: Apache-2.0
#include "convert/import/script/shell_words.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "convert/import/script/shell_braces.hpp"
#include "convert/import/script/shell_tree.hpp"
#include "core/text/decimal.hpp"
#include "core/text/glob.hpp"
#include "core/text/lines.hpp"

namespace vifchain::inline convert {
namespace {

constexpr std::size_t most_bytes = 4096;     // of a word and of a variable
constexpr std::size_t most_fields = 1024;    // of a word
constexpr std::size_t most_variables = 256;  // of a script
constexpr std::size_t most_matched = 256;    // of a value that a pattern is taken from
constexpr unsigned deepest = 8;              // words within words

const std::string unknown(1, unknown_part);

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool continues_name(char c) {
  return begins_name(c) || (c >= '0' && c <= '9');
}

std::string_view name_at(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && (end == 0 ? begins_name(text[end]) : continues_name(text[end])))
    ++end;
  return text.substr(0, end);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// --- what a variable is --------------------------------------------------------------------------

std::vector<std::string> of_variable(std::string_view name, const ShellScope& scope) {
  if (const auto found = scope.variables.find(name); found != scope.variables.end())
    return found->second;
  constexpr std::array<std::string_view, 12> of_the_run{
      "RANDOM", "HOSTNAME", "PPID", "UID",  "EUID",   "PWD",
      "LINENO", "SECONDS",  "PATH", "HOME", "OSTYPE", "BASH_SOURCE"};
  const bool runs = std::ranges::find(of_the_run, name) != of_the_run.end();
  if (runs || scope.others_may_set) return {unknown};
  return {};
}

std::string of_argument(std::size_t number, const ShellScope& scope) {
  if (number == 0) return scope.name.empty() ? unknown : scope.name;
  return number <= scope.arguments.size() ? scope.arguments[number - 1] : std::string();
}

// --- command substitution: what needs no run -----------------------------------------------------

std::string dirname_of(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

std::string basename_of(std::string_view path, std::string_view suffix) {
  auto name = path.substr(path.rfind('/') + 1);
  if (!suffix.empty() && name.size() > suffix.size() && name.ends_with(suffix))
    name.remove_suffix(suffix.size());
  return std::string(name);
}

std::string seq_of(const std::vector<std::string>& words) {
  std::int64_t first = 1, step = 1, last = 0;
  const auto number = [&](std::size_t index) { return decimal<std::int32_t>(words[index]); };
  for (std::size_t i = 1; i < words.size(); ++i)
    if (!number(i)) return unknown;
  if (words.size() < 2 || words.size() > 4) return unknown;
  last = *number(words.size() - 1);
  if (words.size() > 2) first = *number(1);
  if (words.size() == 4) step = *number(2);
  std::string all;
  if (step == 0) return unknown;
  for (auto n = first; step > 0 ? n <= last : n >= last; n += step) {
    if (all.size() > most_bytes) return unknown;
    all += (all.empty() ? "" : " ") + std::to_string(n);
  }
  return all;
}

std::string expr_of(const std::vector<std::string>& words, ShellScope& scope) {
  std::string expression;
  for (std::size_t i = 1; i < words.size(); ++i) expression += words[i] + " ";
  const auto value = arithmetic(expression, scope);
  return value ? std::to_string(*value) : unknown;
}

std::string output_of(const std::vector<std::string>& words, ShellScope& scope) {
  if (words.empty()) return {};
  if (std::ranges::any_of(words, is_unknown)) return unknown;
  const auto program = basename_of(words.front(), {});
  if (program == "dirname" && words.size() == 2) return dirname_of(words[1]);
  if (program == "basename" && (words.size() == 2 || words.size() == 3))
    return basename_of(words[1], words.size() == 3 ? words[2] : "");
  if (program == "seq") return seq_of(words);
  if (program == "expr") return expr_of(words, scope);
  if (program == "echo" && !(words.size() > 1 && words[1].starts_with("-")))
    return joined({words.begin() + 1, words.end()});
  return unknown;
}

// --- the word ------------------------------------------------------------------------------------

class Expansion {
 public:
  Expansion(std::string_view raw, ShellScope& scope, bool splits, unsigned depth)
      : raw_(raw), scope_(scope), splits_(splits), depth_(depth) {}

  std::vector<ShellField> all() {
    while (at_ < raw_.size()) part();
    end_field();
    std::size_t bytes = 0;
    for (const auto& field : fields_) bytes += field.text.size();
    if (bytes > most_bytes || fields_.size() > most_fields) return {{unknown}};
    return std::move(fields_);
  }

 private:
  void end_field() {
    if (begun_) fields_.push_back(std::move(field_));
    field_ = {};
    begun_ = false;
  }

  void add(std::string_view text) {
    const bool again = text == unknown && field_.text.ends_with(unknown_part);
    if (field_.text.size() + text.size() > most_bytes)
      field_.text = unknown;
    else if (!again)
      field_.text += text;
    begun_ = true;
  }

  // The value of something with a $ before it.
  void add_value(std::string_view text) {
    if (quoted_ || !splits_) return add(text), void();
    if (text.empty()) return;
    if (text.front() == ' ') end_field();
    const auto words = words_of(text);
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (i > 0) end_field();
      if (fields_.size() > most_fields) return;
      add(words[i]);
      field_.has_pattern = field_.has_pattern || words[i].find_first_of("*?[") != words[i].npos;
    }
    if (text.back() == ' ') end_field();
  }

  // "$@" and "${array[@]}": a field each.
  void add_each(const std::vector<std::string>& values) {
    if (!quoted_ || !splits_) return add_value(joined(values));
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) end_field();
      if (fields_.size() > most_fields) return;
      add(values[i]);
    }
  }

  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < raw_.size() ? raw_[at_ + ahead] : '\0';
  }

  void part() {
    const char c = peek();
    if (c == '\\') return escape();
    if (c == '\'' && !quoted_) return single();
    if (c == '"') return toggle();
    if (c == '`') return backquoted();
    if (c == '$') return dollar();
    if (!quoted_ && (c == '*' || c == '?' || c == '[')) field_.has_pattern = true;
    add(raw_.substr(at_++, 1));
  }

  void toggle() {
    ++at_;
    quoted_ = !quoted_;
    if (quoted_ && !followed_by_nothing_but_at()) begun_ = true;
  }

  // "$@" alone is no field when there are no arguments.
  [[nodiscard]] bool followed_by_nothing_but_at() const {
    const auto rest = raw_.substr(at_);
    return rest.starts_with("$@\"") || rest.starts_with("${@}\"") ||
           rest.find("[@]}\"") != rest.npos;
  }

  void escape() {
    const char next = peek(1);
    const bool keeps = quoted_ && next != '"' && next != '\\' && next != '$' && next != '`';
    if (keeps) add("\\");
    if (next != '\0') add(raw_.substr(at_ + 1, 1));
    at_ += 2;
  }

  void single() {
    const auto end = std::min(raw_.find('\'', at_ + 1), raw_.size());
    add(raw_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
  }

  void backquoted() {
    const auto end = std::min(raw_.find('`', at_ + 1), raw_.size());
    add_value(output(raw_.substr(at_ + 1, end - at_ - 1)));
    at_ = end + 1;
  }

  void dollar() {
    const char next = peek(1);
    if (next == '(' && peek(2) == '(') return arithmetic_part();
    if (next == '(' || next == '{') return bracketed();
    if (next == '\'' && !quoted_) return ++at_, single();
    if (begins_name(next)) return named();
    ++at_;
    if (next >= '0' && next <= '9')
      return ++at_, add_value(of_argument(static_cast<std::size_t>(next - '0'), scope_));
    if (next == '@' || next == '*') return ++at_, arguments(next);
    if (next == '#') return ++at_, add_value(std::to_string(scope_.arguments.size()));
    if (next == '?' || next == '$' || next == '!' || next == '-') return ++at_, add(unknown);
    add("$");
  }

  void arguments(char which) {
    if (which == '@') return add_each(scope_.arguments);
    add_value(joined(scope_.arguments));
  }

  void named() {
    const auto name = name_at(raw_.substr(at_ + 1));
    at_ += 1 + name.size();
    const auto values = of_variable(name, scope_);
    add_value(values.empty() ? std::string() : values.front());
  }

  // The text in the brackets that begin at at_ + 1.
  std::string_view take_bracketed() {
    const auto end = past_quoted(raw_, at_);
    const auto begin = std::min(at_ + 2, end);
    const auto inside = raw_.substr(begin, end - begin - (end > begin ? 1 : 0));
    at_ = end;
    return inside;
  }

  void arithmetic_part() {
    const auto inside = take_bracketed();  // "(… )"
    auto expression = inside.substr(std::min<std::size_t>(1, inside.size()));
    if (expression.ends_with(')')) expression.remove_suffix(1);
    const auto value = arithmetic(inner_text(expression), scope_);
    add_value(value ? std::to_string(*value) : unknown);
  }

  void bracketed() {
    const bool runs = peek(1) == '(';
    const auto inside = take_bracketed();
    if (runs) return add_value(output(inside));
    parameter(inside);
  }

  std::string inner_text(std::string_view raw) {
    if (depth_ >= deepest) return unknown;
    std::string text;
    for (const auto& field : Expansion(raw, scope_, false, depth_ + 1).all()) text += field.text;
    return text;
  }

  std::string output(std::string_view text) {
    if (depth_ >= deepest) return unknown;
    const auto [tokens, mistakes] = shell_tokens(text, 1);
    std::vector<std::string> words;
    for (const auto& token : tokens) {
      if (token.kind == ShellToken::Kind::end) break;
      if (token.kind != ShellToken::Kind::word) return unknown;
      for (auto& field : Expansion(token.text, scope_, true, depth_ + 1).all())
        words.push_back(std::move(field.text));
    }
    return mistakes.empty() ? output_of(words, scope_) : unknown;
  }

  // --- ${…} ---

  void parameter(std::string_view inside) {
    if (inside.starts_with('#') && inside.size() > 1) return length(inside.substr(1));
    if (inside.starts_with('!')) return add(unknown);
    auto name = name_at(inside);
    if (name.empty()) name = inside.substr(0, digits(inside));
    if (name.empty()) name = inside.substr(0, 1);
    auto rest = inside.substr(name.size());
    auto values = values_of(name);
    if (rest.starts_with('[')) {
      if (!pick(rest, values)) return add_each(values);
    }
    modified(name, rest, values);
  }

  static std::size_t digits(std::string_view text) {
    return std::min(text.find_first_not_of("0123456789"), text.size());
  }

  std::vector<std::string> values_of(std::string_view name) {
    if (name == "@" || name == "*") return scope_.arguments;
    if (const auto number = decimal<std::uint16_t>(name)) {
      if (*number > scope_.arguments.size()) return {};
      return {of_argument(*number, scope_)};
    }
    if (name.empty() || !begins_name(name.front())) return {unknown};
    return of_variable(name, scope_);
  }

  // [i] of an array; false for [@] and [*], which are all of it.
  bool pick(std::string_view& rest, std::vector<std::string>& values) {
    const auto close = std::min(rest.find(']'), rest.size());
    const auto index = rest.substr(1, close - 1);
    rest.remove_prefix(std::min(close + 1, rest.size()));
    if (index == "@" || index == "*") return false;
    const auto number = arithmetic(inner_text(index), scope_);
    const bool there = number && *number >= 0 && static_cast<std::size_t>(*number) < values.size();
    values = !number ? std::vector{unknown}
             : there ? std::vector{values[static_cast<std::size_t>(*number)]}
                     : std::vector<std::string>{};
    return true;
  }

  void length(std::string_view name) {
    if (name.ends_with("[@]") || name.ends_with("[*]")) {
      const auto values = of_variable(name.substr(0, name.size() - 3), scope_);
      return add_value(std::ranges::any_of(values, is_unknown) ? unknown
                                                               : std::to_string(values.size()));
    }
    const auto values = values_of(name);
    const auto text = values.empty() ? std::string() : values.front();
    add_value(is_unknown(text) ? unknown : std::to_string(text.size()));
  }

  // :- := :+ - = + # ## % %%
  void modified(std::string_view name, std::string_view rest,
                const std::vector<std::string>& values) {
    const auto value = values.empty() ? std::string() : values.front();
    if (rest.empty()) return add_value(value);
    const bool or_empty = rest.starts_with(':');
    if (or_empty) rest.remove_prefix(1);
    const bool set = !values.empty() && !(or_empty && value.empty());
    const char op = rest.empty() ? '\0' : rest.front();
    const auto word = rest.substr(std::min<std::size_t>(1, rest.size()));
    if (op == '-' || op == '=' || op == '?') {
      const auto chosen = set ? value : inner_text(word);
      if (op == '=' && !set && !name.empty() && begins_name(name.front()))
        set_variable(name, {chosen}, scope_);
      return add_value(chosen);
    }
    if (op == '+') return add_value(set ? inner_text(word) : "");
    if (is_unknown(value) || value.size() > most_matched || word.size() > most_matched)
      return add_value(unknown);
    if (op == '#' && !or_empty) return add_value(without_prefix(value, word));
    if (op == '%' && !or_empty) return add_value(without_suffix(value, word));
    add_value(unknown);
  }

  std::string without_prefix(const std::string& value, std::string_view pattern) {
    const bool longest = pattern.starts_with('#');
    const auto text = inner_text(pattern.substr(longest ? 1 : 0));
    for (std::size_t i = 0; i <= value.size(); ++i) {
      const auto size = longest ? value.size() - i : i;
      if (matches_glob(text, std::string_view(value).substr(0, size))) return value.substr(size);
    }
    return value;
  }

  std::string without_suffix(const std::string& value, std::string_view pattern) {
    const bool longest = pattern.starts_with('%');
    const auto text = inner_text(pattern.substr(longest ? 1 : 0));
    for (std::size_t i = 0; i <= value.size(); ++i) {
      const auto size = longest ? i : value.size() - i;
      if (matches_glob(text, std::string_view(value).substr(size))) return value.substr(0, size);
    }
    return value;
  }

  std::string_view raw_;
  ShellScope& scope_;
  bool splits_;
  unsigned depth_;
  std::size_t at_ = 0;
  bool quoted_ = false;
  bool begun_ = false;  // there is a field, perhaps an empty one
  ShellField field_ = {};
  std::vector<ShellField> fields_;
};

std::vector<std::string> array_words(std::string_view inside, ShellScope& scope) {
  std::vector<std::string> values;
  for (const auto& token : shell_tokens(inside, 1).tokens)
    if (token.kind == ShellToken::Kind::word)
      for (const auto& field : expand_word(token.text, scope))
        values.push_back(field.has_pattern ? unknown : field.text);
  return values;
}

}  // namespace

bool is_unknown(std::string_view text) {
  return text.find(unknown_part) != text.npos;
}

void set_variable(std::string_view name, std::vector<std::string> values, ShellScope& scope) {
  const bool there = scope.variables.contains(name);
  if (!there && scope.variables.size() >= most_variables) return;
  std::size_t bytes = 0;
  for (const auto& value : values) bytes += value.size();
  if (bytes > most_bytes) values = {unknown};
  scope.variables.insert_or_assign(std::string(name), std::move(values));
}

std::vector<ShellField> expand_word(std::string_view raw, ShellScope& scope) {
  if (raw.size() > most_bytes) return {{unknown}};
  const auto words = expand_braces(raw, most_fields);
  if (words.size() >= most_fields) return {{unknown}};
  std::vector<ShellField> fields;
  for (const auto& word : words) {
    for (auto& field : Expansion(word, scope, true, 0).all()) fields.push_back(std::move(field));
    if (fields.size() > most_fields) return {{unknown}};
  }
  return fields;
}

std::string expand_text(std::string_view raw, ShellScope& scope) {
  if (raw.size() > most_bytes) return unknown;
  const auto fields = Expansion(raw, scope, false, 0).all();
  return fields.empty() ? std::string() : fields.front().text;
}

bool assign(std::string_view raw, ShellScope& scope) {
  const auto name = name_at(raw);
  auto rest = raw.substr(name.size());
  if (name.empty() || rest.empty()) return false;
  if (rest.starts_with('[')) {  // one of an array: which does not matter, it is not known any more
    const auto close = rest.find(']');
    if (close == rest.npos || !rest.substr(close + 1).starts_with('=')) return false;
    set_variable(name, {unknown}, scope);
    return true;
  }
  const bool adds = rest.starts_with("+=");
  if (!adds && !rest.starts_with('=')) return false;
  rest.remove_prefix(adds ? 2 : 1);
  auto values = adds ? of_variable(name, scope) : std::vector<std::string>{};
  if (rest.starts_with('(') && rest.ends_with(')')) {
    for (auto& value : array_words(rest.substr(1, rest.size() - 2), scope))
      values.push_back(std::move(value));
  } else {
    const auto text = expand_text(rest, scope);
    if (values.empty()) values.emplace_back();
    values.front() += text;
  }
  set_variable(name, std::move(values), scope);
  return true;
}

}  // namespace vifchain::inline convert

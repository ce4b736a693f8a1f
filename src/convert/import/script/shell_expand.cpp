// SPDX-License-Identifier: Apache-2.0
#include "convert/import/script/shell_expand.hpp"

#include <algorithm>
#include <utility>

#include "core/text/decimal.hpp"
#include "core/text/glob.hpp"
#include "core/text/lines.hpp"

namespace vifchain::inline convert {
namespace {

constexpr std::size_t most_expanded_bytes = 4096;  // of a word and of a variable
constexpr std::size_t most_fields = 1024;          // of a word
constexpr std::size_t most_variables = 256;        // of a script
constexpr std::size_t most_matched = 256;          // of a value that a pattern is taken from

using PartKind = ShellPart::Kind;

const std::string unknown(1, unknown_part);

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// Parts that are unknown side by side are one.
void append(std::string_view more, std::string& text) {
  if (more == unknown && text.ends_with(unknown_part)) return;
  text += more;
  if (text.size() > most_expanded_bytes) text = unknown;
}

// --- variables: nothing where there is none ------------------------------------------------------

std::optional<std::string> of_variable(std::string_view name, const ShellScope& scope) {
  if (const auto found = scope.variables.find(name); found != scope.variables.end())
    return found->second;
  const bool of_the_run = is_one_of(
      name, "RANDOM HOSTNAME PPID UID EUID PWD LINENO SECONDS PATH HOME OSTYPE BASH_SOURCE");
  if (of_the_run || scope.others_may_set) return unknown;
  return std::nullopt;
}

std::optional<std::string> value_of(std::string_view name, const ShellScope& scope) {
  const auto& arguments = scope.arguments;
  if (name == "#") return std::to_string(arguments.size());
  if (name == "@" || name == "*")
    return arguments.empty() ? std::nullopt : std::optional(joined(arguments));
  if (name.find_first_not_of("0123456789") != name.npos) return of_variable(name, scope);
  const auto number = decimal<std::size_t>(name).value_or(arguments.size() + 1);
  if (number == 0) return scope.name.empty() ? unknown : scope.name;
  return number > arguments.size() ? std::nullopt : std::optional(arguments[number - 1]);
}

// --- ${…} ----------------------------------------------------------------------------------------

// Without the shortest or longest beginning, or end, that is as the pattern says.
std::string without(std::string_view value, std::string_view op, const std::string& pattern) {
  const bool at_end = op.front() == '%', longest = op.size() > 1;
  for (std::size_t i = 0; i <= value.size(); ++i) {
    const auto taken = longest ? value.size() - i : i, left = value.size() - taken;
    if (matches_glob(pattern, at_end ? value.substr(left) : value.substr(0, taken)))
      return std::string(at_end ? value.substr(0, left) : value.substr(taken));
  }
  return std::string(value);
}

std::string parameter(const ShellPart& part, ShellScope& scope) {
  auto found = value_of(part.text, scope);
  auto value = found.value_or("");
  if (part.op.empty() || is_unknown(value)) return value;
  if (part.op == "length") return std::to_string(value.size());
  const bool set = found && !(part.op.front() == ':' && value.empty());
  const char kind = part.op.back();
  if (kind == '+') return set ? expand_text(part.words[0], scope) : "";
  if (kind != '#' && kind != '%') {
    if (set) return value;
    value = expand_text(part.words[0], scope);
    if (kind == '=' && !name_at(part.text).empty()) set_variable(part.text, value, scope);
    return value;
  }
  const auto pattern = expand_text(part.words[0], scope);
  if (is_unknown(pattern) || value.size() > most_matched || pattern.size() > most_matched)
    return unknown;
  return without(value, part.op, pattern);
}

// --- command substitution: what needs no run -----------------------------------------------------

std::string seq(std::string_view first, std::string_view last) {
  const auto begin = decimal<std::int32_t>(first), end = decimal<std::int32_t>(last);
  if (!begin || !end) return unknown;
  std::string all;
  for (std::int64_t n = *begin; n <= *end; ++n) {
    if (all.size() > most_expanded_bytes) return unknown;
    all += (all.empty() ? "" : " ") + std::to_string(n);
  }
  return all;
}

std::string output_of(const ShellPart& part, ShellScope& scope) {
  std::vector<std::string> words;
  for (auto& field : expand_words(part.words, 0, scope)) words.push_back(std::move(field.text));
  if (words.empty()) return {};
  if (std::ranges::any_of(words, is_unknown)) return unknown;
  const auto program = last_part(words[0]);
  if (program == "echo" && !(words.size() > 1 && words[1].starts_with("-")))
    return joined({words.begin() + 1, words.end()});
  if (program == "seq" && (words.size() == 2 || words.size() == 3))
    return seq(words.size() == 2 ? "1" : words[1], words.back());
  if (program == "dirname" && words.size() == 2) {
    const auto slash = words[1].rfind('/');
    return slash == std::string::npos ? "." : words[1].substr(0, std::max<std::size_t>(slash, 1));
  }
  if (program != "basename" || words.size() < 2 || words.size() > 3) return unknown;
  std::string name(last_part(words[1]));
  if (words.size() == 3 && name.size() > words[2].size() && name.ends_with(words[2]))
    name.resize(name.size() - words[2].size());
  return name;
}

// --- the word ------------------------------------------------------------------------------------

std::string expand_part(const ShellPart& part, ShellScope& scope) {
  if (part.kind == PartKind::text) return part.text;
  if (part.kind == PartKind::variable) return parameter(part, scope);
  if (part.kind == PartKind::output) return output_of(part, scope);
  if (part.kind == PartKind::arithmetic) pass_over_arithmetic(part.text, part.line, scope);
  if (part.kind == PartKind::unknown && !part.text.empty())
    scope.not_followed.try_emplace(part.text, part.line);
  return unknown;
}

struct Fields {
  std::vector<ShellField> all = {};
  std::size_t bytes = 0;
  bool goes_on = false;  // the last one

  void add(std::string_view text, bool may_match = false) {
    if (!goes_on) all.emplace_back();
    goes_on = true;
    bytes += text.size();
    append(text, all.back().text);
    all.back().has_pattern |= may_match && text.find_first_of("*?[") != text.npos;
  }
  void split(std::string_view text) {
    if (text.empty()) return;
    if (text.starts_with(' ')) goes_on = false;
    for (const auto& word : words_of(text)) {
      add(word, true);
      goes_on = false;
    }
    goes_on = !text.ends_with(' ');
  }
  // "$@": a field each.
  void add_each(const std::vector<std::string>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      goes_on = goes_on && i == 0;
      add(values[i]);
    }
  }
};

std::vector<ShellField> expand_word(const ShellWord& word, ShellScope& scope) {
  Fields fields;
  for (const auto& part : word) {
    if (part.kind == PartKind::variable && part.text == "@" && part.quoted && part.op.empty())
      fields.add_each(scope.arguments);
    else if (part.quoted || part.kind == PartKind::text)
      fields.add(expand_part(part, scope), !part.quoted);
    else
      fields.split(expand_part(part, scope));
    if (fields.all.size() > most_fields || fields.bytes > most_expanded_bytes) return {{unknown}};
  }
  return std::move(fields.all);
}

}  // namespace

void set_variable(std::string_view name, std::string value, ShellScope& scope) {
  if (!scope.variables.contains(name) && scope.variables.size() >= most_variables) {
    scope.others_may_set = true;
    return;
  }
  if (value.size() > most_expanded_bytes) value = unknown;
  scope.variables.insert_or_assign(std::string(name), std::move(value));
}

void pass_over_arithmetic(std::string_view expression, unsigned line, ShellScope& scope) {
  scope.not_followed.try_emplace("arithmetic", line);
  const bool sets = expression.find('=') != expression.npos ||
                    expression.find("++") != expression.npos ||
                    expression.find("--") != expression.npos;
  while (sets && !expression.empty()) {
    const auto name = name_at(expression);
    if (!name.empty()) set_variable(name, unknown, scope);
    expression.remove_prefix(std::max<std::size_t>(name.size(), 1));
  }
}

std::vector<ShellField> expand_words(const std::vector<ShellWord>& words, std::size_t first,
                                     ShellScope& scope) {
  std::vector<ShellField> all;
  for (; first < words.size(); ++first)
    for (auto& field : expand_word(words[first], scope)) all.push_back(std::move(field));
  return all;
}

std::string expand_text(const ShellWord& word, ShellScope& scope) {
  std::string text;
  for (const auto& part : word) append(expand_part(part, scope), text);
  return text;
}

bool assign(const ShellWord& word, ShellScope& scope) {
  if (word.empty() || word[0].kind != PartKind::text || word[0].quoted) return false;
  const auto name = std::string(name_at(word[0].text));
  const auto rest = std::string_view(word[0].text).substr(name.size());
  const bool adds = rest.starts_with("+=");
  const bool of_array = rest.starts_with('[') && std::ranges::any_of(word, [](const auto& part) {
                          return !part.quoted && part.text.find("]=") != std::string::npos;
                        });
  if (name.empty() || !(adds || of_array || rest.starts_with('='))) return false;
  ShellWord value = word;
  value[0].text.erase(0, name.size() + (adds ? 2 : 1));
  if (of_array) value = {{.kind = PartKind::unknown, .line = word[0].line, .text = "an array"}};
  auto text = adds ? of_variable(name, scope).value_or("") : "";
  append(expand_text(value, scope), text);
  set_variable(name, std::move(text), scope);
  return true;
}

}  // namespace vifchain::inline convert

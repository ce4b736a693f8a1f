// SPDX-License-Identifier: Apache-2.0
#include "convert/import/script/shell_builtins.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "core/text/decimal.hpp"
#include "core/text/glob.hpp"

namespace vifchain::inline convert {
namespace {

using Words = std::vector<std::string>;

Truth of_numbers(std::string_view a, std::string_view op, std::string_view b) {
  const auto left = decimal<std::int64_t>(a), right = decimal<std::int64_t>(b);
  if (!left || !right) return Truth::unknown;
  if (op == "-eq") return truth_of(*left == *right);
  if (op == "-ne") return truth_of(*left != *right);
  if (op == "-lt") return truth_of(*left < *right);
  if (op == "-le") return truth_of(*left <= *right);
  if (op == "-gt") return truth_of(*left > *right);
  return op == "-ge" ? truth_of(*left >= *right) : Truth::unknown;
}

Truth of_two(const std::string& op, const std::string& word) {
  if (op == "!") return truth_of(word.empty());
  if (is_one_of(op, "-a -b -c -d -e -f -g -h -k -p -r -s -t -u -w -x -L -N -O -S"))
    return Truth::presumably;
  if (is_unknown(word)) return Truth::unknown;
  if (op == "-n") return truth_of(!word.empty());
  return op == "-z" ? truth_of(word.empty()) : Truth::unknown;
}

Truth of_three(const std::string& a, const std::string& op, const std::string& b) {
  if (is_unknown(a) || is_unknown(b)) return Truth::unknown;
  if (op == "=" || op == "==") return truth_of(matches_glob(b, a));
  if (op == "!=") return truth_of(!matches_glob(b, a));
  return of_numbers(a, op, b);
}

Truth both(Truth a, Truth b) {
  if (a == Truth::no || b == Truth::no) return Truth::no;
  if (a == Truth::unknown || b == Truth::unknown) return Truth::unknown;
  return a == Truth::presumably ? a : b;
}

Truth either(Truth a, Truth b) {
  return opposite(both(opposite(a), opposite(b)));
}

// The words of [ ] or [[ ]], without the brackets: -o and || bind loosest.
Truth test_truth(const Words& words) {
  const auto split = [&](std::string_view op, std::string_view other,
                         Truth (*join)(Truth, Truth)) -> std::optional<Truth> {
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
      if (words[i] != op && words[i] != other) continue;
      const auto at = words.begin() + static_cast<std::ptrdiff_t>(i);
      return join(test_truth({words.begin(), at}), test_truth({at + 1, words.end()}));
    }
    return std::nullopt;
  };
  if (const auto truth = split("-o", "||", either)) return *truth;
  if (const auto truth = split("-a", "&&", both)) return *truth;
  if (words.empty()) return Truth::no;
  if (words.front() == "!" && words.size() > 2)
    return opposite(test_truth({words.begin() + 1, words.end()}));
  if (words.size() == 1) return is_unknown(words[0]) ? Truth::unknown : truth_of(!words[0].empty());
  if (words.size() == 2) return of_two(words[0], words[1]);
  return words.size() == 3 ? of_three(words[0], words[1], words[2]) : Truth::unknown;
}

Truth bracketed_truth(const Words& words) {
  const bool closed = words.size() > 1 && (words.back() == "]" || words.back() == "]]");
  if (words.size() > 200) return Truth::unknown;
  return test_truth({words.begin() + 1, words.end() - (closed ? 1 : 0)});
}

Outcome shift(const Words& words, Words& arguments) {
  const std::size_t by = words.size() > 1 ? decimal<std::uint16_t>(words[1]).value_or(1) : 1;
  if (by > arguments.size()) return {Truth::no};
  arguments.erase(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(by));
  return {};
}

// "set -e" is about the shell, "set -- a b" and "set a b" about its arguments.
Outcome set(const Words& words, Words& arguments) {
  auto first = words.begin() + 1;
  while (first < words.end() && *first != "--" && first->find_first_of("-+") == 0)
    first += is_one_of(*first, "-o +o") && first + 1 < words.end() ? 2 : 1;
  if (first < words.end()) arguments.assign(first + (*first == "--" ? 1 : 0), words.end());
  return {};
}

Outcome read(const Words& words, ShellScope& scope) {
  for (std::size_t i = 1; i < words.size(); ++i)
    if (!words[i].starts_with("-")) set_variable(words[i], {unknown_part}, scope);
  return {Truth::presumably};
}

Outcome let(const Words& words, unsigned line, ShellScope& scope) {
  for (const auto& word : words) pass_over_arithmetic(word, line, scope);
  return {Truth::unknown};
}

}  // namespace

std::optional<Outcome> run_builtin(const Words& words, unsigned line, ShellScope& scope) {
  const auto& name = words.front();
  if (is_one_of(name, "[ test [[")) return Outcome{bracketed_truth(words)};
  if (is_one_of(name, ": true trap umask ulimit wait cd shopt alias")) return Outcome{};
  if (name == "false") return Outcome{Truth::no};
  if (name == "exit") return Outcome{Truth::yes, Flow::exits};
  if (name == "return")
    return Outcome{truth_of(words.size() < 2 || words[1] == "0"), Flow::returns};
  if (name == "break") return Outcome{Truth::yes, Flow::leaves_loop};
  if (name == "continue") return Outcome{Truth::yes, Flow::next_round};
  if (name == "shift") return shift(words, scope.arguments);
  if (name == "set") return set(words, scope.arguments);
  if (name == "read" || name == "getopts") return read(words, scope);
  if (name == "let") return let(words, line, scope);
  if (name != "unset") return std::nullopt;
  for (const auto& word : words) scope.variables.erase(word);
  return Outcome{};
}

bool only_asks(const Words& words) {
  const auto program = last_part(words.front());
  const auto word = [&](std::size_t i) { return i < words.size() ? words[i] : std::string(); };
  if (program == "ip") return is_one_of(word(2), "show list ls");
  if (program == "brctl") return word(1).starts_with("show");
  if (program == "ifconfig") return words.size() <= 2;
  return is_one_of(
      program,
      "grep egrep fgrep which type pidof pgrep lsmod ping cmp diff lsb_release ifquery id hash");
}

}  // namespace vifchain::inline convert

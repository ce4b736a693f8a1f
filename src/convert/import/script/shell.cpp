// SPDX-License-Identifier: Apache-2.0
#include "convert/import/script/shell.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "convert/import/script/shell_tests.hpp"
#include "convert/import/script/shell_tree.hpp"
#include "convert/import/script/shell_words.hpp"
#include "core/text/decimal.hpp"
#include "core/text/glob.hpp"
#include "core/text/lines.hpp"

namespace vifchain::inline convert {
namespace {

constexpr std::size_t most_bytes = 1 << 20;  // of a script
constexpr std::size_t most_work = 50'000;    // nodes that are walked, and what is copied for them
constexpr std::size_t most_commands = 20'000;
constexpr unsigned most_rounds = 5000;  // of one loop
constexpr unsigned deepest_call = 10;   // functions in functions

using Node = ShellNode;
using Kind = ShellNode::Kind;

enum class Flow : std::uint8_t { goes_on, next_round, leaves_loop, returns, exits };

struct Outcome {
  Truth truth = Truth::yes;
  Flow flow = Flow::goes_on;
};

// Words before a command that change nothing about what it does.
bool is_prefix(std::string_view word) {
  constexpr std::array<std::string_view, 10> words{"sudo",   "nice",      "nohup",
                                                   "env",    "builtin",   "time",
                                                   "setsid", "do_or_die", "do_without_error",
                                                   "busybox"};
  return std::ranges::find(words, word) != words.end();
}

bool is_library(std::string_view file) {
  constexpr std::array<std::string_view, 10> libraries{"functions",
                                                       "init-functions",
                                                       "rc.status",
                                                       "xen-script-common.sh",
                                                       "xen-network-common.sh",
                                                       "xen-hotplug-common.sh",
                                                       "logging.sh",
                                                       "locking.sh",
                                                       "vif-common.sh",
                                                       "functions.sh"};
  return std::ranges::find(libraries, file.substr(file.rfind('/') + 1)) != libraries.end();
}

// --- the walk ------------------------------------------------------------------------------------

class Follower {
 public:
  explicit Follower(const ShellText& script) : script_(script) {
    scope_.arguments = script.arguments;
    scope_.name = script.name;
    for (const auto& [name, value] : script.variables) scope_.variables[name] = {value};
    for (auto rest = script.text; !rest.empty();) {
      const auto end = std::min(rest.find('\n'), rest.size());
      lines_.push_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  ShellRead all() {
    const auto tree = shell_tree(script_.text.substr(0, most_bytes), script_.first_line);
    if (script_.text.size() > most_bytes)
      remark(Remark::Kind::lost, 0, "it is longer than 1 MiB: what follows is not read");
    for (const auto& command : tree.commands)
      if (walk(command).flow == Flow::exits) return std::move(read_);
    for (const auto& [line, what] : tree.mistakes)
      remark(Remark::Kind::lost, line, "the shell text cannot be read from here on: " + what);
    return std::move(read_);
  }

 private:
  [[nodiscard]] Said said(unsigned line) const {
    const std::size_t index = line - std::min(line, script_.first_line);
    if (index >= lines_.size()) return said_in(script_.file, line, {});
    return said_in(script_.file, line, lines_[index]);
  }

  void remark(Remark::Kind kind, unsigned line, std::string why) {
    Remark made{kind, line == 0 ? Said{script_.file} : said(line), std::move(why)};
    if (told_.insert({line, made.why}).second) read_.remarks.push_back(std::move(made));
  }
  void lose(unsigned line, std::string why) { remark(Remark::Kind::lost, line, std::move(why)); }

  bool spend(unsigned line, std::size_t work) {
    work_ += work;
    if (work_ <= most_work && read_.commands.size() < most_commands) return true;
    lose(exhausted_at_ == 0 ? exhausted_at_ = std::max(line, 1U) : exhausted_at_,
         "it does not come to an end: what follows is not read");
    return false;
  }

  Outcome walk(const Node& node) {
    if (!spend(node.line, 1)) return {Truth::yes, Flow::exits};
    switch (node.kind) {
      case Kind::simple:
        return simple(node);
      case Kind::arithmetic:
        return {computed(node.words.front())};
      case Kind::list:
        return list(node);
      case Kind::and_or:
        return and_or(node);
      case Kind::pipeline:
        return pipeline(node);
      case Kind::branch:
        return branch(node);
      case Kind::repeat:
        return repeat(node);
      case Kind::each:
        return each(node);
      case Kind::count:
        return count(node);
      case Kind::choice:
        return choice(node);
      case Kind::function:
        functions_[node.name] = &node.children.front();
        return {};
      case Kind::subshell:
        return subshell(node);
    }
    return {};
  }

  Truth computed(std::string_view expression) {
    const auto value = arithmetic(expression, scope_);
    return value ? truth_of(*value != 0) : Truth::unknown;
  }

  Outcome list(const Node& node) {
    Outcome last;
    for (const auto& child : node.children) {
      last = walk(child);
      if (last.flow != Flow::goes_on) break;
    }
    if (node.negated) last.truth = opposite(last.truth);
    return last;
  }

  // What runs only perhaps: it does not end the script, and what it sets is known only where
  // nothing else was set before.
  void walk_perhaps(const Node& node) {
    if (!spend(node.line, 1 + scope_.variables.size())) return;
    const auto before = scope_;
    walk(node);
    for (auto& [name, values] : scope_.variables) {
      const auto old = before.variables.find(name);
      if (old != before.variables.end() && old->second != values)
        values = {std::string(1, unknown_part)};
    }
    scope_.arguments = before.arguments;
  }

  [[nodiscard]] bool has_effect_since(std::size_t first) const {
    return std::any_of(read_.commands.begin() + static_cast<std::ptrdiff_t>(first),
                       read_.commands.end(),
                       [](const ScriptCommand& command) { return !does_nothing(command); });
  }

  void depends(unsigned line, std::size_t since) {
    if (has_effect_since(since))
      lose(line, "what depends on this is taken as done: only a run would tell");
  }

  Outcome and_or(const Node& node) {
    Outcome last = walk(node.children.front());
    for (std::size_t i = 0; i < node.operators.size() && last.flow == Flow::goes_on; ++i) {
      const auto& next = node.children[i + 1];
      const bool runs_on =
          node.operators[i] == "&&" ? Truth::yes == last.truth : Truth::no == last.truth;
      if (is_known(last.truth)) {
        if (runs_on) last = walk(next);
        continue;
      }
      const auto since = read_.commands.size();
      walk_perhaps(next);
      if (last.truth == Truth::unknown) depends(node.line, since);
    }
    return last;
  }

  // Every part is there; "echo … | tee FILE" writes to the file.
  Outcome pipeline(const Node& node) {
    Outcome last;
    const auto before = scope_;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const auto since = read_.commands.size();
      last = walk(node.children[i]);
      if (i > 0 && read_.commands.size() == since + 1) feed(since);
    }
    scope_ = before;
    last.flow = Flow::goes_on;
    return last;
  }

  void feed(std::size_t index) {
    auto& reader = read_.commands[index];
    if (index == 0 || program_of(reader) != "tee" || reader.words.size() < 2) return;
    auto& writer = read_.commands[index - 1];
    if (writer.into.empty()) writer.into = reader.words.back();
  }

  Outcome subshell(const Node& node) {
    const auto before = scope_;
    auto outcome = list(node);
    scope_ = before;
    if (outcome.flow == Flow::exits || outcome.flow == Flow::returns) outcome.flow = Flow::goes_on;
    return outcome;
  }

  // --- branches ---

  Outcome branch(const Node& node) {
    const auto since = read_.commands.size();
    bool perhaps = false;
    unsigned bodies_with_effect = 0;
    Truth why = Truth::yes;
    const auto body = [&](const Node& child) {
      const auto start = read_.commands.size();
      walk_perhaps(child);
      if (has_effect_since(start)) ++bodies_with_effect;
    };
    for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
      const auto condition = list(node.children[i]);
      if (condition.truth == Truth::no) continue;
      if (condition.truth == Truth::yes) {
        if (!perhaps) return walk(node.children[i + 1]);
        body(node.children[i + 1]);
        return done(node, since, why, bodies_with_effect);
      }
      perhaps = true;
      if (why != Truth::unknown) why = condition.truth;
      body(node.children[i + 1]);
    }
    if (node.children.size() % 2 == 1) {
      if (!perhaps) return walk(node.children.back());
      body(node.children.back());
    }
    return done(node, since, why, bodies_with_effect);
  }

  Outcome done(const Node& node, std::size_t since, Truth why, unsigned bodies_with_effect) {
    if (why == Truth::unknown || bodies_with_effect > 1) depends(node.line, since);
    return {};
  }

  Outcome choice(const Node& node) {
    const auto subject = expand_text(node.words.front(), scope_);
    const auto since = read_.commands.size();
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      if (is_unknown(subject)) {
        walk_perhaps(node.children[i]);
        continue;
      }
      for (const auto& pattern : node.patterns[i])
        if (matches_glob(expand_text(pattern, scope_), subject)) return walk(node.children[i]);
    }
    if (is_unknown(subject)) depends(node.line, since);
    return {};
  }

  // --- loops ---

  // One round; true when there may be another.
  bool round(const Node& body, Outcome& outcome) {
    outcome = walk(body);
    if (outcome.flow == Flow::exits || outcome.flow == Flow::returns) return false;
    const bool leaves = outcome.flow == Flow::leaves_loop;
    outcome = {};
    return !leaves;
  }

  Outcome each(const Node& node) {
    std::vector<ShellField> values;
    for (const auto& word : node.words)
      for (auto& field : expand_word(word, scope_)) values.push_back(std::move(field));
    Outcome outcome;
    unsigned rounds = 0;
    for (const auto& value : values) {
      if (value.has_pattern || is_unknown(value.text)) {
        lose(node.line, "the loop goes over what only a run would tell, and is not followed there");
        continue;
      }
      if (++rounds > most_rounds) break;
      set_variable(node.name, {value.text}, scope_);
      if (!round(node.children.front(), outcome)) break;
    }
    return outcome;
  }

  Outcome count(const Node& node) {
    Outcome outcome;
    arithmetic(node.words[0], scope_);
    for (unsigned rounds = 0;; ++rounds) {
      const auto truth = computed(node.words[1]);
      if (truth == Truth::no) break;
      if (truth != Truth::yes || rounds >= most_rounds) {
        lose(node.line, "where the loop ends only a run would tell: it is not followed further");
        break;
      }
      if (!round(node.children.front(), outcome)) break;
      arithmetic(node.words[2], scope_);
    }
    return outcome;
  }

  Outcome repeat(const Node& node) {
    Outcome outcome;
    for (unsigned rounds = 0; rounds < most_rounds; ++rounds) {
      auto truth = list(node.children[0]).truth;
      if (node.negated) truth = opposite(truth);
      if (truth == Truth::no) return outcome;
      if (truth != Truth::yes) {
        const auto since = read_.commands.size();
        walk_perhaps(node.children[1]);
        if (has_effect_since(since))
          lose(node.line, "how often the loop runs only a run would tell: it is read once");
        return outcome;
      }
      if (!round(node.children[1], outcome)) return outcome;
    }
    lose(node.line, "the loop does not end: it is not followed further");
    return outcome;
  }

  // --- simple commands ---

  Outcome simple(const Node& node) {
    std::size_t first = 0;
    while (first < node.words.size() && assign(node.words[first], scope_)) ++first;
    if (first == node.words.size()) return {};
    if (is_declaration(node.words[first])) return declare(node, first + 1);
    std::vector<std::string> words;
    for (; first < node.words.size(); ++first)
      for (auto& field : expand_word(node.words[first], scope_))
        words.push_back(std::move(field.text));
    strip_prefixes(words);
    if (words.empty()) return {};
    return command(node, std::move(words));
  }

  static bool is_declaration(std::string_view word) {
    return word == "export" || word == "local" || word == "readonly" || word == "declare" ||
           word == "typeset";
  }

  Outcome declare(const Node& node, std::size_t first) {
    for (; first < node.words.size(); ++first) static_cast<void>(assign(node.words[first], scope_));
    return {};
  }

  static void strip_prefixes(std::vector<std::string>& words) {
    std::size_t first = 0;
    while (first < words.size() && is_prefix(program_of({{words[first]}}))) {
      ++first;
      while (first < words.size() &&
             (words[first].starts_with("-") || words[first].find('=') != std::string::npos))
        ++first;
    }
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(first));
  }

  Outcome command(const Node& node, std::vector<std::string> words) {
    if (const auto found = functions_.find(words.front()); found != functions_.end())
      return call(node, *found->second, std::move(words));
    if (words.front() == "exec" || words.front() == "command") return replaced(node, words);
    if (auto outcome = builtin(node, words)) return *outcome;
    const auto truth = only_asks(words) ? Truth::presumably : Truth::yes;
    const auto into = node.into.empty() ? std::string() : expand_text(node.into, scope_);
    read_.commands.push_back({std::move(words), into, said(node.line)});
    return {truth};
  }

  Outcome replaced(const Node& node, std::vector<std::string>& words) {
    const bool ends = words.front() == "exec";
    words.erase(words.begin());
    if (!ends && !words.empty() && words.front().starts_with("-")) return {Truth::presumably};
    if (words.empty()) return {};
    auto outcome = command(node, std::move(words));
    if (ends) outcome.flow = Flow::exits;
    return outcome;
  }

  Outcome call(const Node& node, const Node& body, std::vector<std::string> words) {
    if (calls_ >= deepest_call) {
      lose(node.line, "\"" + words.front() + "\" calls itself without an end");
      return {};
    }
    words.erase(words.begin());
    auto arguments = std::exchange(scope_.arguments, std::move(words));
    ++calls_;
    auto outcome = walk(body);
    --calls_;
    scope_.arguments = std::move(arguments);
    if (outcome.flow != Flow::exits) outcome.flow = Flow::goes_on;
    return outcome;
  }

  std::optional<Outcome> builtin(const Node& node, const std::vector<std::string>& words) {
    const auto& name = words.front();
    if (name == "[" || name == "test" || name == "[[") return Outcome{tested(words)};
    if (name == ":" || name == "true") return Outcome{};
    if (name == "false") return Outcome{Truth::no};
    if (name == "exit") return Outcome{Truth::yes, Flow::exits};
    if (name == "return")
      return Outcome{words.size() < 2 || words[1] == "0" ? Truth::yes : Truth::no, Flow::returns};
    if (name == "break") return Outcome{Truth::yes, Flow::leaves_loop};
    if (name == "continue") return Outcome{Truth::yes, Flow::next_round};
    if (name == "shift") return shift(words);
    if (name == "set") return set(words);
    if (name == "unset") return unset(words);
    if (name == "read" || name == "getopts") return read(words);
    if (name == "let") return Outcome{computed(words.back())};
    if (name == "source" || name == ".") return source(node, words);
    if (name == "eval") {
      lose(node.line, "eval is not followed");
      return Outcome{};
    }
    if (name == "trap" || name == "umask" || name == "ulimit" || name == "wait" || name == "cd" ||
        name == "shopt" || name == "alias")
      return Outcome{};
    return std::nullopt;
  }

  static Truth tested(const std::vector<std::string>& words) {
    const auto& last = words.back();
    const bool closed = last == "]" || last == "]]";
    if (words.size() > 200) return Truth::unknown;
    return test_truth({words.begin() + 1, words.end() - (closed && words.size() > 1 ? 1 : 0)});
  }

  Outcome shift(const std::vector<std::string>& words) {
    const std::size_t by = words.size() > 1 ? decimal<std::uint16_t>(words[1]).value_or(1) : 1;
    auto& all = scope_.arguments;
    if (by > all.size()) return {Truth::no};
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(by));
    return {};
  }

  // "set -e" is about the shell, "set -- a b" and "set a b" about its arguments.
  Outcome set(const std::vector<std::string>& words) {
    std::size_t first = 1;
    while (first < words.size() && words[first] != "--" && words[first].find_first_of("-+") == 0)
      first += words[first] == "-o" || words[first] == "+o" ? 2 : 1;
    const bool ended = first < words.size() && words[first] == "--";
    if (first < words.size())
      scope_.arguments.assign(words.begin() + static_cast<std::ptrdiff_t>(first + (ended ? 1 : 0)),
                              words.end());
    return {};
  }

  Outcome unset(const std::vector<std::string>& words) {
    for (const auto& name : words) scope_.variables.erase(name);
    return {};
  }

  Outcome read(const std::vector<std::string>& words) {
    for (std::size_t i = 1; i < words.size(); ++i)
      if (!words[i].starts_with("-"))
        set_variable(words[i], {std::string(1, unknown_part)}, scope_);
    return {Truth::presumably};
  }

  Outcome source(const Node& node, const std::vector<std::string>& words) {
    scope_.others_may_set = true;
    const bool known = words.size() > 1 && is_library(words[1]);
    if (!known) lose(node.line, "the file that is read here is not followed: give it as well");
    return {};
  }

  const ShellText& script_;
  std::vector<std::string_view> lines_;
  ShellScope scope_;
  std::map<std::string, const Node*, std::less<>> functions_;
  std::set<std::pair<unsigned, std::string>> told_;
  ShellRead read_;
  std::size_t work_ = 0;
  unsigned exhausted_at_ = 0;
  unsigned calls_ = 0;
};

}  // namespace

ShellRead read_shell(const ShellText& script) {
  return Follower(script).all();
}

}  // namespace vifchain::inline convert

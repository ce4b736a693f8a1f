// SPDX-License-Identifier: Apache-2.0
#include "convert/import/script/shell.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "convert/import/script/shell_builtins.hpp"
#include "convert/import/script/shell_tree.hpp"
#include "core/text/glob.hpp"

namespace vifchain::inline convert {
namespace {

constexpr std::size_t most_script_bytes = 1 << 20;  // of a script
constexpr std::size_t most_work = 50'000;  // nodes that are walked, and what is copied for them
constexpr std::size_t most_commands = 20'000;
constexpr unsigned deepest_call = 10;  // functions in functions

using Node = ShellNode;
using Kind = ShellNode::Kind;
using Words = std::vector<std::string>;

// Words before a command that change nothing about what it does.
constexpr std::string_view prefixes =
    "sudo nice nohup env builtin time setsid "
    "do_or_die do_without_error busybox";

constexpr std::string_view libraries =
    "functions init-functions rc.status xen-script-common.sh "
    "xen-network-common.sh "
    "xen-hotplug-common.sh logging.sh locking.sh vif-common.sh functions.sh";

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    lines.push_back(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(lines.back().size() + 1, text.size()));
  }
  return lines;
}

// The commands that a tree comes to, in `read`.
class Follower {
 public:
  explicit Follower(const ShellText& script) : script_(script), lines_(lines_of(script.text)) {
    scope_.arguments = script.arguments;
    scope_.name = script.name;
    scope_.variables = {script.variables.begin(), script.variables.end()};
  }

  ShellRead all() {
    const auto tree = shell_tree(script_.text.substr(0, most_script_bytes));
    if (script_.text.size() > most_script_bytes)
      lose(0, "it is longer than 1 MiB: what follows is not read");
    const auto exits = [&](const Node& command) { return walk(command).flow == Flow::exits; };
    const bool ended = std::ranges::any_of(tree.commands, exits);
    // What they lead to has remarks of its own.
    for (const auto& [construct, line] : scope_.not_followed)
      lose(line, construct +
                     " is not followed, and what it comes to counts as "
                     "unknown: \"vifchain import "
                     "--from-kernel\" takes over what is there now");
    if (tree.mistake && !ended)
      lose(tree.mistake->line, "the shell text cannot be read from here on: " + tree.mistake->what);
    return std::move(read_);
  }

 private:
  // --- what is said ---

  [[nodiscard]] Said said(unsigned line) const {
    if (script_.at.line != 0) return script_.at;
    const bool is_there = line > 0 && line <= lines_.size();
    return said_in(script_.file, line, is_there ? lines_[line - 1] : "");
  }

  void lose(unsigned line, std::string why) {
    if (!told_.insert({line, why}).second) return;
    read_.remarks.push_back(
        {Remark::Kind::lost, line == 0 ? Said{script_.file} : said(line), std::move(why)});
  }

  bool spend(unsigned line, std::size_t work) {
    work_ += work;
    if (work_ <= most_work && read_.commands.size() < most_commands) return true;
    lose(exhausted_at_ == 0 ? exhausted_at_ = std::max(line, 1U) : exhausted_at_,
         "it does not come to an end: what follows is not read");
    return false;
  }

  void depends(unsigned line, std::size_t since) {
    if (has_effect_since(since))
      lose(line, "what depends on this is taken as done: only a run would tell");
  }
  [[nodiscard]] bool has_effect_since(std::size_t first) const {
    const auto has_none = [](const ScriptCommand& command) {
      return does_nothing(command) || only_asks(command.words);
    };
    return !std::all_of(read_.commands.begin() + static_cast<std::ptrdiff_t>(first),
                        read_.commands.end(), has_none);
  }

  // --- the walk ---

  Outcome walk(const Node& node) {
    if (!spend(node.line, 1)) return {Truth::yes, Flow::exits};
    if (node.kind == Kind::simple) return simple(node);
    if (node.kind == Kind::and_or) return and_or(node);
    if (node.kind == Kind::pipeline) return pipeline(node);
    if (node.kind == Kind::branch) return branch(node);
    if (node.kind == Kind::repeat) return repeat(node);
    if (node.kind == Kind::each) return each(node);
    if (node.kind == Kind::choice) return choice(node);
    if (node.kind == Kind::subshell) return subshell(node);
    if (node.kind == Kind::list) return list(node);
    functions_[node.name] = &node.children.front();
    return {};
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

  // What runs only perhaps: it does not end the script, and what it sets is
  // known only where nothing else was set before.
  void walk_perhaps(const Node& node) {
    if (!spend(node.line, 1 + scope_.variables.size())) return;
    const auto before = scope_;
    walk(node);
    for (auto& [name, value] : scope_.variables) {
      const auto old = before.variables.find(name);
      if (old != before.variables.end() && old->second != value) value = unknown_part;
    }
    scope_.arguments = before.arguments;
  }

  // The same of what is not followed: its commands are not taken.
  void forget_what_it_sets(const Node& node) {
    const auto since = static_cast<std::ptrdiff_t>(read_.commands.size());
    walk_perhaps(node);
    read_.commands.erase(read_.commands.begin() + since, read_.commands.end());
  }

  Outcome and_or(const Node& node) {
    Outcome last = walk(node.children.front());
    for (std::size_t i = 0; i < node.operators.size() && last.flow == Flow::goes_on; ++i) {
      const auto& next = node.children[i + 1];
      if (is_known(last.truth)) {
        if ((node.operators[i] == "&&") == (last.truth == Truth::yes)) last = walk(next);
        continue;
      }
      const auto since = read_.commands.size();
      walk_perhaps(next);
      if (last.truth == Truth::unknown) depends(node.line, since);
    }
    return last;
  }

  void go_back_to(const ShellScope& before) {
    auto met = std::move(scope_.not_followed);
    scope_ = before;
    scope_.not_followed = std::move(met);
  }

  // Every part is there; "echo … | tee FILE" writes to the file.
  Outcome pipeline(const Node& node) {
    Outcome last;
    const auto before = scope_;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const auto since = read_.commands.size();
      last = walk(node.children[i]);
      if (i > 0 && since > 0 && read_.commands.size() == since + 1) feed(since);
    }
    go_back_to(before);
    last.flow = Flow::goes_on;
    return last;
  }

  void feed(std::size_t index) {
    const auto& reader = read_.commands[index];
    auto& writer = read_.commands[index - 1];
    if (program_of(reader) == "tee" && reader.words.size() > 1 && writer.into.empty())
      writer.into = reader.words.back();
  }

  Outcome subshell(const Node& node) {
    const auto before = scope_;
    auto outcome = list(node);
    go_back_to(before);
    if (outcome.flow == Flow::exits || outcome.flow == Flow::returns) outcome.flow = Flow::goes_on;
    return outcome;
  }

  Outcome branch(const Node& node) {
    const auto since = read_.commands.size();
    unsigned bodies_with_effect = 0;
    Truth why = Truth::yes;  // the least that is known of conditions before
    for (std::size_t i = 0; i < node.children.size(); i += 2) {
      const bool is_else = i + 1 == node.children.size();
      const auto truth = is_else ? Truth::yes : list(node.children[i]).truth;
      if (truth == Truth::no) continue;
      const auto& body = node.children[is_else ? i : i + 1];
      if (truth == Truth::yes && why == Truth::yes) return walk(body);
      if (truth != Truth::yes && why != Truth::unknown) why = truth;
      const auto start = read_.commands.size();
      walk_perhaps(body);
      if (has_effect_since(start)) ++bodies_with_effect;
      if (truth == Truth::yes) break;
    }
    if (why == Truth::unknown || bodies_with_effect > 1) depends(node.line, since);
    return {};
  }

  Outcome choice(const Node& node) {
    const auto subject = expand_text(node.words.front(), scope_);
    const auto since = read_.commands.size();
    bool perhaps = false;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const auto truth = chosen(node.patterns[i], subject);
      if (truth == Truth::no) continue;
      if (truth == Truth::yes && !perhaps) return walk(node.children[i]);
      perhaps = true;
      walk_perhaps(node.children[i]);
      if (truth == Truth::yes) break;
    }
    if (perhaps) depends(node.line, since);
    return {};
  }

  Truth chosen(const std::vector<ShellWord>& patterns, const std::string& subject) {
    Truth truth = Truth::no;
    for (const auto& word : patterns) {
      const auto pattern = expand_text(word, scope_);
      if (pattern != "*" && (is_unknown(pattern) || is_unknown(subject)))
        truth = Truth::unknown;
      else if (matches_glob(pattern, subject))
        return Truth::yes;
    }
    return truth;
  }

  Outcome each(const Node& node) {
    for (const auto& value : expand_words(node.words, 0, scope_)) {
      const bool is_told = !value.has_pattern && !is_unknown(value.text);
      set_variable(node.name, is_told ? value.text : std::string(1, unknown_part), scope_);
      if (!is_told) {
        lose(node.line,
             "the loop goes over what only a run would tell, and is "
             "not followed there");
        forget_what_it_sets(node.children.front());
        continue;
      }
      const auto outcome = walk(node.children.front());
      if (outcome.flow == Flow::exits || outcome.flow == Flow::returns) return outcome;
      if (outcome.flow == Flow::leaves_loop) break;
    }
    return {};
  }

  // Read once, with all that changes from round to round unknown.
  Outcome repeat(const Node& node) {
    const auto since = read_.commands.size();
    const auto before = scope_.variables;
    forget_what_it_sets(node.children.front());
    walk_perhaps(node.children.front());
    if (has_effect_since(since) || scope_.variables != before)
      scope_.not_followed.try_emplace(node.name, node.line);
    return {};
  }

  // --- simple commands ---

  Outcome simple(const Node& node) {
    std::size_t first = 0;
    while (first < node.words.size() && assign(node.words[first], scope_)) ++first;
    if (first == node.words.size()) return {};
    if (is_one_of(plain_text(node.words[first]), "export local readonly declare typeset")) {
      while (++first < node.words.size()) assign(node.words[first], scope_);
      return {};
    }
    Words words;
    for (auto& field : expand_words(node.words, first, scope_))
      words.push_back(std::move(field.text));
    strip_prefixes(words);
    return command(node, std::move(words));
  }

  static void strip_prefixes(Words& words) {
    auto first = words.begin();
    while (first != words.end() && is_one_of(last_part(*first), prefixes))
      first = std::find_if(first + 1, words.end(), [](const std::string& word) {
        return !word.starts_with("-") && word.find('=') == std::string::npos;
      });
    words.erase(words.begin(), first);
  }

  Outcome command(const Node& node, Words words) {
    if (words.empty()) return {};
    if (const auto found = functions_.find(words.front()); found != functions_.end())
      return call(node, *found->second, std::move(words));
    if (auto outcome = builtin(node, words)) return *outcome;
    std::size_t bytes = 0;
    for (const auto& word : words) bytes += word.size();
    if (!spend(node.line, bytes / 1024)) return {Truth::yes, Flow::exits};
    const auto truth = only_asks(words) ? Truth::presumably : Truth::yes;
    read_.commands.push_back({std::move(words), expand_text(node.into, scope_), said(node.line)});
    return {truth};
  }

  // exec and command: what stands behind them.
  Outcome replaced(const Node& node, const Words& words) {
    const bool ends = words.front() == "exec";
    if (!ends && words.size() > 1 && words[1].starts_with("-")) return {Truth::presumably};
    if (words.size() == 1) return {};
    auto outcome = command(node, {words.begin() + 1, words.end()});
    if (ends) outcome.flow = Flow::exits;
    return outcome;
  }

  Outcome call(const Node& node, const Node& body, Words words) {
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

  // Those that are about more than the shell's own variables.
  std::optional<Outcome> builtin(const Node& node, const Words& words) {
    const auto& name = words.front();
    if (name == "exec" || name == "command") return replaced(node, words);
    if (name == "source" || name == ".") return source(node, words);
    if (name != "eval") return run_builtin(words, node.line, scope_);
    lose(node.line, "eval is not followed");
    return Outcome{};
  }

  Outcome source(const Node& node, const Words& words) {
    scope_.others_may_set = true;
    if (words.size() < 2 || !is_one_of(last_part(words[1]), libraries))
      lose(node.line, "the file that is read here is not followed: give it as well");
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

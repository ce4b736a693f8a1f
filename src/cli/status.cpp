// SPDX-License-Identifier: Apache-2.0
#include "cli/status.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>

#include "cli/gather/ask_daemon.hpp"
#include "cli/gather/look.hpp"
#include "cli/show/complain.hpp"
#include "cli/show/show_window.hpp"
#include "cli/show/terminal.hpp"
#include "cli/show/view_json.hpp"
#include "core/text/decimal.hpp"
#include "core/view/daemon_text.hpp"
#include "core/view/metrics.hpp"
#include "core/view/tree.hpp"
#include "core/view/words.hpp"
#include "edge/base/error.hpp"
#include "edge/process/output.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline cli {
namespace {

constexpr unsigned usual_pause = 2, longest_pause = 3600;  // seconds

constexpr const char* explanation =
    "A \"!\" marks a problem. Needs no privileges, but only root sees guests.\n";

struct Words {
  std::vector<std::string> bridges;
  bool json = false;
  bool counters = false;
  bool metrics = false;
  bool check = false;
  std::vector<std::string> watch;  // nothing, or the pause, behind --watch
};

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

bool differs_from_file(const View& view) {
  return std::ranges::any_of(view.links,
                             [](const auto& each) { return !each.second.differences.empty(); });
}

// Where nothing is wrong; of what was not read that is not said.
std::string all_is_well(const Looked& looked, const Common& common, const TreeStyle& style) {
  const std::string config = printable(common.config);
  if (!looked.mistakes.empty())
    return alarming("No link problems found; " + config + " cannot be used, and was not compared.",
                    style);
  const std::string compared = looked.has_file ? "matches " + config : config + " not compared";
  if (!looked.no_guests.empty())
    return "No link problems found; " + compared + ", guests not checked.";
  return reassuring(
      (looked.has_file ? "No problems found; " : "No link problems found; ") + compared + ".",
      style);
}

// What it comes to, for those who do not read trees at this hour.
std::string verdict(const Looked& looked, const View& view, const Common& common,
                    const TreeStyle& style) {
  const auto wrong = all_wrong(view);
  std::string text;
  if (wrong.empty())
    text = all_is_well(looked, common, style) + "\n";
  else
    text = alarming(wrong.size() == 1 ? "1 problem:" : std::to_string(wrong.size()) + " problems:",
                    style) +
           "\n";
  for (const auto& line : wrong) text += "  " + printable(line) + "\n";
  if (differs_from_file(view)) text += "hint: \"vifchain plan\" shows the steps that fix this\n";
  for (const auto& note : notes_on(looked, common)) text += told("note", note);
  return text;
}

void tell_mistakes(const Looked& looked) {
  for (const auto& mistake : looked.mistakes) complain("error", mistake);
}

int exit_code(const Looked& looked) {
  return looked.mistakes.empty() ? 0 : 1;
}

// What is wrong for sure comes before what could not be told.
int checked(const Looked& looked, const View& view) {
  constexpr int wrong = 3, not_known = 1;
  if (!all_wrong(view).empty()) return wrong;
  return looked.has_file && looked.no_guests.empty() && looked.knows_filters ? 0 : not_known;
}

TreeStyle style_for(const Terminal& terminal, bool counters) {
  return {.unicode = terminal.unicode, .colour = terminal.colour, .counters = counters};
}

Looked look_and_ask(const Words& words, const Common& common) {
  Looked looked = look(common, words.counters);
  looked.daemon = ask_daemon();
  return looked;
}

// The trees, then what the daemon says of itself; that is about all bridges.
std::string picture(const Words& words, const Looked& looked, const View& view,
                    const TreeStyle& style) {
  std::string text = tree_text(view, style);
  if (const auto& report = looked.daemon.report; report && words.bridges.empty())
    text += (text.empty() ? "" : "\n") + daemon_text(*report, std::time(nullptr), style);
  return text;
}

int show_once(const Words& words, const Common& common) {
  const Looked looked = look_and_ask(words, common);
  const View view = chosen(looked.view, words.bridges);
  if (words.json) {
    print(json_of(looked, view, common.config, 2) + "\n");
    return words.check ? checked(looked, view) : exit_code(looked);
  }
  tell_mistakes(looked);
  const auto style = style_for(standard_output(), words.counters);
  const auto shown = picture(words, looked, view, style);
  print(shown + (shown.empty() ? "" : "\n") + verdict(looked, view, common, style) +
        window_text(looked.window));
  return words.check ? checked(looked, view) : exit_code(looked);
}

// The verdict first, because what does not fit onto the screen is left out at its end.
std::string screenful(const Words& words, const Common& common, const TreeStyle& style) {
  const Looked looked = look_and_ask(words, common);
  const View view = chosen(looked.view, words.bridges);
  std::string text;
  for (const auto& mistake : looked.mistakes)
    text += alarming("error: " + printable(mistake), style) + "\n";
  return text + verdict(looked, view, common, style) + window_text(looked.window) + "\n" +
         picture(words, looked, view, style);
}

// Every line, and what is below the last, is wiped as it is written over: nothing flickers. What
// is wider than the screen is cut off meanwhile (DECAWM), so that a line is a row.
void show_in_place(const std::string& text, const Terminal& terminal) {
  const unsigned rows = terminal.rows.value_or(24);
  std::string screen = "\033[?7l\033[H";
  unsigned row = 1;
  for (std::size_t at = 0, end; at < text.size(); at = end + 1, ++row) {
    end = std::min(text.find('\n', at), text.size());
    if (row == rows) {
      screen += std::string(terminal.unicode ? "…" : "...") + "\033[K";
      break;
    }
    screen += text.substr(at, end - at) + "\033[K\n";
  }
  print(screen + "\033[J\033[?7h");
}

// A link that comes or goes just now, or a restart of xenstored, is no reason to stop looking.
std::string screenful_or_error(const Words& words, const Common& common, const TreeStyle& style) {
  try {
    return screenful(words, common, style);
  } catch (const Error& error) {
    return alarming("error: " + printable(error.what()), style) + "\n";
  }
}

void show_again(const Words& words, const Common& common) {
  if (words.json) {
    const Looked looked = look_and_ask(words, common);
    return print(json_of(looked, chosen(looked.view, words.bridges), common.config, -1) + "\n");
  }
  const Terminal terminal = standard_output();
  const auto text = screenful_or_error(words, common, style_for(terminal, words.counters));
  if (terminal.is_one)
    show_in_place(text, terminal);
  else
    print(text + "\n");
}

unsigned pause_of(const Words& words) {
  if (words.watch.empty() || words.watch.front().empty()) return usual_pause;
  const auto& text = words.watch.front();
  const auto seconds = decimal(text);
  if (!seconds || *seconds == 0 || *seconds > longest_pause)
    throw Refusal("invalid --watch \"" + text + "\": expected 1 to " +
                  std::to_string(longest_pause) + " seconds, and BRIDGEs before it");
  return *seconds;
}

[[noreturn]] void watch(const Words& words, const Common& common) {
  const unsigned pause = pause_of(words);
  if (!words.json && standard_output().is_one) print("\033[2J");
  for (;;) {
    show_again(words, common);
    if (is_output_lost()) throw Refusal("standard output was closed");
    ::sleep(pause);
  }
}

// A daemon that does not answer is not up. Where only root can tell, nothing is said.
int show_metrics() {
  const auto daemon = ask_daemon();
  if (daemon.may_not_ask) throw Refusal(daemon.unknown);
  if (!daemon.unknown.empty()) complain("warning", daemon.unknown);
  print(metrics_text(daemon.report, std::time(nullptr)));
  return 0;
}

}  // namespace

Run declare_status(CLI::App& app, const Common& common) {
  const auto words = std::make_shared<Words>();
  app.add_option("BRIDGE", words->bridges, "Show these bridges only");
  app.add_flag("--json", words->json, "Print JSON (vifchain-json(7))");
  auto* checks =
      app.add_flag("--check", words->check, "Exit 3 if there are problems, 1 if that is unknown");
  app.add_flag("--counters", words->counters, "Show the traffic counters of each link");
  auto* watches = app.add_option("--watch", words->watch, "Refresh every SECONDS (default: 2)")
                      ->expected(0, 1)
                      ->type_name("[SECONDS]");
  auto* metrics =
      app.add_flag("--metrics", words->metrics, "Print the counters of vifchaind for Prometheus");
  for (const auto* other : {"BRIDGE", "--json", "--counters", "--watch"})
    metrics->excludes(app.get_option(other));
  checks->excludes(watches)->excludes(metrics);
  app.footer(explanation);
  return [words, watches, &common] {
    if (words->metrics) return show_metrics();
    if (watches->count() > 0) watch(*words, common);
    return show_once(*words, common);
  };
}

}  // namespace vifchain::inline cli

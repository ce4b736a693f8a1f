// SPDX-License-Identifier: Apache-2.0
#include "cli/why.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/show/show_why.hpp"
#include "cli/show/terminal.hpp"
#include "core/text/nearest.hpp"
#include "core/view/words.hpp"
#include "edge/base/error.hpp"
#include "flow/host/changes.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/env.hpp"

namespace vifchain::inline cli {
namespace {

constexpr const char* explanation =
    "Shows the recorded runs that concern LINK, newest last; then its owner, what the file says of "
    "it\n"
    "and its conflicts. Needs no privileges, but only root may read the recorded runs.\n";

struct Words {
  std::string link;
  bool json = false;
  std::size_t count = 10;
};

// A change that nobody has confirmed yet.
std::string what_waits(const Places& places) {
  std::error_code not_known;
  const bool there = std::filesystem::exists(places.rollback, not_known);
  if (not_known)
    return "whether a change is pending confirmation is not known (" + places.rollback + ": " +
           not_known.message() + "); hint: run as root";
  if (!there || !is_change_open(places)) return {};
  const std::string waits = "a change is pending confirmation";
  try {
    const auto way = open_change(places);
    if (!way) return {};
    return "a change " + opened_in_words(*way) + ": " + state_in_words(*way, is_watched(places));
  } catch (const std::runtime_error& error) {
    return waits + ": " + error.what();
  }
}

std::vector<std::string> names_of(const LinkNow& now, const std::string& asked) {
  std::vector<std::string> names = now.other_names;
  names.push_back(now.name);
  if (asked != now.name) names.push_back(asked);
  return names;
}

[[noreturn]] void refuse_unknown(const std::string& link, const LinkNow& now,
                                 const RecordedRuns& kept, const Common& common) {
  std::vector<std::string_view> known(now.known.begin(), now.known.end());
  for (const auto& run : kept.runs) known.insert(known.end(), run.links.begin(), run.links.end());
  const std::string near = nearest(link, known);
  throw Refusal("unknown link \"" + link + "\" (not on this host, in " + common.config +
                ", or in " +
                (kept.unreadable.empty() ? "the recorded runs"
                                         : "a run that may be read: " + kept.unreadable) +
                ")" + (near.empty() ? "; hint: ip link" : "; did you mean \"" + near + "\"?"));
}

int why(const Words& words, const Common& common) {
  const Places places{.config = common.config};
  Why told{.now = look_at_link(words.link, common), .kept = recorded_runs(places.runs)};
  auto runs = runs_about(told.kept.runs, names_of(told.now, words.link), words.count);
  const bool named = std::ranges::any_of(runs, [](const auto& run) { return !run.links.empty(); });
  if (!told.now.is_known() && !named) refuse_unknown(words.link, told.now, told.kept, common);
  told.kept.runs = std::move(runs);
  told.waiting = what_waits(places);
  const auto text = words.json ? why_json(told) + "\n" : why_text(told, standard_output().colour);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace

Run declare_why(CLI::App& app, const Common& common) {
  const auto words = std::make_shared<Words>();
  app.add_option("LINK", words->link, "A NIC, bond, VLAN link, bridge or vif, by any of its names")
      ->required();
  app.add_option("-n", words->count, "Show at most COUNT runs (default: 10)")
      ->type_name("COUNT")
      ->check(CLI::Range(1, 100000));
  app.add_flag("--json", words->json, "Print JSON (vifchain-json(7))");
  app.footer(explanation);
  return [words, &common] { return why(*words, common); };
}

}  // namespace vifchain::inline cli

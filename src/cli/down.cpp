// SPDX-License-Identifier: Apache-2.0
#include "cli/down.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <set>

#include "cli/change.hpp"
#include "cli/show/complain.hpp"
#include "core/text/list.hpp"
#include "edge/base/error.hpp"
#include "edge/parse/toml.hpp"
#include "edge/state/chain_requests.hpp"
#include "flow/host/boot.hpp"
#include "flow/host/down.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/recorder.hpp"

namespace vifchain::inline cli {
namespace {

constexpr const char* explanation =
    "Deletes links that vifchain made, from the top down. Links that another chain or a guest "
    "uses\n"
    "are kept; with --force guests lose their bridge. This host's addresses move back to the "
    "NICs.\n";

struct Words {
  std::vector<std::string> bridges;
  bool all = false, force = false;
};

// Bridges that may be down already: those of the file, if it can be read, and those that were taken
// down before.
std::set<std::string> known_bridges(const Env& env) {
  std::set<std::string> known;
  for (const auto& [name, request] : chain_requests(env.places.locks)) known.insert(name.str());
  try {
    const auto read = load_topology(env.places.config);
    if (const auto* topology = std::get_if<Topology>(&read))
      for (const auto& name : bridge_names(*topology)) known.insert(name);
  } catch (const Error&) {
    return known;
  }
  return known;
}

// What could go has gone.
int tell_what_stays(Env& env, const std::vector<std::string>& sentences, const Words& words) {
  std::string all;
  for (const auto& sentence : sentences) all += (all.empty() ? "" : "; ") + sentence;
  all += "; hint: vifchain down --force";
  for (const auto& bridge : words.bridges) all += " " + bridge;
  if (words.all) all += " --all";
  env.recorder->ended(Ending::refused, all);
  complain("error", all);
  return 1;
}

int down(const Words& words, const Common& common) {
  if (words.all != words.bridges.empty())
    throw Refusal(words.all ? "--all takes no BRIDGE" : "name a BRIDGE or use --all");
  return change_host("down", common, [&](Env& env, const ChangeLock&) {
    const auto desired = words.all ? nothing_of_ours(words.force)
                                   : without_chains(words.bridges, words.force, known_bridges(env));
    if (words.all) forget_waiting(env);
    const auto done = apply(env, desired, talkative(true));
    if (words.all) env.filter.drop_unused();
    if (const auto staying = what_stays(done, words.bridges); !staying.empty())
      return tell_what_stays(env, staying, words);
    print_done(done, words.all
                         ? "vifchain's links are deleted."
                         : listed(words.bridges) +
                               (words.bridges.size() == 1 ? " is deleted." : " are deleted."));
    return 0;
  });
}

}  // namespace

Run declare_down(CLI::App& app, const Common& common) {
  const auto words = std::make_shared<Words>();
  app.add_option("BRIDGE", words->bridges, "Bridges whose chains to delete");
  app.add_flag("--all", words->all, "Delete everything vifchain made");
  app.add_flag("--force", words->force, "Also delete bridges in use by guests");
  app.footer(explanation);
  return [words, &common] { return down(*words, common); };
}

}  // namespace vifchain::inline cli

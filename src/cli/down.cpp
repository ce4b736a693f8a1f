#include "cli/down.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/change.hpp"
#include "core/words.hpp"
#include "flow/boot.hpp"
#include "flow/down.hpp"
#include "flow/reach.hpp"

namespace vifchain {
namespace {

constexpr const char* explanation =
    "Takes away what vifchain made, upper links first. What another chain stands on or a guest\n"
    "uses stays; with --force guests are left without their bridge. This host's own addresses\n"
    "go back to the NICs.\n";

struct Words {
  std::vector<std::string> bridges;
  bool all = false, force = false;
};

int down(const Words& words, const Common& common) {
  if (words.all != words.bridges.empty())
    throw Refusal("wanted bridges, or --all: found " + std::string(words.all ? "both" : "neither") +
                  ": see vifchain down --help");
  return change_host("down", common, [&](Site& site, const ChangeLock&) {
    const auto wish =
        words.all ? nothing_of_ours(words.force) : without_chains(words.bridges, words.force);
    if (words.all) forget_waiting(site);
    const auto done = apply(site, {}, wish, talkative(true));
    if (words.all) site.filter.drop_unused();
    print_done(done, words.all ? "vifchain's links are gone."
                               : listed(words.bridges) +
                                     (words.bridges.size() == 1 ? " is gone." : " are gone."));
    return 0;
  });
}

}  // namespace

Run declare_down(CLI::App& app, const Common& common) {
  const auto words = std::make_shared<Words>();
  app.add_option("BRIDGE", words->bridges, "The bridges whose chains are to go");
  app.add_flag("--all", words->all, "All that vifchain made");
  app.add_flag("--force", words->force, "Even what guests use");
  app.footer(explanation);
  return [words, &common] { return down(*words, common); };
}

}  // namespace vifchain

#include "cli/apply.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/apply_at_boot.hpp"
#include "cli/change.hpp"
#include "cli/read_config.hpp"
#include "flow/boot.hpp"
#include "flow/confirm.hpp"

namespace vifchain {
namespace {

constexpr const char* explanation =
    "With --confirm everything is put back unless \"vifchain confirm\" comes in time, whatever\n"
    "becomes of this terminal: for changes to the link that you came by.\n"
    "With --boot, where something is missing or in the way, its chain is left out, and named; it\n"
    "exits with 3 then.\n";

struct Words {
  unsigned confirm = 0;  // seconds; 0: needs no confirmation
  bool allow_disrupt = false;
  bool adopt = false;
  bool boot = false;
  unsigned wait = 10;  // seconds, at boot
};

void promise(const Words& words) {
  std::printf("Say \"vifchain confirm\" within %u s, or everything is put back.\n", words.confirm);
}

int apply_file(const Words& words, const Common& common) {
  const Topology topology = read_config(common);
  return change_host("apply", common, [&](Site& site) {
    ApplyOptions options = talkative(words.allow_disrupt, topology.accepted);
    if (words.adopt) options.others = Others::are_adopted;
    bool way_back = false;
    if (words.confirm > 0)
      options.before_changes = [&, print = options.before_changes](const HostPlan& plan) {
        leave_way_back(site.places, plan, std::chrono::seconds(words.confirm));
        way_back = true;
        print(plan);
      };
    HostPlan done;
    try {
      done = apply(site, topology.hosting, file_wish(site, topology, {}), options);
    } catch (...) {
      if (way_back) forget_way_back(site.places);
      throw;
    }
    forget_waiting(site);
    print_done(done, "the host is as " + common.config + " says.");
    if (way_back)
      promise(words);
    else
      remember_applied(site.places);
    return 0;
  });
}

}  // namespace

Run declare_apply(CLI::App& app, const Common& common) {
  const auto words = std::make_shared<Words>();
  app.add_option("--confirm", words->confirm, "Put everything back unless confirmed in time")
      ->type_name("SECONDS")
      ->check(CLI::Range(5, 3600));
  app.add_flag("--allow-disrupt", words->allow_disrupt, "Even what guests would notice");
  app.add_flag("--adopt", words->adopt,
               "Links that stand as the file wants them are vifchain's from now on");
  auto* boot = app.add_flag("--boot", words->boot, "What can stand, does; how the host boots")
                   ->excludes("--confirm")
                   ->excludes("--allow-disrupt")
                   ->excludes("--adopt");
  app.add_option("--wait", words->wait, "With --boot: how long to wait for NICs that are missing")
      ->type_name("SECONDS")
      ->check(CLI::Range(0, 300))
      ->needs(boot);
  app.footer(explanation);
  return [words, &common] {
    if (words->boot) return apply_at_boot(std::chrono::seconds(words->wait), common);
    return apply_file(*words, common);
  };
}

}  // namespace vifchain

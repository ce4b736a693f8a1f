#include "cli/apply.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/change.hpp"
#include "cli/read_config.hpp"
#include "flow/confirm.hpp"

namespace vifchain {
namespace {

constexpr const char* explanation =
    "With --confirm everything is put back unless \"vifchain confirm\" comes in time, whatever\n"
    "becomes of this terminal: for changes to the link that you came by.\n";

struct Words {
  unsigned confirm = 0;  // seconds; 0: needs no confirmation
  bool allow_disrupt = false;
};

void promise(const Words& words) {
  std::printf("Say \"vifchain confirm\" within %u s, or everything is put back.\n", words.confirm);
}

int apply_file(const Words& words, const Common& common) {
  const Topology topology = read_config(common);
  return change_host("apply", common, [&](Site& site) {
    ApplyOptions options = talkative(words.allow_disrupt);
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
  app.footer(explanation);
  return [words, &common] { return apply_file(*words, common); };
}

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
#include "cli/apply.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/apply_at_boot.hpp"
#include "cli/change.hpp"
#include "cli/read_config.hpp"
#include "cli/show/complain.hpp"
#include "flow/host/boot.hpp"
#include "flow/host/checkpoint.hpp"
#include "flow/host/emptying.hpp"

namespace vifchain::inline cli {
namespace {

constexpr const char* explanation =
    "With --confirm the change is rolled back unless \"vifchain confirm\" follows in time, even "
    "if\n"
    "this terminal is lost. With --boot, chains that are impossible are skipped and named; the "
    "exit\n"
    "status is 3 then.\n";

struct Words {
  unsigned confirm = 0;  // seconds; 0: needs no confirmation
  unsigned limit = 300;  // seconds that the change may take then
  bool allow_disrupt = false;
  bool allow_empty = false;
  bool adopt = false;
  bool boot = false;
  unsigned wait = 10;  // seconds, at boot

  [[nodiscard]] Checkpoint::Terms terms() const {
    return {std::chrono::seconds(confirm), std::chrono::seconds(limit)};
  }
};

void promise(unsigned seconds) {
  std::printf(
      "Run \"vifchain confirm\" within %u s to keep this change; otherwise it is rolled back.\n",
      seconds);
}

// Steps are shown and looked ahead at before anybody is to watch over them.
ApplyOptions options_for(const Words& words, const DesiredHost& desired, const Common& common,
                         Checkpoint& checkpoint) {
  ApplyOptions options = talkative(words.allow_disrupt, desired.policies->accepted);
  if (words.adopt) options.others = Others::are_adopted;
  options.before_changes = [&, first = options.before_changes](const HostPlan& plan) {
    if (!words.allow_empty) refuse_emptying(plan, common.config);
    first(plan);
    checkpoint.before(plan);
  };
  return options;
}

HostPlan apply_or_undo(Env& env, const DesiredHost& desired, const Words& words,
                       const Common& common, Checkpoint& checkpoint) {
  try {
    return apply(env, desired, options_for(words, desired, common, checkpoint));
  } catch (const std::exception&) {
    if (const auto trouble = checkpoint.failed(); !trouble.empty()) complain("warning", trouble);
    throw;
  }
}

int apply_file(const Words& words, const Common& common) {
  return change_host("apply", common, [&](Env& env, const ChangeLock& lock) {
    const auto read = read_config_and_text(common);  // now: another change may have put it back
    DesiredHost desired = desired_by_file(env, read.topology, {});
    desired.file = applied_file(env.places, common.config, read.file);
    Checkpoint checkpoint(env, lock, desired, words.terms());
    const HostPlan done = apply_or_undo(env, desired, words, common, checkpoint);
    forget_waiting(env);
    const bool left_out = print_left_out(done, env.log);
    print_done(done,
               (left_out ? "everything else matches " : "the host matches ") + common.config + ".");
    const auto seconds = checkpoint.done();
    if (seconds) promise(*seconds);
    return left_out ? 1 : 0;
  });
}

}  // namespace

Run declare_apply(CLI::App& app, const Common& common) {
  const auto words = std::make_shared<Words>();
  app.add_option("--confirm", words->confirm, "Roll back unless confirmed within SECONDS")
      ->type_name("SECONDS")
      ->check(CLI::Range(5, 3600));
  app.add_option("--limit", words->limit)->group("");  // for tests
  app.add_flag("--allow-disrupt", words->allow_disrupt, "Allow steps that interrupt guests");
  app.add_flag("--allow-empty", words->allow_empty,
               "Allow a file that removes all chains, the link of the default route, or the last "
               "NIC below an address");
  app.add_flag("--adopt", words->adopt, "Take over foreign links that match the file");
  auto* boot =
      app.add_flag("--boot", words->boot, "Apply what is possible, skip the rest (used at boot)")
          ->excludes("--confirm")
          ->excludes("--allow-disrupt")
          ->excludes("--allow-empty")
          ->excludes("--adopt");
  app.add_option("--wait", words->wait, "With --boot: wait SECONDS for missing NICs (default: 10)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0, 300))
      ->needs(boot);
  app.footer(explanation);
  return [words, &common] {
    if (words->boot) return apply_at_boot(std::chrono::seconds(words->wait), common);
    return apply_file(*words, common);
  };
}

}  // namespace vifchain::inline cli

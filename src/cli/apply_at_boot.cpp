// SPDX-License-Identifier: Apache-2.0
#include "cli/apply_at_boot.hpp"

#include <cstdio>
#include <filesystem>

#include "cli/change.hpp"
#include "cli/read_config.hpp"
#include "cli/show/complain.hpp"
#include "core/text/printable.hpp"
#include "flow/host/boot.hpp"
#include "flow/host/checkpoint.hpp"
#include "flow/host/emptying.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/recorder.hpp"

namespace vifchain::inline cli {
namespace {

constexpr int something_left_out = 3;

void print(const char* level, const std::string& problem) {
  std::fputs(told(level, problem).c_str(), stdout);
}

int leave_unconfirmed(Env& env, const Common& common) {
  const std::string text =
      common.config + " was applied and never confirmed: skipped at boot; hint: vifchain apply";
  env.recorder->ended(Ending::refused, text);
  env.log.warning(text);
  print("warning", text);
  return something_left_out;
}

// Nobody is there who could mean it: what stands is left, and `kept` says so.
HostPlan apply_and_keep(Env& env, const Topology& topology, const Common& common,
                        std::string& kept) {
  ApplyOptions options;
  options.before_changes = [&](const HostPlan& plan) { refuse_emptying(plan, common.config); };
  try {
    return apply_what_can(env, topology, options);
  } catch (const Emptying& refused) {
    kept = std::string("existing chains are kept: ") + refused.what();
    options.takes_away = false;
    options.before_changes = {};
    return apply_what_can(env, topology, options);
  }
}

int apply_now(Env& env, const ConfigRead& config, const Common& common) {
  std::string kept;
  const HostPlan done = apply_and_keep(env, config.topology, common, kept);
  if (!kept.empty()) {
    env.log.warning(kept);
    print("warning", kept);
  }
  for (const auto& note : done.notes) print("note", note);
  const bool left_out = print_left_out(done, env.log);
  remember_files(env.places,
                 {{std::filesystem::absolute(common.config).string(), config.file, {}}});
  const bool whole = !left_out && kept.empty();
  std::printf("%s: %s matches %s.\n", done_in_words(done).c_str(),
              whole ? "the host" : "everything else", printable(common.config).c_str());
  return whole ? 0 : something_left_out;
}

// False when it could not be put back; then nothing else is done.
bool go_back_first(Env& env) {
  const ChangeLock lock = take_turn(env, Hold::exclusive);
  try {
    if (end_forgotten_change_at_boot(env, lock))
      std::printf("The last apply was not confirmed: rolled back.\n");
    return true;
  } catch (const Refusal& refusal) {
    const std::string text =
        std::string("the last apply was not confirmed and cannot be rolled back: ") +
        refusal.what();
    env.log.err(text);
    print("error", text);
    return false;
  }
}

}  // namespace

int apply_at_boot(std::chrono::seconds wait, const Common& common) {
  return with_host("apply", common, [&](Env& env) {
    if (!go_back_first(env)) return something_left_out;
    if (is_unconfirmed(env.places)) return leave_unconfirmed(env, common);
    const ConfigRead config = read_config_and_text(common);
    wait_for_nics(env, config.topology, wait);
    const ChangeLock lock = take_turn(env, Hold::exclusive);
    return apply_now(env, config, common);
  });
}

}  // namespace vifchain::inline cli

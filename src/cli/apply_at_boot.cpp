// SPDX-License-Identifier: Apache-2.0
#include "cli/apply_at_boot.hpp"

#include <cstdio>
#include <filesystem>

#include "cli/change.hpp"
#include "cli/read_config.hpp"
#include "cli/show/show_plan.hpp"
#include "core/text/printable.hpp"
#include "flow/host/boot.hpp"
#include "flow/host/checkpoint.hpp"
#include "flow/host/emptying.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/recorder.hpp"

namespace vifchain::inline cli {
namespace {

constexpr int something_left_out = 3;

int leave_unconfirmed(Env& env, const Common& common) {
  const std::string text = common.config +
                           " was applied once and never confirmed: it is left alone; look at it, "
                           "and say vifchain apply";
  env.recorder->ended(Ending::refused, text);
  env.log.warning(text);
  std::printf("%s\n", printable(text).c_str());
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
    kept = std::string(refused.what()) + "; until then what stands is left as it is";
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
    std::printf("%s\n", printable(kept).c_str());
  }
  for (const auto& note : done.notes) std::printf("(%s)\n", printable(note).c_str());
  const bool left_out = print_left_out(done, env.log);
  remember_files(env.places,
                 {{std::filesystem::absolute(common.config).string(), config.file, {}}});
  std::printf("%s: %s %s says.\n", steps_in_words(done).c_str(),
              left_out || !kept.empty() ? "the rest of the host is as" : "the host is as",
              printable(common.config).c_str());
  return left_out || !kept.empty() ? something_left_out : 0;
}

// False when it could not be put back; then nothing else is done.
bool go_back_first(Env& env) {
  const ChangeLock lock = take_turn(env, Hold::exclusive);
  try {
    if (end_forgotten_change_at_boot(env, lock))
      std::printf("What was applied last was never confirmed: it is put back.\n");
    return true;
  } catch (const Refusal& refusal) {
    const std::string text =
        std::string("what was applied last was never confirmed, and cannot be put back: ") +
        refusal.what();
    env.log.err(text);
    std::printf("%s\n", printable(text).c_str());
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

// SPDX-License-Identifier: Apache-2.0
#include "cli/rollback.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/change.hpp"
#include "core/text/problem.hpp"
#include "core/view/words.hpp"
#include "edge/base/error.hpp"
#include "flow/host/checkpoint.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/recorder.hpp"

namespace vifchain::inline cli {
namespace {

constexpr const char* explanation =
    "Rolls back the change that is pending confirmation, or else the last successful apply, with "
    "its\n"
    "file. Steps that interrupt guests are refused without --allow-disrupt.\n";

struct Words {
  bool allow_disrupt = false;
  bool give_up = false;
};

constexpr useconds_t moment = 100000;

// What fails meanwhile is said once.
void wait_until_back(const Places& places) {
  std::int64_t said = 0;
  while (is_change_open(places)) {
    watch_if_forgotten(places);
    const auto way = open_change(places);
    if (way && way->tries > said) {
      std::printf("Rollback failed, retrying: %s\n", printable(way->trouble).c_str());
      std::fflush(stdout);
      said = way->tries;
    }
    ::usleep(moment);
  }
}

// What is said of the end is read from the kernel.
int put_back_now(Env& env, const RollbackRecord& way) {
  std::puts("Rolling back; this continues if the terminal is lost.");
  std::fflush(stdout);
  wait_until_back(env.places);
  if (!is_as_before(env, way))
    throw Refusal(problem(
        "the host is not as it was before the change: the rollback was given up, or the host was "
        "changed since",
        "vifchain plan"));
  std::puts("Rolled back: the host is as it was before the change.");
  return 0;
}

int undo_last(Env& env, const Words& words) {
  const auto way = last_applied(env.places);
  if (!way)
    throw Refusal(problem("the state before the last apply is not recorded",
                          "change /etc/xen/vifchain.toml, "
                          "then vifchain apply"));
  const HostPlan done = put_links_back(env, *way, talkative(words.allow_disrupt));
  const bool left_out = print_left_out(done, env.log);
  put_files_back(*way, env.places, env.log);
  forget_last_applied(env.places, *way);
  for (const auto& file : way->files)
    std::printf(file.before ? "Restored %s as it was applied before.\n"
                            : "%s is kept, but not applied at boot: none was applied before "
                              "it.\n",
                printable(file.path).c_str());
  print_done(done, "the host is as it was before the last apply.");
  return left_out ? 1 : 0;
}

int rollback(const Words& words, const Common& common) {
  const Places places{.config = common.config};
  if (is_change_open(places))
    return with_host("rollback", common, [&](Env& env) {
      const auto way = open_change(places);
      ask_to_go_back(places);
      return put_back_now(env, way.value());
    });
  return change_host("rollback", common,
                     [&](Env& env, const ChangeLock&) { return undo_last(env, words); });
}

// It ends when what is tried just now has ended.
int give_up_now(const Common& common) {
  const Places places{.config = common.config};
  give_up(places);
  std::puts("Rollback given up: the host stays as it is now.");
  std::fflush(stdout);
  while (is_watched(places) && !is_change_open(places)) ::usleep(moment);
  return 0;
}

}  // namespace

Run declare_rollback(CLI::App& app, const Common& common) {
  const auto words = std::make_shared<Words>();
  auto* give_up = app.add_flag("--give-up", words->give_up,
                               "Stop retrying a rollback that fails, and keep the host as it is");
  app.add_flag("--allow-disrupt", words->allow_disrupt, "Allow steps that interrupt guests")
      ->excludes(give_up);
  app.footer(explanation);
  return [words, &common] {
    must_be_root();
    return words->give_up ? give_up_now(common) : rollback(*words, common);
  };
}

}  // namespace vifchain::inline cli

// SPDX-License-Identifier: Apache-2.0
#include "cli/confirm.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/change.hpp"
#include "edge/process/this_process.hpp"
#include "flow/host/checkpoint.hpp"
#include "flow/run/recorder.hpp"

namespace vifchain::inline cli {
namespace {

// How the process that watches over a change is called.
struct Words {
  unsigned window = 0;
  bool has_lock = false;
  pid_t changer = 0;
  unsigned limit = 0;
};

int watch(const Words& words, const Common& common) {
  WatcherCall call{.has_lock = words.has_lock, .limit = std::chrono::seconds(words.limit)};
  if (words.changer > 0) call.changer = words.changer;
  return watch_over_change({.config = common.config}, call);
}

int confirm_now(const Common& common) {
  const Places places{.config = common.config};
  Log log("vifchain confirm", {.ident = "vifchain"});
  Recorder recorder(log, places.runs, command_line());
  recording(recorder, [&] { confirm(places); });
  recorder.ended(Ending::done, "the change is kept");
  std::puts("Confirmed: the change is kept.");
  wait_until_remembered(places);
  return 0;
}

}  // namespace

Run declare_confirm(CLI::App& app, const Common& common) {
  const auto words = std::make_shared<Words>();
  app.add_option("--or-go-back", words->window)->group("");
  app.add_flag("--has-lock", words->has_lock)->group("");
  app.add_option("--changer", words->changer)->group("");
  app.add_option("--limit", words->limit)->group("");
  return [words, &common] {
    must_be_root();
    return words->window > 0 ? watch(*words, common) : confirm_now(common);
  };
}

}  // namespace vifchain::inline cli

#include "cli/confirm.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/change.hpp"
#include "edge/process/this_process.hpp"
#include "flow/confirm.hpp"
#include "flow/reach.hpp"
#include "flow/recorder.hpp"

namespace vifchain {
namespace {

void confirm_or_refuse(const Common& common) {
  if (confirm({.config = common.config})) return;
  throw Refusal(
      "wanted a change that waits to be confirmed: found none: either it was put "
      "back already, as the log says, or apply was called without --confirm");
}

}  // namespace

Run declare_confirm(CLI::App& app, const Common& common) {
  const auto window = std::make_shared<unsigned>(0);
  app.add_option("--or-go-back", *window)->group("");  // how the process that waits is called
  app.footer("After \"vifchain apply --confirm\": what was applied stays.\n");
  return [window, &common] {
    must_be_root();
    if (*window > 0)
      return go_back_unless_confirmed({.config = common.config}, std::chrono::seconds(*window));
    Log log("vifchain confirm", {.ident = "vifchain"});
    Recorder recorder(log, Places{}.runs, command_line());
    recording(recorder, [&] { confirm_or_refuse(common); });
    recorder.ended(Ending::done, "what was applied stays");
    std::puts("Confirmed: what was applied stays.");
    return 0;
  };
}

}  // namespace vifchain

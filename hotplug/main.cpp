// SPDX-License-Identifier: Apache-2.0
// vif-chain: libxl runs it once for every event of a vif.
#include <array>
#include <cstdio>
#include <cstdlib>

#include "edge/base/log.hpp"
#include "edge/process/deadline.hpp"
#include "edge/process/leave_behind.hpp"
#include "flow/chain/teardown.hpp"
#include "flow/host/host_doors.hpp"
#include "flow/host/watcher.hpp"
#include "flow/run/recorder.hpp"
#include "flow/vif/handle.hpp"

namespace vifchain::inline hotplug {
namespace {

// libxl kills a script after 40 s; what was done has been undone, and the reason written, within
// the 4 s that follow these.
constexpr std::chrono::seconds time_to_answer{26};

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return value;
}

int exit_code(Log& log, const VifEvent& event, const Outcome& outcome) {
  if (const auto* connected = std::get_if<Connected>(&outcome))
    log.debug("Successful vif-chain online for " + connected->link + ", bridge " +
              connected->bridge + ", mtu " + std::to_string(connected->mtu) + ".");
  if (std::holds_alternative<Released>(outcome))
    log.debug("Successful vif-chain offline for " + event.vif.str() + ".");
  return std::holds_alternative<Refused>(outcome) ? 1 : 0;
}

// The program and its words, for the record.
std::string call_of(const VifEvent& event) {
  constexpr std::array actions{"online", "offline", "add", "remove"};
  return std::string("vif-chain ") + actions.at(static_cast<std::size_t>(event.action)) + " " +
         event.key();
}

Outcome answer(Log& log, const VifEvent& event) {
  Recorder recorder(log, Places{}.runs, call_of(event));
  recorder.concerns(event.key());
  return recording(recorder, [&] {
    Deadline deadline(time_to_answer);
    const HostDoors doors(deadline, &recorder);
    Env env = doors.env(deadline, log);
    env.watch_links = watch_links;
    Outcome outcome = handle(env, event);
    if (const auto* connected = std::get_if<Connected>(&outcome))
      recorder.done(connected->link + " is on " + connected->bridge);
    return outcome;
  });
}

void take_down(const LinkName& bridge) {
  Log log("vif-chain");
  try {
    Recorder recorder(log, Places{}.runs,
                      "vif-chain, as the last vif of " + bridge.str() + " has left");
    recorder.concerns(bridge);
    recording(recorder, [&] {
      Deadline deadline(time_to_answer);
      const HostDoors doors(deadline, &recorder);
      Env env = doors.env(deadline, log);
      take_down_unused(env, bridge);
    });
  } catch (const std::exception& error) {
    log.err("taking down " + bridge.str() + ": " + error.what());
  }
}

int serve(Log& log, const VifEvent& event) {
  const Outcome outcome = answer(log, event);
  watch_if_forgotten({});
  if (const auto* released = std::get_if<Released>(&outcome); released && released->leaving) {
    const LinkName& bridge = released->leaving->bridge;
    leave_one_behind(Places{}.locks + "/lingering/" + bridge.str(),
                     std::chrono::seconds(released->leaving->linger), [&] { take_down(bridge); });
  }
  return exit_code(log, event, outcome);
}

int refuse(Log& log, const BadCall& call) {
  if (!call.backend) {
    log.err(call.reason);
    return 1;
  }
  Recorder recorder(log, Places{}.runs, "vif-chain for " + *call.backend);
  if (const auto vif = environment("vif")) recorder.concerns(*vif);
  recorder.ended(Ending::refused, call.reason);
  Deadline deadline(time_to_answer);
  report_refusal(*open_store(), log, *call.backend, call.reason);
  return 1;
}

// Of people; libxl never says either.
constexpr const char* help =
    "vif-chain online|offline type_if=vif\n"
    "vif-chain add|remove type_if=tap\n"
    "Connects a vif of a Xen guest to its bridge, and creates the chain of that bridge as\n"
    "/etc/xen/vifchain.toml says. Run by libxl, with the vif in its environment: see "
    "vif-chain(8).\n";

bool tells_of_itself(std::string_view word) {
  if (word == "--help" || word == "-h") return std::fputs(help, stdout) >= 0;
  return word == "--version" && std::puts("vif-chain " VIFCHAIN_VERSION) >= 0;
}

int run(const std::vector<std::string_view>& arguments) {
  Log log(environment("script").value_or("vif-chain"));
  try {
    const auto call = read_event(arguments, environment);
    if (const auto* event = std::get_if<VifEvent>(&call)) return serve(log, *event);
    if (const auto* bad = std::get_if<BadCall>(&call)) return refuse(log, *bad);
    return 0;
  } catch (const std::exception& error) {
    log.err(error.what());
    return 1;
  }
}

}  // namespace
}  // namespace vifchain::inline hotplug

int main(int argc, char** argv) {
  if (argc == 2 && vifchain::tells_of_itself(argv[1])) return 0;
  return vifchain::hotplug::run({argv + 1, argv + argc});
}

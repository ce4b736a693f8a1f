// SPDX-License-Identifier: Apache-2.0
#include "cli/up.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/change.hpp"
#include "cli/read_config.hpp"
#include "cli/show/complain.hpp"
#include "core/text/list.hpp"
#include "core/text/problem.hpp"
#include "flow/host/emptying.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline cli {
namespace {

struct Words {
  std::vector<std::string> bridges;
  std::vector<std::string> port;  // of a bridge that the file does not know
  bool if_new = false;            // the port counts only then
  bool allow_disrupt = false;
};

Topology read(const Words& words, const Common& common) {
  if (words.port.empty()) return read_config(common);
  if (words.bridges.size() != 1)
    throw Refusal("--port takes exactly one BRIDGE (" + std::to_string(words.bridges.size()) +
                  " given)");
  if (words.if_new && is_in_file(common, words.bridges.front())) return read_config(common);
  return read_config_and(common, words.bridges.front(), words.port.front());
}

// What the file does not name is a leftover for it.
void tell_of_next_apply(const std::string& bridge, const Common& common) {
  if (is_in_file(common, bridge)) return;
  const std::string note =
      bridge + " is not in " + common.config + ": the next apply deletes it unless it is in use";
  std::fputs(told("note", problem(note, "to keep it, add [bridge." + bridge + "]")).c_str(),
             stdout);
}

ApplyOptions options_for(const Words& words, const Topology& topology) {
  ApplyOptions options = talkative(words.allow_disrupt, topology.accepted);
  options.before_changes = [first = options.before_changes](const HostPlan& plan) {
    refuse_stranding(plan);
    first(plan);
  };
  return options;
}

int up(const Words& words, const Common& common) {
  return change_host("up", common, [&](Env& env, const ChangeLock&) {
    const Topology topology = read(words, common);  // now: another change may have put it back
    const auto bridges = bridges_in(topology, words.bridges, common);
    const auto done =
        apply(env, desired_by_file(env, topology, bridges), options_for(words, topology));
    const bool left_out = print_left_out(done, env.log);
    print_done(done, listed(words.bridges) + (bridges.size() == 1 ? " is up." : " are up."));
    if (!words.port.empty()) tell_of_next_apply(words.bridges.front(), common);
    return left_out ? 1 : 0;
  });
}

}  // namespace

Run declare_up(CLI::App& app, const Common& common) {
  const auto words = std::make_shared<Words>();
  app.add_option("BRIDGE", words->bridges, "Bridges whose chains to create")->required();
  app.add_option("--port", words->port,
                 "Create a BRIDGE that is not in the file with the port LINK (\"\": no port)")
      ->type_name("LINK")
      ->expected(1);
  app.add_flag("--if-new", words->if_new,
               "With --port: create a BRIDGE that is in the file as the file says")
      ->needs("--port");
  app.add_flag("--allow-disrupt", words->allow_disrupt, "Allow steps that interrupt guests");
  return [words, &common] { return up(*words, common); };
}

}  // namespace vifchain::inline cli

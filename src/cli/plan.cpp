// SPDX-License-Identifier: Apache-2.0
#include "cli/plan.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/read_config.hpp"
#include "cli/show/show_findings.hpp"
#include "cli/show/show_plan.hpp"
#include "cli/show/show_window.hpp"
#include "cli/show/terminal.hpp"
#include "core/text/problem.hpp"
#include "edge/dhcp/dhcp_clients.hpp"
#include "flow/host/emptying.hpp"
#include "flow/host/gather_facts.hpp"
#include "flow/host/host_doors.hpp"

namespace vifchain::inline cli {
namespace {

constexpr std::chrono::seconds time_to_answer{30};

constexpr const char* explanation =
    "Without BRIDGE, plans the whole file. The exit status is 0 if there is nothing to do, 2 if "
    "there is,\n"
    "and 1 if a conflict prevents it.\n";

struct Words {
  std::vector<std::string> bridges;
  bool adopt = false;
  bool json = false;
};

int plan(const Words& words, const Common& common) {
  const Topology topology = words.json ? read_config_for_json(common) : read_config(common);
  const auto bridges = bridges_in(topology, words.bridges, common);
  Log log("vifchain plan", {.ident = "vifchain"});
  Deadline deadline(time_to_answer, {.line = "vifchain: error: hung, aborted\n"});
  const HostDoors doors(deadline);
  Env env = doors.env(deadline, log, {.config = common.config});
  const auto clients = open_dhcp_clients(deadline);
  env.dhcp = clients.get();
  HostPlan result = plan_host(env, desired_by_file(env, topology, bridges),
                              words.adopt ? Others::are_adopted : Others::stay);
  if (const auto [lost, hint] = parts_of(lost_by(result)); !lost.empty())
    result.notes.push_back(
        problem("apply refuses to delete " + lost + " without --allow-empty", hint));
  auto findings = gather_facts(result, {.on_interrupt = [&] { deadline.check(); }});
  leave_out_accepted(findings, topology.accepted);
  const bool colour = standard_output().colour;
  const auto text =
      words.json
          ? plan_json(result, common.config, findings, window_now(*doors.kernel, env.places)) + "\n"
          : findings_text(findings, Weight::warning, colour) + plan_text(result, colour) +
                window_text(window_now(*doors.kernel, env.places));
  std::fputs(text.c_str(), stdout);
  if (!result.plan.conflicts.empty() || !obstacles_in_words(findings).empty()) return 1;
  return result.nothing_to_do() ? 0 : 2;
}

}  // namespace

Run declare_plan(CLI::App& app, const Common& common) {
  const auto words = std::make_shared<Words>();
  app.add_option("BRIDGE", words->bridges, "Plan the chains of these bridges only");
  app.add_flag("--adopt", words->adopt, "Plan as apply --adopt would");
  app.add_flag("--json", words->json, "Print JSON (vifchain-json(7))");
  app.footer(explanation);
  return [words, &common] { return plan(*words, common); };
}

}  // namespace vifchain::inline cli

// SPDX-License-Identifier: Apache-2.0
#include "cli/check.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/check_guests.hpp"
#include "cli/check_on.hpp"
#include "cli/read_config.hpp"
#include "cli/show/complain.hpp"
#include "cli/show/json_text.hpp"
#include "cli/show/show_findings.hpp"
#include "cli/show/terminal.hpp"
#include "core/plan/preflight/policies.hpp"
#include "core/text/printable.hpp"
#include "core/text/problem.hpp"
#include "edge/base/error.hpp"
#include "flow/host/gather_facts.hpp"
#include "flow/host/guest_files.hpp"
#include "flow/host/host_doors.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline cli {
namespace {

std::string number_of(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

template <class Kind>
std::size_t count(const Topology& topology) {
  std::size_t number = 0;
  for (const auto& [name, link] : topology.links)
    if (std::holds_alternative<Kind>(link.kind)) ++number;
  return number;
}

std::string contents(const Topology& topology) {
  std::string text = number_of(count<Bridge>(topology), "bridge");
  if (!topology.templates.empty()) text += ", " + number_of(topology.templates.size(), "template");
  if (count<Vlan>(topology) > 0) text += ", " + number_of(count<Vlan>(topology), "VLAN link");
  if (count<Bond>(topology) > 0) text += ", " + number_of(count<Bond>(topology), "bond");
  return text;
}

bool is_empty(const Topology& topology) {
  return count<Bridge>(topology) == 0 && topology.templates.empty();
}

constexpr std::chrono::seconds time_to_answer{30};

constexpr const char* explanation =
    "Without guests, also checks this host for what apply would run into. Exits with 1 if the "
    "file\n"
    "has errors, the kernel would refuse a step, or a guest would not get its network.\n";

struct Words {
  std::vector<std::string> names;  // FILE; behind --on guests
  bool file_only = false;
  bool json = false;
  std::vector<std::string> guests;
  bool all_guests = false;
  std::string on;
  std::string xen;
  std::string vifs;
};

std::vector<Finding> look_at_host(const Topology& topology, const Common& common) {
  Log log("vifchain check", {.ident = "vifchain"});
  Deadline deadline(time_to_answer, {.line = "vifchain: error: hung, aborted\n"});
  const HostDoors doors(deadline);
  Env env = doors.env(deadline, log, {.config = common.config});
  const auto plan = plan_host(env, desired_by_file(env, topology, {}));
  return gather_facts(plan, {.on_interrupt = [&] { deadline.check(); }});
}

// `unseen`: why this host was not looked at; empty where it was, or was not to be.
void print_json(const std::string& config, const std::vector<Finding>& findings,
                const std::string& unseen) {
  nlohmann::ordered_json json{{"config", config}, {"findings", findings_json(findings)}};
  if (!unseen.empty()) json["host"] = {{"read", false}, {"error", unseen}};
  std::printf("%s\n", json_text(json, 2).c_str());
}

std::vector<Finding> look_at_file_alone(const Topology& topology) {
  Desired desired;
  for (const auto& [name, link] : topology.links) desired.emplace(name, link);
  return look_at_file(desired);
}

void introduce(const Topology& topology, const Words& words, const std::string& config) {
  if (!words.json)
    std::printf("%s is valid: %s.\n", printable(config).c_str(), contents(topology).c_str());
  if (!is_empty(topology)) return;
  const std::string warning =
      config + " declares no bridge: apply refuses to delete all chains without --allow-empty";
  if (words.json) return complain("warning", warning);
  std::fputs(told("warning", warning).c_str(), stdout);
}

int check_file(const Words& words, const Common& common) {
  const Topology topology = words.json ? read_config_for_json(common) : read_config(common);
  introduce(topology, words, common.config);
  std::vector<Finding> findings = look_at_file_alone(topology);
  std::string unseen;
  try {
    if (!words.file_only) findings = look_at_host(topology, common);
  } catch (const Error& error) {
    unseen = error.what();
  }
  for (auto& finding : look_at_policies(topology)) findings.push_back(std::move(finding));
  leave_out_accepted(findings, topology.accepted);
  if (words.json)
    print_json(common.config, findings, unseen);
  else
    std::fputs(findings_text(findings, Weight::note, standard_output().colour).c_str(), stdout);
  if (!unseen.empty())
    complain("error", problem("this host was not checked: " + unseen,
                              "vifchain check --file-only " + common.config));
  return obstacles_in_words(findings).empty() && unseen.empty() ? 0 : 1;
}

int check_guests_of(const Words& words, const Common& common) {
  CheckGuestsOptions options{.files = words.guests, .json = words.json, .xen = words.xen};
  if (words.all_guests)
    for (auto& file : all_guest_files()) options.files.push_back(std::move(file));
  return check_guests(options, common);
}

int check(const Words& words, const Common& common) {
  if (!words.on.empty())
    return check_on(
        {.host = words.on, .guests = words.names, .json = words.json, .xen = words.xen});
  if (words.names.size() > 1)
    throw Refusal(problem("check takes one FILE (" + std::to_string(words.names.size()) + " given)",
                          "vifchain check --domain " + words.names[1]));
  const Common checked{words.names.empty() ? common.config : words.names.front()};
  if (!words.vifs.empty()) return answer_about_vifs(checked);
  if (!words.guests.empty() || words.all_guests) return check_guests_of(words, checked);
  return check_file(words, checked);
}

void declare_guests(CLI::App& app, Words& words) {
  app.add_option("--domain", words.guests, "Check guest configurations of xl or libvirt")
      ->type_name("GUEST.cfg");
  app.add_flag("--all", words.all_guests,
               "Check those in /etc/xen/*.cfg, /etc/xen/auto and /etc/libvirt/libxl");
  app.add_option("--on", words.on, "Ask HOST through ssh about guests, given by name or file")
      ->type_name("HOST");
  app.add_option("--xen", words.xen,
                 "Read guest configurations as xl of RELEASE does (default: this host's)")
      ->type_name("RELEASE");
  app.add_option("--vifs", words.vifs, "Answer another host's --on for the vifs on standard input")
      ->type_name("-")
      ->check(CLI::IsMember({"-"}));
}

}  // namespace

Run declare_check(CLI::App& app, const Common& common) {
  const auto words = std::make_shared<Words>();
  app.add_option("FILE", words->names,
                 "File to check (default: that of --config); with --on, guests")
      ->type_name("");
  app.add_flag("--file-only", words->file_only, "Validate the file only, not this host");
  declare_guests(app, *words);
  app.add_flag("--json", words->json, "Print JSON (vifchain-json(7))");
  app.footer(explanation);
  return [words, &common] { return check(*words, common); };
}

}  // namespace vifchain::inline cli

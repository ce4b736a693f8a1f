#include "cli/check.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/read_config.hpp"
#include "cli/show_findings.hpp"
#include "cli/terminal.hpp"
#include "edge/error.hpp"
#include "flow/host_doors.hpp"
#include "flow/look_ahead.hpp"

namespace vifchain {
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

constexpr std::chrono::seconds time_to_answer{60};

constexpr const char* explanation =
    "Then this host is looked at for what would spoil it, as vifchain(8) lists.\n"
    "Exits with 1 when the file is wrong, or the kernel would refuse what it wants.\n";

struct Words {
  std::string file;
  bool file_only = false;
};

std::vector<Finding> look_at_host(const Topology& topology, const Common& common) {
  Log log("vifchain check", {.ident = "vifchain"});
  Deadline deadline(time_to_answer, {.line = "vifchain: hangs, gives up\n"});
  const HostDoors doors(deadline);
  Site site = doors.site(deadline, log, {.config = common.config});
  const auto plan = plan_host(site, topology.hosting, file_wish(site, topology, {}));
  return look_ahead(plan, {.on_interrupt = [&] { deadline.check(); }});
}

int check(const Words& words, const Common& common) {
  const Common checked{words.file.empty() ? common.config : words.file};
  const Topology topology = read_config(checked);
  std::printf("%s is right: %s.\n", checked.config.c_str(), contents(topology).c_str());
  if (words.file_only) return 0;
  try {
    const auto findings = look_at_host(topology, checked);
    std::fputs(findings_text(findings, Weight::note, standard_output().colour).c_str(), stdout);
    return obstacles_in_words(findings).empty() ? 0 : 1;
  } catch (const Error& error) {
    std::printf("(This host was not looked at: %s)\n", error.what());
    return 0;
  }
}

}  // namespace

Run declare_check(CLI::App& app, const Common& common) {
  const auto words = std::make_shared<Words>();
  app.add_option("FILE", words->file, "The file to check, in the place of --config's");
  app.add_flag("--file-only", words->file_only, "Do not look at this host: the file is another's");
  app.footer(explanation);
  return [words, &common] { return check(*words, common); };
}

}  // namespace vifchain

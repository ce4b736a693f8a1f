// SPDX-License-Identifier: Apache-2.0
#include "cli/change.hpp"

#include <unistd.h>

#include <cstdio>

#include "cli/show/complain.hpp"
#include "cli/show/show_findings.hpp"
#include "cli/show/show_plan.hpp"
#include "cli/show/terminal.hpp"
#include "core/text/printable.hpp"
#include "core/text/problem.hpp"
#include "edge/dhcp/dhcp_clients.hpp"
#include "edge/process/this_process.hpp"
#include "flow/host/checkpoint.hpp"
#include "flow/host/gather_facts.hpp"
#include "flow/host/host_doors.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/recorder.hpp"

namespace vifchain::inline cli {
namespace {

constexpr std::chrono::minutes time_to_answer{10};

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

// Half of it for other changes of the host, half for those who are at work on its links: a person
// has an answer within 30 s.
LockPatience of_a_person() {
  return {.at_most = std::chrono::seconds(14),
          .tell = [](const std::string& sentence) { complain("note", sentence); }};
}

}  // namespace

void must_be_root() {
  if (::geteuid() != 0)
    throw Refusal(
        problem("permission denied (uid " + std::to_string(::geteuid()) + ")", "run as root"));
}

int with_host(const std::string& name, const Common& common,
              const std::function<int(Env& env)>& work) {
  must_be_root();
  Log log("vifchain " + name, {.ident = "vifchain"});
  Recorder recorder(log, Places{}.runs, command_line());
  Deadline deadline(time_to_answer, {.line = "vifchain: error: hung, aborted\n"});
  const HostDoors doors(deadline, &recorder);
  Env env = doors.env(deadline, log, {.config = common.config});
  const auto clients = open_dhcp_clients(deadline);
  env.dhcp = clients.get();
  try {
    return work(env);
  } catch (const std::exception& error) {
    recorder.ended_by(error);
    log.err(error.what());
    throw;
  }
}

int change_host(const std::string& name, const Common& common,
                const std::function<int(Env& env, const ChangeLock& lock)>& work) {
  return with_host(name, common, [&](Env& env) {
    const ChangeLock lock = take_turn(env, Hold::exclusive, of_a_person());
    refuse_inside_window(env, lock);
    if (!end_forgotten_change(env, lock)) return work(env, lock);
    env.recorder->ended(Ending::refused, "the last apply was not confirmed: rolled back instead");
    print(
        "The last apply was not confirmed and its rollback process is gone; rolling back now. "
        "Check " +
        printable(common.config) + ", then run the command again.\n");
    return 1;
  });
}

ApplyOptions talkative(bool allow_disrupt, std::set<std::string> accepted) {
  ApplyOptions options{.allow_disrupt = allow_disrupt, .patience = of_a_person()};
  options.before_changes = [accepted = std::move(accepted)](const HostPlan& plan) {
    auto findings = gather_facts(plan);
    leave_out_accepted(findings, accepted);
    warn_or_refuse(findings, standard_output().colour);
    print(plan_text(plan, standard_output().colour));
  };
  if (standard_output().is_one)
    options.progress = [](std::size_t done, std::size_t all) {
      if (all > 400)
        print("\r" + std::to_string(done) + " of " + std::to_string(all) +
              (done == all ? "\n" : ""));
    };
  return options;
}

std::string done_in_words(const HostPlan& plan) {
  if (!plan.left_out.empty()) return "Done, " + std::to_string(plan.left_out.size()) + " skipped";
  return plan.nothing_to_do() ? "Nothing to do" : "Done";
}

void print_done(const HostPlan& plan, const std::string& what_it_is_now) {
  if (plan.left_out.empty() && plan.nothing_to_do())
    for (const auto& note : plan.notes) print(told("note", note));
  print(done_in_words(plan) + ": " + printable(what_it_is_now) + "\n");
}

bool print_left_out(const HostPlan& plan, Log& log) {
  for (const auto& left : plan.left_out) {
    log.warning(in_words(left));
    print(told("warning", in_words(left)));
  }
  return !plan.left_out.empty();
}

}  // namespace vifchain::inline cli

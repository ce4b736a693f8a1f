// SPDX-License-Identifier: Apache-2.0
#include "storm_faults.hpp"

#include <array>

namespace vifchain::test {
namespace {

using Faults = std::vector<Fault>;

Faults of_the_table() {
  Faults all;
  for (const auto& loss : losses_of_the_table())
    all.push_back(
        {.name = std::string("flush ") + loss.name, .amid = [&loss](Storm& storm, const StormRun*) {
           storm.world.ledger().open_gap(loss.name);
           storm.loss = loss.work(storm.luck);
           storm.note("  " + storm.loss);
         }});
  return all;
}

// With the folder goes the lock of the vif that a run is just at: until that has ended vifchaind
// can be at the same vif beside it, and each puts right what the other did.
Faults of_records() {
  Faults all;
  for (const auto& loss : losses_of_records())
    all.push_back({.name = std::string("lose ") + loss.name,
                   .amid = [&loss](Storm& storm, const StormRun* run) {
                     if (run != nullptr && loss.name == std::string_view("run"))
                       storm.world.ledger().open_gap("the lock of a vif", storm.guest);
                     storm.note("  " + loss.work(storm.luck));
                   }});
  return all;
}

Faults of_daemons() {
  const auto is_killed = [](Storm& storm, const StormRun*) {
    if (storm.daemon) storm.daemon->kill();
    storm.daemon.reset();
    if (storm.any_below(2) == 0) storm.begin_daemon(RunningDaemon::Begun::at_once);
  };
  const auto begins = [](Storm& storm, const StormRun*) {
    if (!storm.daemon) storm.begin_daemon(RunningDaemon::Begun::at_once);
  };
  return {{.name = "daemon killed", .amid = is_killed}, {.name = "daemon begins", .amid = begins}};
}

void set_hook(const std::string& command) {
  const std::string hook = "/etc/xen/scripts/vif-post.d/storm.hook";
  sh(command.empty()
         ? "rm -f " + hook
         : "printf '#!/bin/sh\\n%s\\n' '" + command + "' >" + hook + " && chmod +x " + hook);
}

// Nobody brings a guest online that is just ending.
void begin_beside(Storm& storm, const std::string& words) {
  if (storm.act != Act::offline) storm.beside.emplace(words);
}

void end_beside(Storm& storm) {
  if (storm.beside) storm.note("  the other ends with " + std::to_string(storm.beside->end()));
  storm.beside.reset();
}

Faults of_runs() {
  const auto no_hook = [](Storm&) { set_hook(""); };
  return {
      {.name = "nothing"},
      {.name = "killed",
       .amid = [](Storm&, const StormRun* run) { return run != nullptr ? run->kill() : void(); }},
      {.name = "hook fails elsewhere",
       .before = [](Storm& storm) { set_hook("[ \"$bridge\" = " + storm.old_bridge + " ]"); },
       .after = no_hook},
      {.name = "hook fails", .before = [](Storm&) { set_hook("false"); }, .after = no_hook},
      {.name = "twice",
       .before = [](Storm& storm) { begin_beside(storm, StormWorld::online(storm.guest)); },
       .after = end_beside},
      {.name = "two moves",
       .before =
           [](Storm& storm) {
             begin_beside(storm, StormWorld::move(storm.guest, storm.any_bridge()));
           },
       .after = end_beside},
  };
}

void begin_churn(Storm& storm) {
  sh("for i in $(seq 100); do echo 'link add churn type veth peer name churnp'; "
     "echo 'link del churn'; done >/run/churn");
  storm.churn.emplace("sh -c 'while :; do ip -batch /run/churn || ip link del churn; done'");
}

void end_churn(Storm& storm) {
  storm.churn.reset();
  sh("ip link del churn 2>/dev/null || true");
}

Faults of_links() {
  const auto set_link = [](const std::string& words) {
    return [words](Storm& storm, const StormRun*) {
      sh("ip link set vif" + std::to_string(storm.guest) + ".0 " + words + " 2>/dev/null || true");
    };
  };
  return {
      {.name = "churn", .before = begin_churn, .after = end_churn},
      {.name = "link off its bridge", .amid = set_link("nomaster")},
      {.name = "link down", .amid = set_link("down")},
      {.name = "link anew",
       .amid = [](Storm& storm, const StormRun*) { storm.world.link_anew(storm.guest); }},
  };
}

// The N-th call of a program, or all from then on.
Fault of_a_call(const std::string& call, const std::string& way, const std::string& from) {
  const auto prefix = [=](Storm& storm) {
    const auto number = std::to_string(1 + storm.any_below(25));
    const auto what = call + ":" + way + ":when=" + number + from;
    storm.note("  " + what);
    return "ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -e trace=" + call +
           " -e inject=" + what;
  };
  return {.name = call + " " + way + from, .prefix = prefix};
}

Faults of_the_kernel() {
  Faults all;
  for (const char* call : {"sendmsg", "sendto", "recvmsg", "openat", "rename", "write", "flock"})
    for (const char* way : {"error=EPERM", "error=ENOBUFS", "error=ENOSPC", "signal=KILL",
                            "delay_enter=30000", "delay_exit=30000"})
      for (const char* from : {"", "+"}) all.push_back(of_a_call(call, way, from));
  return all;
}

}  // namespace

std::string_view words(Act act) {
  constexpr std::array<std::string_view, 7> all{"nothing", "online", "online again", "add",
                                                "offline", "a move", "apply"};
  return all.at(static_cast<std::size_t>(act));
}

void Storm::begin_daemon(RunningDaemon::Begun begun) {
  daemon.reset();
  daemon.emplace("", begun);
  note("  vifchaind begins");
}

std::vector<std::vector<Fault>> storm_faults() {
  return {of_the_table(), of_records(), of_daemons(), of_runs(), of_links(), of_the_kernel()};
}

}  // namespace vifchain::test

#include "cli/change.hpp"

#include <unistd.h>

#include <cstdio>

#include "cli/show_plan.hpp"
#include "cli/terminal.hpp"
#include "flow/confirm.hpp"
#include "flow/host_doors.hpp"
#include "flow/reach.hpp"

namespace vifchain {
namespace {

constexpr std::chrono::minutes time_to_answer{10};

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace

int change_host(const std::string& name, const Common& common,
                const std::function<int(Site& site)>& work) {
  if (::geteuid() != 0)
    throw Refusal("wanted to change the host's network: found no privileges (uid " +
                  std::to_string(::geteuid()) + "): run it as root");
  Log log("vifchain " + name, {.ident = "vifchain"});
  Deadline deadline(time_to_answer, {.line = "vifchain: hangs, gives up\n"});
  const HostDoors doors(deadline);
  Site site = doors.site(deadline, log, {.config = common.config});
  if (go_back_if_forgotten(site)) {
    print(
        "The last apply was never confirmed, and nobody was left to put things back: "
        "that is done now. Look at " +
        common.config + " and begin again.\n");
    return 1;
  }
  try {
    return work(site);
  } catch (const std::exception& error) {
    log.err(error.what());
    throw;
  }
}

ApplyOptions talkative(bool allow_disrupt) {
  ApplyOptions options{.allow_disrupt = allow_disrupt};
  options.before_changes = [](const HostPlan& plan) {
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

void print_done(const HostPlan& plan, const std::string& what_it_is_now) {
  if (!plan.plan.steps.empty()) return print("Done: " + what_it_is_now + "\n");
  for (const auto& note : plan.notes) print("(" + note + ")\n");
  print("Nothing to do: " + what_it_is_now + "\n");
}

}  // namespace vifchain

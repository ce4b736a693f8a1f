#include "cli/apply_at_boot.hpp"

#include <cstdio>

#include "cli/change.hpp"
#include "cli/read_config.hpp"
#include "cli/show_plan.hpp"
#include "core/printable.hpp"
#include "flow/boot.hpp"
#include "flow/confirm.hpp"
#include "flow/recorder.hpp"

namespace vifchain {
namespace {

constexpr int something_left_out = 3;

int leave_unconfirmed(Site& site, const Common& common) {
  const std::string text = common.config +
                           " was applied once and never confirmed: it is left alone; look at it, "
                           "and say vifchain apply";
  site.recorder->ended(Ending::refused, text);
  site.log.warning(text);
  std::printf("%s\n", printable(text).c_str());
  return something_left_out;
}

int apply_now(Site& site, const Topology& topology, const Common& common) {
  const HostPlan done = apply_what_can(site, topology, {});
  for (const auto& note : done.notes) std::printf("(%s)\n", printable(note).c_str());
  const bool left_out = print_left_out(done, site.log);
  remember_applied(site.places);
  std::printf("%s: %s %s says.\n", steps_in_words(done).c_str(),
              left_out ? "the rest of the host is as" : "the host is as",
              printable(common.config).c_str());
  return left_out ? something_left_out : 0;
}

}  // namespace

int apply_at_boot(std::chrono::seconds wait, const Common& common) {
  return with_host("apply", common, [&](Site& site) {
    if (go_back_at_boot(site))
      std::printf("What was applied last was never confirmed: it is put back.\n");
    if (is_unconfirmed(site.places)) return leave_unconfirmed(site, common);
    const Topology topology = read_config(common);
    wait_for_nics(site, topology, wait);
    return apply_now(site, topology, common);
  });
}

}  // namespace vifchain

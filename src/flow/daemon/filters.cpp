// SPDX-License-Identifier: Apache-2.0
#include "edge/base/error.hpp"
#include "flow/daemon/daemon.hpp"
#include "flow/host/heal.hpp"
#include "flow/run/recorder.hpp"
#include "flow/vif/guest_ports.hpp"

namespace vifchain::inline flow::inline daemon {
namespace {

// Until it is looked at those that somebody else is at.
constexpr std::chrono::seconds while_filters_are_busy{1};

constexpr const char* subject = "antispoof";

// Filters alone: what else the file says of ports is for those who apply it.
Desired filters_of(const Desired& guests) {
  Desired filters;
  for (const auto& [name, want] : guests)
    if (want && want->filter)
      filters.emplace(name, Link{.name = name, .keep_controller = true, .filter = want->filter});
  return filters;
}

}  // namespace

void Daemon::filters_changed(const NftNews& news) {
  if (!news.of_ours && !news.lost) return;
  if (look_due_ == Moment::max()) first_word_ = host_.now();
  all_filters_ = true;
  look_soon();
}

// A change that waits to be confirmed changes no policy here: filters are put right all the same.
void Daemon::look_at_filters() {
  if (!all_filters_ || !topology_) return;
  all_filters_ = false;
  Desired wanted;
  std::vector<std::string> notes;
  try {
    run("", [&](Env& env) {
      Actual now = env.kernel.everything();
      env.kernel.read_filters(now);
      const Desired all = filters_of(guests_by_file(env, *topology_, now, {}, notes));
      for (const auto& step : plan_guests(all, now))
        wanted.emplace(target_of(step.op), all.at(target_of(step.op)));
    });
    if (!wanted.empty()) put_filters_right(wanted);
    settled(subject);
  } catch (const std::exception& error) {
    all_filters_ = true;
    look_due_ = std::min(look_due_, host_.now() + while_filters_are_busy);
    wait(subject, error.what());
  }
}

void Daemon::put_filters_right(const Desired& wanted) {
  run("vifchaind repairs filters", [&](Env& env) {
    const Desired busy =
        mend_guests(env, *topology_, wanted, [&](const LinkName& port, const Plan& done) {
          if (env.recorder != nullptr) env.recorder->concerns(port);
          ++report_.counters.healed_ports;
          repaired(port.str(), steps_in_words(done));
        });
    if (busy.empty()) return;
    all_filters_ = true;
    look_due_ = std::min(look_due_, host_.now() + while_filters_are_busy);
  });
}

}  // namespace vifchain::inline flow::inline daemon

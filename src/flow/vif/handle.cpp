// SPDX-License-Identifier: Apache-2.0
#include "flow/vif/handle.hpp"

#include "core/text/printable.hpp"
#include "edge/base/error.hpp"
#include "edge/state/vif_lock.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/recorder.hpp"
#include "flow/vif/attach.hpp"
#include "flow/vif/detach.hpp"
#include "flow/vif/tell_store.hpp"

namespace vifchain::inline flow::inline vif {
namespace {

// libxl prints hotplug-error as one line, and a node holds little more than 4000 bytes.
std::string one_line(const std::string& text) {
  return printable_line(text, 1000);
}

// Who goes waits no longer than this for whoever is busy with the vif.
constexpr std::chrono::seconds patience_of_who_goes{15};

// Who goes, goes: also where no lock can be had, or whoever has it does not let go of it.
std::optional<VifLock> lock(Env& env, const VifEvent& event, bool comes) {
  if (comes) return VifLock(env.places.vif_locks(), event.vif, env.deadline);
  try {
    return VifLock(env.places.vif_locks(), event.vif, env.deadline, patience_of_who_goes);
  } catch (const std::exception& error) {
    env.log.warning(event.key() + " is handled without its lock: " + error.what());
    return std::nullopt;
  }
}

// No link has a name of more than 15 bytes: domain 32000 has no emulated NIC beside its vif 100.
std::string why_no_such_port(const VifEvent& event) {
  const std::string name = event.key();
  const auto why_not = why_no_link_name(name);
  return why_not.empty() ? "" : "its link would be called " + name + ", which " + why_not;
}

Outcome answer(Env& env, const VifEvent& event) {
  const bool comes = event.action == Action::online || event.action == Action::add;
  if (const auto why_not = why_no_such_port(event); !why_not.empty()) {
    if (comes) throw Refusal(why_not);
    return Released{};
  }
  const auto held = lock(env, event, comes);
  return comes ? attach(env, event) : detach(env, event);
}

}  // namespace

Outcome handle(Env& env, const VifEvent& event, const std::string& told) {
  Outcome outcome;
  try {
    outcome = answer(env, event);
  } catch (const std::exception& error) {
    const bool is_decided = dynamic_cast<const Refusal*>(&error) != nullptr;
    outcome = Refused{.reason = error.what(), .may_pass = !is_decided};
    if (env.recorder != nullptr) env.recorder->ended_by(error);
  }
  if (auto* refused = std::get_if<Refused>(&outcome)) {
    refused->reason = one_line(event.vif.str() + ": " + refused->reason);
    env.deadline.grace(std::chrono::seconds(4));
    if (refused->reason != told) tell_refused(env.store, env.log, event.backend, refused->reason);
  }
  return outcome;
}

void report_refusal(Store& store, Log& log, const std::string& backend, const std::string& text) {
  tell_refused(store, log, backend, one_line(text));
}

}  // namespace vifchain::inline flow::inline vif

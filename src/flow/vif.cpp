#include "flow/vif.hpp"

#include <array>

#include "edge/error.hpp"
#include "edge/kept/vif_lock.hpp"
#include "flow/attach.hpp"
#include "flow/detach.hpp"
#include "flow/reach.hpp"
#include "flow/recorder.hpp"

namespace vifchain {
namespace {

// libxl prints hotplug-error as one line, and a node holds little more than 4000 bytes.
std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  if (text.size() > 1000) text = text.substr(0, 997) + "...";
  return text;
}

// Who goes waits no longer than this for whoever is busy with the vif.
constexpr std::chrono::seconds patience_of_who_goes{15};

// Who goes, goes: also where no lock can be had, or whoever has it does not let go of it.
std::optional<VifLock> lock(Site& site, const VifEvent& event, bool comes) {
  if (comes) return VifLock(site.places.locks, event.vif, site.deadline);
  try {
    return VifLock(site.places.locks, event.vif, site.deadline, patience_of_who_goes);
  } catch (const std::exception& error) {
    site.log.warning(event.key() + " goes without its lock: " + error.what());
    return std::nullopt;
  }
}

Outcome answer(Site& site, const VifEvent& event) {
  const bool comes = event.action == Action::online || event.action == Action::add;
  const auto held = lock(site, event, comes);
  return comes ? attach(site, event) : detach(site, event);
}

}  // namespace

Outcome handle(Site& site, const VifEvent& event) {
  Outcome outcome;
  try {
    outcome = answer(site, event);
  } catch (const std::exception& error) {
    outcome = Refused{error.what()};
    if (site.recorder != nullptr) site.recorder->ended_by(error);
  }
  if (auto* refused = std::get_if<Refused>(&outcome)) {
    refused->reason = one_line(event.vif.str() + ": " + refused->reason);
    site.deadline.grace(std::chrono::seconds(4));
    report_refusal(site.store, site.log, event.backend, refused->reason);
  }
  return outcome;
}

void report_refusal(Store& store, Log& log, const std::string& backend, const std::string& text) {
  const std::string reason = one_line(text);
  log.err(reason);
  const std::array nodes{StoreNode{backend + "/hotplug-error", reason},
                         StoreNode{backend + "/hotplug-status", "error"}};
  try {
    store.write_together(nodes);
  } catch (const std::exception& error) {
    log.err(std::string("the reason could not be written to xenstore: ") + error.what());
  }
}

}  // namespace vifchain

#include "flow/move.hpp"

#include "edge/kept/vif_lock.hpp"
#include "flow/attach.hpp"
#include "flow/file_chain.hpp"
#include "flow/port_link.hpp"
#include "flow/reach.hpp"
#include "flow/recorder.hpp"
#include "flow/teardown.hpp"
#include "flow/uplinks.hpp"

namespace vifchain {
namespace {

void tidy_chain(Site& site, const Chain& chain, const Link& before) {
  if (before.vlans) drop_vlans(site, chain, *before.vlans);
  // To linger is for guests that come back at once, as one that reboots does; who is moved does
  // not.
  if (chain.teardown.last_vif) take_down_unused(site, chain.bridge);
}

void tidy(Site& site, const Link& before, const LinkName& new_bridge) {
  if (!before.controller) return;
  try {
    if (const auto chain = chain_in_file(site, *before.controller))
      tidy_chain(site, *chain, before);
  } catch (const std::exception& error) {
    site.log.warning(before.name.str() + " is on " + new_bridge.str() + ", but " +
                     before.controller->str() + " could not be tidied: " + error.what());
  }
}

// The emulated NIC beside the vif, while it is on a bridge: a guest that drives its vif itself may
// have unplugged it.
std::optional<VifEvent> emulated_beside(Site& site, const VifEvent& event) {
  VifEvent beside = event;
  beside.action = Action::add;
  beside.tap = beside.key();
  const auto link = present_port(site, beside);
  return link && link->controller ? std::optional(beside) : std::nullopt;
}

// The kernel is as it was by now; this puts the filter right, and what went before.
void attach_as_before(Site& site, const std::vector<VifEvent>& ports) {
  site.deadline.grace(std::chrono::seconds(4));
  for (const auto& port : ports) try {
      attach(site, port);
    } catch (const std::exception& error) {
      site.log.err("going back failed as well: " + std::string(error.what()));
    }
}

}  // namespace

Outcome move_vif(Site& site, const MoveRequest& request) {
  try {
    const VifLock lock(site.places.locks, request.event.vif, site.deadline);
    const auto before = present_port(site, request.event);
    if (!before || !before->controller)
      return Refused{"it is on no bridge; let it come online first"};
    // The vif is the last: with it the store is told.
    std::vector<VifEvent> ports{request.event};
    if (auto tap = emulated_beside(site, request.event)) ports.insert(ports.begin(), *tap);
    Outcome outcome;
    try {
      for (const auto& port : ports)
        outcome = attach(site, port, Move{request.nodes, request.libxl});
    } catch (const std::exception&) {
      attach_as_before(site, ports);
      throw;
    }
    if (const auto* connected = std::get_if<Connected>(&outcome))
      tidy(site, *before, LinkName::parse(connected->bridge).value());
    return outcome;
  } catch (const std::exception& error) {
    if (site.recorder != nullptr) site.recorder->ended_by(error);
    return Refused{error.what()};
  }
}

}  // namespace vifchain

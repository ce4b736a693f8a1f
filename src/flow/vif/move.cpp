#include "flow/vif/move.hpp"

#include "edge/state/vif_lock.hpp"
#include "flow/chain/file_chain.hpp"
#include "flow/chain/teardown.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/recorder.hpp"
#include "flow/vif/attach.hpp"
#include "flow/vif/port_link.hpp"
#include "flow/vif/shared_mac.hpp"
#include "flow/vif/uplinks.hpp"

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

template <typename Work>
void attempt(Site& site, const Work& work) {
  try {
    work();
  } catch (const std::exception& error) {
    site.log.err("going back failed as well: " + std::string(error.what()));
  }
}

// Those that had been moved are where and as they were; then hooks hear of it, for all of them.
void go_back(Site& site, const std::vector<VifEvent>& ports, const std::vector<PortUndo>& moved) {
  site.deadline.grace(std::chrono::seconds(4));
  for (const auto& back : moved) attempt(site, [&] { put_back(site, back.wanted, back.before); });
  for (const auto& port : ports) attempt(site, [&] { attach(site, port); });
}

// On the bridge that a port has left.
void bind_those_left(Site& site, const PortUndo& back) {
  for (const auto& [name, before] : back.before)
    if (is_filtered(before) && before.filter->mac != Mac{} && before.controller)
      bind_who_is_left(site, before.filter->mac, *before.controller);
}

}  // namespace

Outcome move_vif(Site& site, const MoveRequest& request) {
  try {
    const VifLock lock(site.places.vif_locks(), request.event.vif, site.deadline);
    const auto before = present_port(site, request.event);
    if (!before || !before->controller)
      return Refused{"it is on no bridge; let it come online first"};
    // The vif is the last: with it the store is told.
    std::vector<VifEvent> ports{request.event};
    if (auto tap = emulated_beside(site, request.event)) ports.insert(ports.begin(), *tap);
    Outcome outcome;
    std::vector<PortUndo> moved;
    try {
      for (const auto& port : ports)
        outcome = attach(site, port, Move{request.nodes, request.libxl}, moved.emplace_back());
    } catch (const std::exception&) {
      go_back(site, ports, moved);
      throw;
    }
    for (const auto& back : moved) bind_those_left(site, back);
    if (const auto* connected = std::get_if<Connected>(&outcome))
      tidy(site, *before, LinkName::parse(connected->bridge).value());
    return outcome;
  } catch (const std::exception& error) {
    if (site.recorder != nullptr) site.recorder->ended_by(error);
    return Refused{error.what()};
  }
}

}  // namespace vifchain

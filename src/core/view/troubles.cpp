// SPDX-License-Identifier: Apache-2.0
#include "core/view/troubles.hpp"
#include "core/model/links.hpp"

#include <algorithm>
#include <utility>

#include "core/text/list.hpp"

namespace vifchain::inline core::inline view {
namespace {

using Troubles = std::vector<std::string>;

bool is_up(const LinkView& link) {
  return link.link.up.value_or(false);
}

bool carries(const LinkView& link) {
  return link.there && is_up(link) && link.state.carrier;
}

bool is_lacp(const LinkView& bond) {
  return mode_of(bond.link) == BondMode::lacp;
}

// The file's differences say it already where the file wants it up.
void look_at_state(const LinkView& link, Troubles& all) {
  const auto says_down = [](const std::string& what) { return what.starts_with("expected up"); };
  if (is_up(link) || std::ranges::any_of(link.differences, says_down)) return;
  all.emplace_back("is down");
}

// A bridge or VLAN link has no carrier because of what is below it, or because nothing is.
void look_at_nic(const LinkView& link, Troubles& all) {
  if (is_up(link) && !link.state.carrier) all.emplace_back("has no carrier");
}

void look_at_bond(const LinkView& bond, const std::vector<const LinkView*>& ports, Troubles& all) {
  const auto alive = static_cast<std::size_t>(
      std::ranges::count_if(ports, [](const LinkView* port) { return carries(*port); }));
  if (!is_up(bond) || alive == 0) return;
  if (is_lacp(bond) && bond.state.lacp && bond.state.lacp->partner == Mac{})
    return all.push_back("no LACP partner answers; its switch ports may not be one LACP group");
  if (!bond.state.carrier)
    all.push_back("has no carrier, but " + counted(alive, "port") +
                  (alive == 1 ? " has" : " have") + " one");
}

void look_at_aggregation(const BondPortState& port, const LinkView& bond, Troubles& all) {
  const auto& lacp = bond.state.lacp;
  if (!lacp || !port.aggregator || lacp->partner == Mac{}) return;
  const unsigned bits = port.actor.value_or(0);
  if ((bits & (lacp_bit::defaulted | lacp_bit::expired)) != 0)
    all.emplace_back("no LACP partner answers on it");
  else if (*port.aggregator != lacp->aggregator)
    all.push_back("is in aggregator " + std::to_string(*port.aggregator) + ", but " +
                  bond.link.name.str() + " uses " + std::to_string(lacp->aggregator) +
                  "; it may be cabled to another switch or LACP group");
  else if ((bits & lacp_bit::collecting) == 0 || (bits & lacp_bit::distributing) == 0)
    all.emplace_back("LACP lets no traffic through it yet");
}

void look_at_bond_port(const LinkView& port, const LinkView& bond, Troubles& all) {
  const auto& state = port.state.bond_port;
  if (!state || !carries(port) || !is_up(bond)) return;
  if (!state->mii_up)
    return all.push_back("has lost its link, as " + bond.link.name.str() + " sees it");
  if (is_lacp(bond)) look_at_aggregation(*state, bond, all);
}

// It gives the port addresses, and these are deaf.
void look_for_clients(const LinkView& port, Troubles& all) {
  if (!port.link.controller) return;
  int told = 0;
  for (const auto& client : port.clients)
    if (client.pid != std::exchange(told, client.pid))
      all.push_back(in_words(client) + " runs on this port");
}

bool names_bridge(const std::string& written, const std::string& bridge) {
  if (written == bridge || written.empty()) return true;
  if (written.starts_with(bridge + ".") || written.starts_with(bridge + ":")) return true;
  return written.starts_with("xenbr") && bridge == "eth" + written.substr(5);
}

// Its hotplug script has run, and the device is not on its way out.
bool is_plugged(const GuestVif& vif) {
  if (vif.backend == XenbusState::closing || vif.backend == XenbusState::closed) return false;
  return !vif.backend || vif.hotplug_status == "connected";
}

void look_at_place(const GuestView& guest, const LinkView& port, Troubles& all) {
  const auto& wanted = guest.vif.bridge;
  const auto& controller = port.link.controller;
  if (!controller)
    all.push_back(wanted.empty() ? "is on no bridge"
                                 : "expected on " + wanted + ", found on no bridge");
  else if (!names_bridge(wanted, controller->str()))
    all.push_back("expected on " + wanted + " (xenstore), found on " + controller->str());
}

void look_at_port(const GuestView& guest, const LinkView& port, Troubles& all) {
  look_at_place(guest, port, all);
  if (!is_up(port)) all.emplace_back("is down");
  const auto forwarding = port.state.bridge_port;
  if (is_up(port) && port.state.carrier && forwarding && *forwarding != Forwarding::forwarding)
    all.emplace_back("its bridge forwards nothing for it yet");
}

}  // namespace

std::vector<std::string> troubles_of(const LinkView& link, const LinkView* controller,
                                     const std::vector<const LinkView*>& ports) {
  Troubles all;
  look_at_state(link, all);
  if (is<Given>(link.link)) look_at_nic(link, all);
  if (is<Bond>(link.link)) look_at_bond(link, ports, all);
  if (controller != nullptr) look_at_bond_port(link, *controller, all);
  look_for_clients(link, all);
  return all;
}

std::vector<std::string> troubles_of(const GuestView& guest, const LinkView* port) {
  const GuestVif& vif = guest.vif;
  Troubles all;
  if (!vif.unreadable.empty()) all.push_back(vif.unreadable);
  if (!vif.hotplug_error.empty())
    all.push_back("hotplug-error: " + vif.hotplug_error);
  else if (vif.hotplug_status == "error")
    all.emplace_back("hotplug-status is error");
  if (!vif.here) return all;
  if (port != nullptr && is_plugged(vif)) look_at_port(guest, *port, all);
  if (port == nullptr && !guest.emulated && is_plugged(vif) && vif.unreadable.empty())
    all.emplace_back("its link is missing");
  return all;
}

}  // namespace vifchain::inline core::inline view

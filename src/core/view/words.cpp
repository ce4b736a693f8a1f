// SPDX-License-Identifier: Apache-2.0
#include "core/view/words.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/model/links.hpp"
#include "core/text/find.hpp"
#include "core/text/list.hpp"

namespace vifchain::inline core::inline view {
namespace {

// "2.5": at most one digit behind the point.
std::string short_number(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", number);
  std::string digits = text.data();
  if (digits.ends_with(".0")) digits.resize(digits.size() - 2);
  return digits;
}

std::string bytes_in_words(std::uint64_t bytes) {
  constexpr std::array units{"B", "kB", "MB", "GB", "TB", "PB"};
  double size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 1000 && unit + 1 < units.size(); ++unit) size /= 1000;
  return short_number(size) + " " + units.at(unit);
}

std::string lost_in_words(std::uint64_t errors, std::uint64_t dropped) {
  std::vector<std::string> parts;
  if (errors > 0) parts.push_back(counted(errors, "error"));
  if (dropped > 0) parts.push_back(std::to_string(dropped) + " dropped");
  return parts.empty() ? "" : " (" + listed(parts) + ")";
}

// Numbers in ascending order as ranges: "5", "10-20".
std::vector<std::string> ranges(const std::vector<unsigned>& numbers) {
  std::vector<std::string> parts;
  for (std::size_t from = 0, to = 0; from < numbers.size(); from = to + 1) {
    for (to = from; to + 1 < numbers.size() && numbers[to + 1] == numbers[to] + 1;) ++to;
    parts.push_back(std::to_string(numbers[from]) +
                    (to > from ? "-" + std::to_string(numbers[to]) : ""));
  }
  return parts;
}

const LinkView* view_in(const View& view, const std::optional<LinkName>& name) {
  return name ? find_in(view.links, *name) : nullptr;
}

bool carries_traffic(const LinkView& port, const LinkView& bond) {
  const auto& state = port.state.bond_port;
  if (!port.there || !state || !state->mii_up || !port.state.carrier) return false;
  if (mode_of(bond.link) != BondMode::lacp) return state->active;
  const unsigned bits = state->actor.value_or(0);
  return bond.state.lacp && state->aggregator == bond.state.lacp->aggregator &&
         (bits & lacp_bit::distributing) != 0;
}

std::string traffic_of(const LinkView& bond, const View& view) {
  if (bond.state.active_port) return bond.state.active_port->str() + " active";
  const auto [active, all] = active_ports(bond, view);
  return std::to_string(active) + " of " + counted(all, "port") + " active";
}

void add_bond_facts(const LinkView& bond, const View& view, std::vector<std::string>& facts) {
  facts.push_back(traffic_of(bond, view));
  const auto& lacp = bond.state.lacp;
  if (!lacp) return;
  facts.push_back(lacp->partner == Mac{} ? "no LACP partner" : "partner " + lacp->partner.str());
  facts.push_back("aggregator " + std::to_string(lacp->aggregator));
}

void add_bond_port_facts(const LinkView& port, const LinkView& bond,
                         std::vector<std::string>& facts) {
  const auto& state = port.state.bond_port;
  if (!state) return;
  const bool lacp = mode_of(bond.link) == BondMode::lacp;
  if (lacp && state->aggregator) {
    const unsigned bits = state->actor.value_or(0);
    facts.push_back("aggregator " + std::to_string(*state->aggregator));
    if ((bits & lacp_bit::collecting) != 0) facts.emplace_back("collecting");
    if ((bits & lacp_bit::distributing) != 0) facts.emplace_back("distributing");
  } else {
    facts.emplace_back(state->active ? "active" : "backup");
  }
  if (state->failures > 0) facts.push_back(counted(state->failures, "link failure"));
}

void add_port_facts(const LinkView& port, const View& view, std::vector<std::string>& facts) {
  if (const auto* controller = view_in(view, port.link.controller))
    add_bond_port_facts(port, *controller, facts);
  if (port.state.bridge_port && port.state.carrier &&
      *port.state.bridge_port != Forwarding::forwarding)
    facts.emplace_back(in_words(*port.state.bridge_port));
}

bool is_filtered(const LinkView& link, const View& view) {
  const auto* bridge = view_in(view, link.link.controller);
  return bridge != nullptr && filters_vlans(options_of(bridge->link));
}

void add_vlans(const LinkView& link, const View& view, std::vector<std::string>& facts) {
  if (!is_filtered(link, view) || !link.link.vlans) return;
  facts.push_back(link.link.vlans->empty() ? "in no VLAN" : "VLAN " + in_words(*link.link.vlans));
}

// Bonds lend their ports, and what VLAN links are on lends these, a MAC.
bool has_borrowed_mac(const Link& link, const View& view) {
  const auto* parent = parent_of(link);
  const auto* lender = view_in(view, parent != nullptr ? std::optional(*parent) : link.controller);
  return lender != nullptr && (parent != nullptr || is<Bond>(lender->link)) &&
         lender->link.mac == link.mac;
}

void add_address_facts(const Link& link, const View& view, std::vector<std::string>& facts) {
  if (link.mtu) facts.push_back("mtu " + std::to_string(*link.mtu));
  if (link.mac && !has_borrowed_mac(link, view)) facts.push_back(link.mac->str());
  for (const auto& address : addresses_of(link)) facts.push_back(address.str());
}

bool made_here(const Link& link) {
  return link.ours || is<Given>(link);
}

std::string place_elsewhere(const GuestVif& vif) {
  const std::string domain =
      vif.backend_guest.empty()
          ? "domain " + std::to_string(vif.backend_domid)
          : vif.backend_guest + " (" + std::to_string(vif.backend_domid) + ")";
  return "backend in " + domain + (vif.bridge.empty() ? "" : ", bridge " + vif.bridge + " there");
}

}  // namespace

std::string kind_of(const LinkView& link) {
  if (is<Bond>(link.link)) {
    const auto mode = mode_word(link.link);
    return mode.empty() ? "bond" : "bond " + mode;
  }
  if (is<Bridge>(link.link)) return "bridge";
  if (const auto* vlan = std::get_if<Vlan>(&link.link.kind))
    return "VLAN " + std::to_string(vlan->id.number()) +
           (vlan->protocol == VlanProtocol::ieee_802_1ad ? " (802.1ad)" : "");
  return link.state.driver_kind.empty() ? "NIC" : link.state.driver_kind;
}

std::string state_of(const LinkView& link) {
  if (!link.there) return "missing";
  if (!link.link.up.value_or(false)) return "down";
  if (!link.state.carrier) return "no carrier";
  const auto& operstate = link.state.operstate;
  return operstate == "unknown" || operstate.empty() ? "up" : operstate;
}

std::string in_words(const Speed& speed) {
  std::string text = speed.mbps >= 1000 ? short_number(speed.mbps / 1000.0) + " Gbit/s"
                                        : std::to_string(speed.mbps) + " Mbit/s";
  if (speed.duplex == Duplex::half) text += " half duplex";
  return text;
}

std::string in_words(const std::vector<PortVlan>& vlans) {
  std::vector<unsigned> tagged;
  std::vector<std::string> parts;
  for (const auto& vlan : vlans) {
    if (vlan.untagged)
      parts.push_back(std::to_string(vlan.id.number()) + " untagged" +
                      (vlan.pvid ? "" : " on the way out"));
    else
      tagged.push_back(vlan.id.number());
  }
  if (!tagged.empty()) parts.push_back(listed(ranges(tagged)) + " tagged");
  return joined(parts);
}

std::string_view in_words(Antispoof antispoof) {
  return word_of(antispoof);
}

std::string_view in_words(XenbusState state) {
  constexpr std::array<std::string_view, 9> words{"unknown",     "initialising",  "init-wait",
                                                  "initialised", "connected",     "closing",
                                                  "closed",      "reconfiguring", "reconfigured"};
  return words.at(static_cast<std::size_t>(state));
}

std::string_view in_words(Forwarding state) {
  constexpr std::array<std::string_view, 5> words{"disabled", "listening", "learning", "forwarding",
                                                  "blocking"};
  return words.at(static_cast<std::size_t>(state));
}

std::string_view in_words(Duplex duplex) {
  return duplex == Duplex::full ? "full" : "half";
}

PortCount active_ports(const LinkView& bond, const View& view) {
  PortCount count{.all = bond.below.size()};
  for (const auto& name : bond.below)
    if (carries_traffic(view.links.at(name), bond)) ++count.active;
  return count;
}

std::vector<std::string> facts_of(const LinkView& link, const View& view) {
  std::vector<std::string> facts{kind_of(link)};
  if (!link.there) facts.push_back(state_of(link));
  if (!link.there) return facts;
  if (!made_here(link.link)) facts.emplace_back("foreign");
  facts.push_back(state_of(link));
  if (link.state.speed) facts.push_back(in_words(*link.state.speed));
  if (is<Bond>(link.link)) add_bond_facts(link, view, facts);
  add_port_facts(link, view, facts);
  add_vlans(link, view, facts);
  add_address_facts(link.link, view, facts);
  for (const auto& client : link.clients)
    facts.push_back(family_in_words(client.v6) + " by " + in_words(client));
  return facts;
}

std::vector<std::string> brief_facts_of(const LinkView& link, const View& view) {
  std::vector<std::string> facts{kind_of(link), state_of(link)};
  if (link.there && is<Bond>(link.link)) facts.push_back(traffic_of(link, view));
  return facts;
}

std::string in_words(const Counters& counters) {
  return "received " + bytes_in_words(counters.received_bytes) + " in " +
         counted(counters.received_packets, "packet") +
         lost_in_words(counters.received_errors, counters.received_dropped) + ", sent " +
         bytes_in_words(counters.sent_bytes) + " in " + counted(counters.sent_packets, "packet") +
         lost_in_words(counters.sent_errors, counters.sent_dropped);
}

std::string name_of(const GuestVif& vif) {
  return vif.guest.empty() ? "domain " + std::to_string(vif.vif.domid) : vif.guest;
}

std::string guest_in_words(const GuestView& guest) {
  const auto& [domid, devid] = guest.vif.vif;
  const std::string device = (guest.vif.guest.empty() ? std::to_string(domid) : guest.vif.guest) +
                             "/" + std::to_string(devid);
  return device + " (" + (guest.link ? guest.link->str() : guest.vif.vif.str()) + ")";
}

std::string state_of(const GuestVif& vif) {
  std::vector<std::string> parts;
  if (vif.backend == XenbusState::connected && vif.frontend == XenbusState::connected)
    parts.emplace_back("connected");
  else if (vif.backend)
    parts.push_back("backend " + std::string(in_words(*vif.backend)) +
                    (vif.frontend ? ", frontend " + std::string(in_words(*vif.frontend)) : ""));
  if (vif.backend && vif.hotplug_status.empty()) parts.emplace_back("not connected yet");
  return joined(parts);
}

std::vector<std::string> facts_of(const GuestView& guest, const View& view) {
  const GuestVif& vif = guest.vif;
  std::vector<std::string> facts{(vif.guest.empty() ? "" : "guest ") + name_of(vif) + ", vif " +
                                 std::to_string(vif.vif.devid)};
  if (!vif.guest.empty()) facts.push_back("domain " + std::to_string(vif.vif.domid));
  if (const auto state = state_of(vif); !state.empty()) facts.push_back(state);
  if (!vif.here) facts.push_back(place_elsewhere(vif));
  if (vif.mac) facts.push_back(vif.mac->str());
  if (const auto* port = view_in(view, guest.link)) {
    if (const auto state = state_of(*port); state != "up") facts.push_back(state);
    add_vlans(*port, view, facts);
    if (port->link.mtu) facts.push_back("mtu " + std::to_string(*port->link.mtu));
  }
  if (guest.antispoof) facts.push_back("antispoof " + std::string(in_words(*guest.antispoof)));
  if (guest.emulated) facts.push_back("emulated NIC " + guest.emulated->str());
  return facts;
}

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace vifchain::inline core::inline view

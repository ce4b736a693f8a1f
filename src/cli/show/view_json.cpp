// SPDX-License-Identifier: Apache-2.0
#include "cli/show/view_json.hpp"

#include <nlohmann/json.hpp>

#include "cli/show/json_text.hpp"
#include "cli/show/show_window.hpp"
#include "core/view/words.hpp"
#include "edge/state/daemon_socket.hpp"

namespace vifchain::inline cli {
namespace {

using Json = nlohmann::ordered_json;

template <typename Number>
void put(Json& json, const char* key, const std::optional<Number>& value) {
  if (value) json[key] = *value;
}

void put(Json& json, const char* key, const std::string& text) {
  if (!text.empty()) json[key] = text;
}

void put_name(Json& json, const char* key, const std::optional<LinkName>& name) {
  if (name) json[key] = name->str();
}

void put_mac(Json& json, const char* key, const std::optional<Mac>& mac) {
  if (mac) json[key] = mac->str();
}

Json names(const std::vector<LinkName>& all) {
  Json list = Json::array();
  for (const auto& name : all) list.push_back(name.str());
  return list;
}

const char* kind_word(const LinkView& link) {
  if (std::holds_alternative<Bond>(link.link.kind)) return "bond";
  if (std::holds_alternative<Vlan>(link.link.kind)) return "vlan";
  if (std::holds_alternative<Bridge>(link.link.kind)) return "bridge";
  return link.state.driver_kind.empty() ? "nic" : link.state.driver_kind.c_str();
}

Json vlan_json(const Vlan& vlan) {
  return {{"id", vlan.id.number()},
          {"protocol", vlan.protocol == VlanProtocol::ieee_802_1ad ? "802.1ad" : "802.1q"},
          {"link", vlan.parent.str()}};
}

Json bond_json(const LinkView& bond, const View& view) {
  Json json = Json::object();
  if (const auto mode = mode_word(bond.link); !mode.empty()) json["mode"] = mode;
  if (!bond.there) return json;
  put_name(json, "active_port", bond.state.active_port);
  json["ports_carrying_traffic"] = active_ports(bond, view).active;
  if (const auto& lacp = bond.state.lacp)
    json["lacp"] = {{"aggregator", lacp->aggregator},
                    {"ports", lacp->ports},
                    {"actor_key", lacp->actor_key},
                    {"partner_key", lacp->partner_key},
                    {"partner_mac", lacp->partner.str()}};
  return json;
}

Json lacp_bits(unsigned bits) {
  return {{"sync", (bits & lacp_bit::sync) != 0},
          {"collecting", (bits & lacp_bit::collecting) != 0},
          {"distributing", (bits & lacp_bit::distributing) != 0},
          {"defaulted", (bits & lacp_bit::defaulted) != 0},
          {"expired", (bits & lacp_bit::expired) != 0}};
}

Json bond_port_json(const LinkView& link, const View& view) {
  const auto& port = *link.state.bond_port;
  Json json{{"active", port.active}, {"mii_up", port.mii_up}, {"link_failures", port.failures}};
  put(json, "aggregator", port.aggregator);
  const auto bond =
      link.link.controller ? view.links.find(*link.link.controller) : view.links.end();
  if (port.aggregator && bond != view.links.end() && bond->second.state.lacp)
    json["in_active_aggregator"] = *port.aggregator == bond->second.state.lacp->aggregator;
  if (port.actor) json["actor"] = lacp_bits(*port.actor);
  if (port.partner) json["partner"] = lacp_bits(*port.partner);
  return json;
}

Json vlans_json(const std::vector<PortVlan>& vlans) {
  Json list = Json::array();
  for (const auto& vlan : vlans)
    list.push_back({{"id", vlan.id.number()}, {"pvid", vlan.pvid}, {"untagged", vlan.untagged}});
  return list;
}

Json counters_json(const Counters& counters) {
  return {{"rx_bytes", counters.received_bytes},   {"rx_packets", counters.received_packets},
          {"rx_errors", counters.received_errors}, {"rx_dropped", counters.received_dropped},
          {"tx_bytes", counters.sent_bytes},       {"tx_packets", counters.sent_packets},
          {"tx_errors", counters.sent_errors},     {"tx_dropped", counters.sent_dropped}};
}

Json clients_json(const std::vector<DhcpClient>& clients) {
  Json list = Json::array();
  for (const auto& client : clients) {
    Json one{{"client", name_of(client.program)}, {"family", client.v6 ? "ipv6" : "ipv4"}};
    if (client.pid != 0) one["pid"] = client.pid;
    one["started_by_vifchain"] = client.ours;
    list.push_back(std::move(one));
  }
  return list;
}

void put_what_is(Json& json, const LinkView& view, const View& whole) {
  const Link& link = view.link;
  json["up"] = link.up.value_or(false);
  json["carrier"] = view.state.carrier;
  put(json, "operstate", view.state.operstate);
  if (const auto& speed = view.state.speed) {
    json["speed_mbps"] = speed->mbps;
    if (speed->duplex) json["duplex"] = in_words(*speed->duplex);
  }
  put(json, "mtu", link.mtu);
  put_mac(json, "mac", link.mac);
  put_mac(json, "permanent_mac", link.permanent_mac);
  put_name(json, "controller", link.controller);
  if (link.addresses) {
    json["addresses"] = Json::array();
    for (const auto& address : *link.addresses) json["addresses"].push_back(address.str());
  }
  if (view.state.bond_port) json["bond_port"] = bond_port_json(view, whole);
  if (view.state.bridge_port) json["bridge_port"] = {{"state", in_words(*view.state.bridge_port)}};
  if (link.vlans && !link.vlans->empty()) json["vlans"] = vlans_json(*link.vlans);
  if (!view.clients.empty()) json["dhcp"] = clients_json(view.clients);
  if (view.state.counters) json["counters"] = counters_json(*view.state.counters);
}

Json link_json(const LinkView& view, const View& whole) {
  Json json{{"name", view.link.name.str()},
            {"kind", kind_word(view)},
            {"present", view.there},
            {"in_file", view.in_file},
            {"made_by_vifchain", view.there && view.link.ours}};
  if (view.line > 0) json["line"] = view.line;
  if (const auto* vlan = std::get_if<Vlan>(&view.link.kind)) json["vlan"] = vlan_json(*vlan);
  if (std::holds_alternative<Bond>(view.link.kind)) json["bond"] = bond_json(view, whole);
  if (view.there) put_what_is(json, view, whole);
  json["stands_on"] = names(view.below);
  json["differences"] = view.differences;
  json["troubles"] = view.troubles;
  return json;
}

Json guest_json(const GuestView& view) {
  const GuestVif& vif = view.vif;
  Json json{{"domid", vif.vif.domid}, {"devid", vif.vif.devid}};
  put(json, "guest", vif.guest);
  put_name(json, "link", view.link);
  put_name(json, "emulated_link", view.emulated);
  put_name(json, "on_bridge", view.on);
  put(json, "bridge", vif.bridge);
  put(json, "vlan", vif.vlan);
  put(json, "ip", vif.ip);
  put_mac(json, "mac", vif.mac);
  if (view.antispoof) json["antispoof"] = in_words(*view.antispoof);
  Json backend{{"domid", vif.backend_domid}, {"here", vif.here}};
  put(backend, "name", vif.backend_guest);
  if (vif.backend) backend["state"] = in_words(*vif.backend);
  json["backend"] = std::move(backend);
  if (vif.frontend) json["frontend"] = {{"state", in_words(*vif.frontend)}};
  put(json, "hotplug_status", vif.hotplug_status);
  put(json, "hotplug_error", vif.hotplug_error);
  json["troubles"] = view.troubles;
  return json;
}

Json bridges_json(const View& view) {
  Json list = Json::array();
  for (const auto& bridge : view.bridges) {
    Json guests = Json::array();
    for (const auto which : bridge.guests) guests.push_back(which);
    list.push_back({{"name", bridge.name.str()}, {"vifs", std::move(guests)}});
  }
  return list;
}

Json daemon_json(const DaemonSays& daemon) {
  if (!daemon.unknown.empty()) return {{"error", daemon.unknown}};
  return daemon.report ? Json::parse(report_json(*daemon.report)) : Json();
}

}  // namespace

std::string json_of(const Looked& looked, const View& view, const std::string& config, int indent) {
  Json json{{"format", 1},
            {"file", {{"path", config}, {"read", looked.has_file}, {"mistakes", looked.mistakes}}},
            {"xenstore", {{"read", looked.no_guests.empty()}}}};
  put(json["xenstore"], "error", looked.no_guests);
  json["filters"] = {{"read", looked.knows_filters}};
  json["bridges"] = bridges_json(view);
  json["links"] = Json::array();
  for (const auto& [name, link] : view.links) json["links"].push_back(link_json(link, view));
  json["vifs"] = Json::array();
  for (const auto& guest : view.guests) json["vifs"].push_back(guest_json(guest));
  json["wrong"] = all_wrong(view);
  json["daemon"] = daemon_json(looked.daemon);
  if (looked.window) json["window"] = window_json(*looked.window);
  return json_text(json, indent);
}

}  // namespace vifchain::inline cli

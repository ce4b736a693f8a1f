// SPDX-License-Identifier: Apache-2.0
#include "convert/import/from_kernel.hpp"

#include <algorithm>
#include <array>

#include "core/plan/impact.hpp"

namespace vifchain::inline convert {
namespace {

const Said here{"the running kernel"};

constexpr unsigned ethernet_mtu = 1500;

// Routes that somebody wrote down: by hand, by a file, by vifchain (rtnetlink(7), RTPROT_*).
bool is_written(const Route& route) {
  constexpr std::array<std::uint8_t, 4> protocols{0, 3, 4, our_protocol};
  return std::ranges::find(protocols, route.protocol) != protocols.end() && !is_interim(route);
}

// What no server or router gave for a time.
bool is_lasting(const LinkAddress& address) {
  return !address.traits.valid && !is_of_ra(address);
}

// Costs by speed (port_cost in br_if.c).
bool is_usual_cost(const Value& value) {
  constexpr std::array<std::int64_t, 5> costs{1, 2, 4, 19, 100};
  return std::ranges::find(costs, std::get<std::int64_t>(value)) != costs.end();
}

// 31.25 s, as ticks of any length have it.
bool is_usual_startup_query(const Value& value) {
  const auto interval = std::get<std::int64_t>(value);
  return interval >= 3120 && interval <= 3130;
}

bool is_default(Option option, const Value& value) {
  if (option == Option::port_cost) return is_usual_cost(value);
  if (option == Option::bridge_mcast_startup_query_interval) return is_usual_startup_query(value);
  return kernel_default(option) == value;
}

class Reader {
 public:
  Reader(const RunningHost& host, DraftConfig& draft) : host_(host), draft_(draft) {}

  void read() {
    for (const auto& [name, link] : host_.links)
      if (!is_given(link)) read_link(link);
    for (const auto& [name, link] : host_.links)
      if (link.controller && !is_guest_port(link)) read_place(link);
    for (const auto& [name, link] : host_.links)
      if (const auto* told = draft_.find(name.str()); told != nullptr && told->mtu)
        say_mtus_below(link);
    for (const auto& client : host_.clients)
      if (client.link) read_client(client);
  }

 private:
  void read_link(const Link& link) {
    const auto& name = link.name.str();
    if (std::holds_alternative<Bond>(link.kind)) draft_.bond(name, here);
    if (std::holds_alternative<Bridge>(link.kind)) draft_.bridge(name, here);
    if (const auto* vlan = std::get_if<Vlan>(&link.kind)) {
      draft_.vlan(name, vlan->parent.str(), std::to_string(vlan->id.number()), here);
      draft_.vlan(name, here).protocol = vlan->protocol;
    }
    DraftLink& told = draft_.link(name, here);
    read_options(link, told);
    for (const Link* port : ports_of(link.name)) draft_.add_port(told, port->name.str(), here);
    read_mtu(link, told);
    read_mac(link, told);
    if (!link.controller) read_hosting(link, told);
  }

  void read_options(const Link& link, DraftLink& told) {
    const auto mode = mode_of(link);
    if (mode) told.options[Option::bond_mode] = static_cast<std::int64_t>(*mode);
    told.slb = link.slb && !link.slb->ports.empty();
    for (const auto& [option, value] : options_of(link)) {
      const auto& row = spec(option);
      if (mode && !has_option(*mode, row)) continue;
      if (option == Option::bond_ad_select && mode != BondMode::lacp) continue;
      if (!is_default(option, value)) told.options[option] = value;
    }
    if (told.slb) {
      told.options.erase(Option::bond_mode);
      told.options.erase(Option::bond_xmit_hash_policy);
    }
  }

  // Those that a file may name, in the order in which the kernel numbers them is not to be had; by
  // name.
  std::vector<const Link*> ports_of(const LinkName& controller) {
    std::vector<const Link*> ports;
    for (const auto& [name, link] : host_.links)
      if (link.controller == controller && !is_guest_port(link)) ports.push_back(&link);
    return ports;
  }

  // A VLAN link is made with its parent's, a bridge takes its smallest port's.
  void read_mtu(const Link& link, DraftLink& told) {
    unsigned usual = ethernet_mtu;
    if (const auto* parent = parent_of(link)) {
      const auto below = host_.links.find(*parent);
      if (below != host_.links.end()) usual = below->second.mtu.value_or(ethernet_mtu);
    }
    if (link.mtu && *link.mtu != usual) told.mtu = link.mtu;
  }

  // In the file an mtu is a need of everything below, unless that says its own.
  void say_mtus_below(const Link& link) {
    auto below = ports_of(link.name);
    if (const auto* parent = parent_of(link))
      if (const auto found = host_.links.find(*parent); found != host_.links.end())
        below.push_back(&found->second);
    for (const Link* lower : below) {
      DraftLink& told = draft_.link(lower->name.str(), here);
      if (told.mtu && told.mtu == lower->mtu) continue;
      told.mtu = lower->mtu;
      say_mtus_below(*lower);
    }
  }

  // One that was set is none of a port's; a bond takes a port's permanent one.
  void read_mac(const Link& link, DraftLink& told) {
    if (parent_of(link) != nullptr || !link.mac) return;
    const auto ports = ports_of(link.name);
    const bool inherited = std::ranges::any_of(ports, [&](const Link* port) {
      return port->mac == link.mac || port->permanent_mac == link.mac;
    });
    if (!ports.empty() && !inherited) told.mac = link.mac;
  }

  void read_hosting(const Link& link, DraftLink& told) {
    for (auto address : link.addresses.value_or(std::vector<LinkAddress>{})) {
      if (!is_lasting(address)) continue;
      address.traits = {};
      address.traits.protocol = our_protocol;
      if (std::ranges::find(told.addresses, address) == told.addresses.end())
        told.addresses.push_back(address);
    }
    for (const auto& route : link.routes.value_or(std::vector<Route>{}))
      if (is_written(route)) read_route(route, told);
    const auto of_ra = [](const auto& one) { return is_of_ra(one); };
    if (link.ra == true &&
        (std::ranges::any_of(link.addresses.value_or(std::vector<LinkAddress>{}), of_ra) ||
         std::ranges::any_of(link.routes.value_or(std::vector<Route>{}), of_ra)))
      told.ra = true;
  }

  // The file can say where to, by whom and how dear.
  void read_route(const Route& route, DraftLink& told) {
    Route plain = default_route(route.via.value_or(IpAddress{}));
    plain.to = route.to;
    plain.via = route.via;
    plain.metric = route.metric;
    plain.onlink = route.onlink;
    plain.scope = scope_of(plain);
    plain.protocol = our_protocol;
    Route bare = route;
    bare.protocol = our_protocol;
    bare.scope = plain.scope;
    if (!route.foreign.empty() || bare.table != plain.table || bare.type != plain.type ||
        bare.tos != plain.tos)
      return draft_.lose({here.file, 0, route.str()}, "the file has routes of the main table alone",
                         told.name);
    if (std::ranges::find(told.routes, plain) == told.routes.end()) told.routes.push_back(plain);
  }

  // A place under a bond or bridge, and what of a NIC goes with it.
  void read_place(const Link& link) {
    const auto controller = host_.links.find(*link.controller);
    if (controller == host_.links.end()) return;
    DraftLink& told = draft_.link(link.name.str(), here);
    for (const auto& [option, value] : link.port)
      if (belongs(option, controller->second) && !is_default(option, value))
        told.port_options[option] = value;
    if (is_given(link)) read_mtu(link, told);
    if (filters_vlans(options_of(controller->second))) read_vlans(link, told);
  }

  static bool belongs(Option option, const Link& controller) {
    if (spec(option).owner == Owner::bridge_port)
      return std::holds_alternative<Bridge>(controller.kind);
    const auto mode = mode_of(controller);
    return mode && has_option(*mode, spec(option));
  }

  // Either all of its VLANs, or it keeps those that it has.
  void read_vlans(const Link& link, DraftLink& told) {
    VidRanges tagged;
    std::optional<VlanId> own;
    for (const auto& vlan : link.vlans.value_or(std::vector<PortVlan>{})) {
      if (vlan.pvid != vlan.untagged)
        return draft_.lose({here.file, 0, "VLAN " + std::to_string(vlan.id.number())},
                           "the file has tagged VLANs, and one that goes untagged and is the "
                           "port's own; " +
                               told.name + " keeps its VLANs as they are",
                           told.name);
      if (vlan.pvid)
        own = vlan.id;
      else
        tagged.emplace_back(vlan.id, vlan.id);
    }
    told.vlans = std::move(tagged);
    told.pvid = own;
  }

  void read_client(const DhcpClient& client) {
    const DraftLink* told = draft_.find(client.link->str());
    const auto link = host_.links.find(*client.link);
    if (told == nullptr || link == host_.links.end() || link->second.controller) return;
    auto& dhcp = draft_.link(told->name, here).dhcp;
    dhcp = with(dhcp, client.v6);
  }

  const RunningHost& host_;
  DraftConfig& draft_;
};

}  // namespace

void read_kernel(const RunningHost& host, DraftConfig& draft) {
  Reader(host, draft).read();
}

}  // namespace vifchain::inline convert

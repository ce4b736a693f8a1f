// SPDX-License-Identifier: Apache-2.0
#include "core/plan/effect.hpp"

#include <algorithm>

#include "core/model/links.hpp"
#include "core/plan/bond_effect.hpp"
#include "core/plan/compare.hpp"

namespace vifchain::inline core::inline plan {
namespace {

std::int64_t number(const Options& options, Option option, std::int64_t otherwise = 0) {
  return integer(options, option).value_or(otherwise);
}

bool loosely_bound(const Link& vlan) {
  return number(options_of(vlan), Option::vlan_loose_binding) == 1;
}

// What goes with the state of a link (fib_disable_ip, addrconf_ifdown): routes over it, and its
// IPv6 addresses; where keep_addr_on_down keeps these, to set them again does no harm.
void forget_routes(Link& link) {
  if (link.routes) link.routes->clear();
  if (link.addresses) std::erase_if(*link.addresses, is_v6);
}

// VLAN links go down and up with the link below them (vlan_device_event in net/8021q/vlan.c).
void set_up(Actual& links, const LinkName& name, bool up) {
  if (!up && links.at(name).up == true) forget_routes(links.at(name));
  links.at(name).up = up;
  for (auto& [upper, link] : links)
    if (is_stacked_on(link, name) && !loosely_bound(link)) set_up(links, upper, up);
}

bool is_bridge(const Actual& links, const LinkName& name) {
  return is<Bridge>(link_in(links, name));
}

// The link's MTU is unknown until it is read again, and so is that of all that follows it: VLAN
// links on it, and the bridge that it is a port of. Where the MTU was too low for IPv6, or `low`:
// may be now, nothing is known of its IPv6 either.
void forget_mtu(Actual& links, const LinkName& name, bool low = false) {
  Link& link = links.at(name);
  low |= !has_mtu6(link);
  if (!link.mtu && !(low && link.addr_gen)) return;
  if (low) {
    link.addr_gen.reset();
    link.ra.reset();
  }
  link.mtu.reset();
  for (const auto& [upper, other] : links)
    if (is_stacked_on(other, name)) forget_mtu(links, upper, low);
  const auto controller = links.at(name).controller;
  if (controller && is_bridge(links, *controller)) forget_mtu(links, *controller, low);
}

// The bridge's own MTU may have followed its port. `low`: that of the port is or was too low for
// IPv6.
void disturb_bridge_mtu(Actual& links, const Link& port, bool low) {
  if (!port.controller || !is_bridge(links, *port.controller)) return;
  if (links.at(*port.controller).mtu != port.mtu) forget_mtu(links, *port.controller, low);
}

// Where IPv6 goes, it takes its addresses and routes along; where it comes, it is as it is on every
// new link.
void change_ipv6(Link& link, bool had) {
  const bool has = has_mtu6(link);
  if (had == has) return;
  link.addr_gen = has ? AddrGen::eui64 : AddrGen::none;
  link.ra = has ? std::optional(true) : std::nullopt;
  if (has) return;
  if (link.routes) std::erase_if(*link.routes, [](const Route& r) { return is_v6(r.to); });
  if (link.addresses) std::erase_if(*link.addresses, is_v6);
}

// Where the MTU is not known any more, whether it was enough is (forget_mtu).
bool had_ipv6(const Link& link) {
  return link.mtu ? has_mtu6(link) : link.addr_gen.has_value();
}

void set_mtu(Actual& links, const LinkName& name, unsigned mtu) {
  const bool had = had_ipv6(links.at(name));
  links.at(name).mtu = mtu;
  change_ipv6(links.at(name), had);
  disturb_bridge_mtu(links, links.at(name), !had || !has_mtu6(links.at(name)));
  if (links.at(name).rate.value_or(0) != 0) links.at(name).rate.reset();  // its queue is too short
  for (auto& [other, link] : links) {
    const bool dragged = is_stacked_on(link, name) && link.mtu > mtu;
    const bool pushed = link.controller == name && is_bond(links, name) && link.mtu != mtu;
    if (dragged || pushed) set_mtu(links, other, mtu);
  }
}

void disturb_bridge(Actual& links, const Link& port) {
  disturb_bridge_mtu(links, port, !has_mtu6(port));
  if (port.mac != vif_mac) links.at(*port.controller).mac.reset();
}

void join(Actual& links, const LinkName& port_name, const LinkName& controller_name) {
  Link& port = links.at(port_name);
  port.controller = controller_name;
  port.port.clear();
  port.vlans.reset();
  port.fdb.reset();
  const auto found = links.find(controller_name);
  if (found == links.end()) return;
  if (!is_bond(links, controller_name)) return disturb_bridge(links, port);
  port.mac.reset();
  if (found->second.mtu)
    set_mtu(links, port_name, *found->second.mtu);
  else
    forget_mtu(links, port_name);
  set_up(links, port_name, true);
}

bool has_ports(const Actual& links, const LinkName& controller) {
  return std::ranges::any_of(
      links, [&](const auto& entry) { return entry.second.controller == controller; });
}

// __bond_release_one in bond_main.c: the port is closed and gets its own MTU and MAC back; the
// bond that loses its last port gets a random MAC.
void leave_bond(Actual& links, const LinkName& port_name, const LinkName& bond) {
  forget_mtu(links, port_name);
  links.at(port_name).mac.reset();
  set_up(links, port_name, false);
  if (links.contains(bond) && !has_ports(links, bond)) links.at(bond).mac.reset();
}

void leave(Actual& links, const LinkName& port_name) {
  Link& port = links.at(port_name);
  if (!port.controller) return;
  const LinkName controller = *port.controller;
  port.controller.reset();
  port.port.clear();
  port.vlans.reset();
  port.fdb.reset();
  if (is_bond(links, controller)) return leave_bond(links, port_name, controller);
  if (links.contains(controller)) {
    forget_mtu(links, controller);
    links.at(controller).mac.reset();
  }
}

// Port options, VLANs and the like are not part of it: what it has of them is the kernel's default.
void make(Actual& links, const Create& create) {
  const Link& wanted = create.link;
  Link link{.name = wanted.name, .kind = wanted.kind, .ours = true};
  for (const auto& [option, value] : wanted.birth.options) options_of(link).emplace(option, value);
  const auto* parent = parent_of(link);
  const Link* below = parent == nullptr ? nullptr : link_in(links, *parent);
  link.mac = wanted.birth.mac ? wanted.birth.mac : wanted.mac;
  link.mtu = wanted.birth.mtu ? wanted.birth.mtu : below != nullptr ? below->mtu : 1500;
  link.up = wanted.up.value_or(false);
  const bool has_ipv6 = has_mtu6(link);
  link.addr_gen = has_ipv6 ? AddrGen::eui64 : AddrGen::none;
  if (has_ipv6) link.ra = true;
  if (is<Bridge>(link)) link.apart = false;
  link.addresses.emplace();
  link.routes.emplace();
  if (is<Bond>(link)) link.slb.emplace();
  links.insert_or_assign(link.name, link);
  if (wanted.controller) join(links, link.name, *wanted.controller);
}

void remove(Actual& links, const LinkName& name) {
  std::vector<LinkName> ports, stacked;
  for (const auto& [other, link] : links) {
    if (link.controller == name) ports.push_back(other);
    if (is_stacked_on(link, name)) stacked.push_back(other);
  }
  for (const auto& port : ports) leave(links, port);
  for (const auto& vlan : stacked) remove(links, vlan);
  if (links.contains(name) && links.at(name).controller) leave(links, name);
  links.erase(name);
}

// br_stp_start in br_stp_if.c: STP starts with a forward delay of at least two seconds.
void change_bridge(Options& bridge, const Options& change) {
  for (const auto& [option, value] : change) bridge[option] = value;
  if (number(change, Option::bridge_stp) == 1 && number(bridge, Option::bridge_forward_delay) < 200)
    bridge.erase(Option::bridge_forward_delay);
}

// Ports that carry the old default PVID untagged get the new one in its place, unless they carry
// that already; 0 takes the old one away
// (__br_vlan_set_default_pvid, br_vlan_disable_default_pvid in br_vlan.c).
void change_default_pvid(std::vector<PortVlan>& vlans, std::int64_t from, std::int64_t to) {
  const auto is_old = [&](const PortVlan& v) {
    return v.id.number() == from && v.pvid && v.untagged;
  };
  const auto id = VlanId::from(to);
  if (id) {
    const bool had = std::ranges::any_of(vlans, is_old);
    const bool has = std::ranges::any_of(vlans, [&](const auto& v) { return v.id == *id; });
    if ((from != 0 && !had) || has) return;
  }
  std::erase_if(vlans, is_old);
  if (!id) return;
  for (auto& vlan : vlans) vlan.pvid = false;
  vlans.push_back({*id, true, true});
  std::ranges::sort(vlans);
}

void set_options(Actual& links, const SetOptions& op) {
  Link& link = links.at(op.name);
  const auto old_pvid = number(options_of(link), Option::bridge_vlan_default_pvid, 1);
  if (is<Bond>(link)) return change_bond(options_of(link), op.options);
  if (is<Bridge>(link))
    change_bridge(options_of(link), op.options);
  else
    for (const auto& [option, value] : op.options) options_of(link)[option] = value;
  if (!op.options.contains(Option::bridge_vlan_default_pvid)) return;
  for (auto& [name, port] : links)
    if (port.controller == op.name && port.vlans)
      change_default_pvid(*port.vlans, old_pvid,
                          number(op.options, Option::bridge_vlan_default_pvid));
}

void set_vlans(Link& link, const SetVlans& op) {
  auto vlans = link.vlans.value_or(std::vector<PortVlan>{});
  std::erase_if(vlans, [&](const auto& v) {
    const auto same = [&](const auto& added) { return added.id == v.id; };
    return std::ranges::find(op.remove, v.id) != op.remove.end() ||
           std::ranges::any_of(op.add, same);
  });
  const bool moves_pvid = std::ranges::any_of(op.add, [](const auto& v) { return v.pvid; });
  if (moves_pvid)
    for (auto& vlan : vlans) vlan.pvid = false;
  vlans.insert(vlans.end(), op.add.begin(), op.add.end());
  std::ranges::sort(vlans);
  link.vlans = std::move(vlans);
}

// fdb_add_entry in br_fdb.c: the MAC is at this port now, and no more at another one.
void take_entry(Actual& links, const Link& port, const FdbEntry& entry) {
  for (auto& [name, other] : links)
    if (other.controller == port.controller && other.fdb) std::erase(*other.fdb, entry);
}

void add_entry(Actual& links, Link& port, const FdbEntry& entry) {
  take_entry(links, port, entry);
  port.fdb->push_back(entry);
  if (entry.vlan || !port.vlans) return;
  for (const auto& vlan : *port.vlans) add_entry(links, port, {entry.mac, vlan.id});
}

void set_fdb(Actual& links, const SetFdb& op) {
  Link& port = links.at(op.name);
  if (!port.fdb) port.fdb.emplace();
  for (const auto& gone : op.remove)
    std::erase_if(*port.fdb, [&](const FdbEntry& entry) {
      return entry == gone || (!gone.vlan && entry.mac == gone.mac && is_in_vlan_of(port, entry));
    });
  for (const auto& entry : op.add) add_entry(links, port, entry);
  std::ranges::sort(*port.fdb);
}

// A route goes with its source, and with the last IPv4 address of the link all of its IPv4 routes
// (fib_sync_down_addr, inetdev_event).
void drop_baseless_routes(Link& link) {
  if (!link.routes || !link.addresses) return;
  const auto& own = *link.addresses;
  const auto carries = [&](const IpAddress& a) {
    return std::ranges::any_of(own, [&](const LinkAddress& mine) { return mine.address == a; });
  };
  const bool any4 = !std::ranges::all_of(own, is_v6);
  std::erase_if(*link.routes, [&](const Route& route) {
    return (!is_v6(route.to) && !any4) || (route.source && !carries(*route.source));
  });
}

void set_addresses(Link& link, const SetAddresses& op) {
  auto addresses = addresses_of(link);
  std::erase_if(addresses, [&](const auto& address) {
    return std::ranges::find(op.remove, address) != op.remove.end();
  });
  addresses.insert(addresses.end(), op.add.begin(), op.add.end());
  std::ranges::sort(addresses);
  link.addresses = std::move(addresses);
  if (!op.remove.empty()) drop_baseless_routes(link);
}

void set_routes(Actual& links, const SetRoutes& op) {
  Link& link = links.at(op.name);
  if (!link.routes) link.routes.emplace();
  for (const auto& gone : op.remove) std::erase(*link.routes, gone);
  for (const auto& route : op.add) {
    for (auto& [name, other] : links)
      if (other.routes)
        std::erase_if(*other.routes, [&](const Route& r) { return same_place(r, route); });
    link.routes->push_back(route);
  }
  std::ranges::sort(*link.routes);
}

struct Effect {
  Actual& links;
  void operator()(const Create& op) const { make(links, op); }
  void operator()(const Delete& op) const { remove(links, op.name); }
  void operator()(const SetDown& op) const { set_up(links, op.name, false); }
  void operator()(const SetUp& op) const { set_up(links, op.name, true); }
  void operator()(const Join& op) const { join(links, op.port, op.controller); }
  void operator()(const Leave& op) const { leave(links, op.port); }
  void operator()(const SetOptions& op) const { set_options(links, op); }
  void operator()(const SetPort& op) const {
    for (const auto& [option, value] : op.options) links.at(op.name).port[option] = value;
    if (op.up) set_up(links, op.name, true);
  }
  void operator()(const SetVlans& op) const { set_vlans(links.at(op.name), op); }
  void operator()(const SetFdb& op) const { set_fdb(links, op); }
  void operator()(const SetMtu& op) const { set_mtu(links, op.name, op.mtu); }
  void operator()(const SetMac& op) const { links.at(op.name).mac = op.mac; }
  void operator()(const SetAddrGen& op) const {
    links.at(op.name).addr_gen = op.mode;
    if (op.secret) links.at(op.name).secret = op.secret;
  }
  void operator()(const SetRa& op) const { links.at(op.name).ra = op.on; }
  void operator()(const SetApart& op) const { links.at(op.name).apart = op.apart; }
  void operator()(const SetAddresses& op) const { set_addresses(links.at(op.name), op); }
  void operator()(const SetRoutes& op) const { set_routes(links, op); }
  void operator()(const SetOurs& op) const { links.at(op.name).ours = op.ours; }
  void operator()(const SetSlb& op) const { links.at(op.name).slb = SlbRules{op.ports}; }
  void operator()(const SetFilter& op) const {
    if (const auto link = links.find(op.name); link != links.end()) link->second.filter = op.filter;
  }
  void operator()(const SetRate& op) const { links.at(op.name).rate = op.rate; }
};

}  // namespace

void take_effect(Actual& links, const Op& op) {
  std::visit(Effect{links}, op);
}

}  // namespace vifchain::inline core::inline plan

// SPDX-License-Identifier: Apache-2.0
#include "fake_net.hpp"

#include <algorithm>
#include <cerrno>
#include <span>

namespace vifchain {
namespace {

// The order in which the kernel walks the options of one message (bond_changelink,
// vlan_changelink, br_changelink, br_setport, bond_slave_changelink). What is missing here it does
// not know in 6.1, and skips without a word.
using enum Option;
constexpr Option kernel_order[] = {
    bond_mode,
    bond_miimon,
    bond_updelay,
    bond_downdelay,
    bond_peer_notif_delay,
    bond_use_carrier,
    bond_arp_interval,
    bond_arp_ip_target,
    bond_ns_ip6_target,
    bond_arp_validate,
    bond_arp_all_targets,
    bond_primary,
    bond_primary_reselect,
    bond_fail_over_mac,
    bond_xmit_hash_policy,
    bond_resend_igmp,
    bond_num_peer_notif,
    bond_all_slaves_active,
    bond_min_links,
    bond_lp_interval,
    bond_packets_per_slave,
    bond_lacp_active,
    bond_lacp_rate,
    bond_ad_select,
    bond_ad_actor_sys_prio,
    bond_ad_user_port_key,
    bond_ad_actor_system,
    bond_tlb_dynamic_lb,
    bond_missed_max,
    bond_coupled_control,
    vlan_reorder_hdr,
    vlan_gvrp,
    vlan_mvrp,
    vlan_loose_binding,
    vlan_bridge_binding,
    vlan_ingress_qos_map,
    vlan_egress_qos_map,
    bridge_forward_delay,
    bridge_hello_time,
    bridge_max_age,
    bridge_ageing_time,
    bridge_stp,
    bridge_priority,
    bridge_vlan_filtering,
    bridge_vlan_protocol,
    bridge_vlan_default_pvid,
    bridge_vlan_stats_enabled,
    bridge_vlan_stats_per_port,
    bridge_group_fwd_mask,
    bridge_group_addr,
    bridge_mcast_router,
    bridge_mcast_snooping,
    bridge_mcast_query_use_ifaddr,
    bridge_mcast_querier,
    bridge_mcast_hash_max,
    bridge_mcast_last_member_count,
    bridge_mcast_startup_query_count,
    bridge_mcast_last_member_interval,
    bridge_mcast_membership_interval,
    bridge_mcast_querier_interval,
    bridge_mcast_query_interval,
    bridge_mcast_query_response_interval,
    bridge_mcast_startup_query_interval,
    bridge_mcast_stats_enabled,
    bridge_mcast_igmp_version,
    bridge_mcast_mld_version,
    bridge_nf_call_iptables,
    bridge_nf_call_ip6tables,
    bridge_nf_call_arptables,
    bridge_no_linklocal_learn,
    bridge_mcast_vlan_snooping,
    bridge_mst_enabled,
    port_hairpin,
    port_guard,
    port_fastleave,
    port_root_block,
    port_learning,
    port_flood,
    port_mcast_flood,
    port_mcast_to_unicast,
    port_bcast_flood,
    port_proxy_arp,
    port_proxy_arp_wifi,
    port_vlan_tunnel,
    port_neigh_suppress,
    port_isolated,
    port_locked,
    port_cost,
    port_priority,
    port_mcast_router,
    port_group_fwd_mask,
    bond_port_queue_id,
    bond_port_prio,
    bond_port_actor_port_prio,
};

Owner owner_of_kind(const Kind& kind) {
  if (std::holds_alternative<Bond>(kind)) return Owner::bond;
  if (std::holds_alternative<Bridge>(kind)) return Owner::bridge;
  return Owner::vlan;
}

// The options of `message` that belong to `owner`, in the kernel's order, at most `limit`.
std::vector<Option> walk(const Options& message, Owner owner, std::size_t limit) {
  std::vector<Option> order;
  for (const Option option : kernel_order) {
    if (order.size() == limit) break;
    if (spec(option).owner == owner && message.contains(option)) order.push_back(option);
  }
  return order;
}

bool has_foreign_options(const Options& message, Owner owner) {
  return std::any_of(message.begin(), message.end(),
                     [&](const auto& entry) { return spec(entry.first).owner != owner; });
}

bool is_loose(const Device& vlan) {
  return number(options_of(vlan.link), vlan_loose_binding) != 0;
}

bool checks_mac_on_open(const Device& device) {
  return std::holds_alternative<Given>(device.link.kind) ||
         std::holds_alternative<Vlan>(device.link.kind);
}

Options new_vlan_options() {
  Options options;
  for (const Option flag : {vlan_gvrp, vlan_mvrp, vlan_loose_binding, vlan_bridge_binding})
    options[flag] = std::int64_t{0};
  options[vlan_reorder_hdr] = std::int64_t{1};
  options[vlan_ingress_qos_map] = QosMap{};
  options[vlan_egress_qos_map] = QosMap{};
  return options;
}

// Maps are merged; an entry that maps to 0 is one that is not there (vlan_dev_set_*_priority).
void merge_qos(Value& map, const QosMap& change, std::uint32_t from_mask, std::uint32_t to_mask) {
  auto& entries = std::get<QosMap>(map);
  for (const auto& [from, to] : change) {
    entries.erase(from & from_mask);
    if ((to & to_mask) != 0) entries[from & from_mask] = to & to_mask;
  }
}

void set_vlan_option(Device& vlan, Option option, const Value& value) {
  auto& mine = options_of(vlan.link)[option];
  constexpr std::uint32_t any = 0xffffffff;
  if (option == vlan_ingress_qos_map) return merge_qos(mine, std::get<QosMap>(value), 7, any);
  if (option == vlan_egress_qos_map) return merge_qos(mine, std::get<QosMap>(value), any, 7);
  mine = value;
}

// Of others nobody is asked.
bool may_have_rules(const Link& bond) {
  return bond.ours && mode_of(bond) == BondMode::balance_xor &&
         integer(options_of(bond), Option::bond_xmit_hash_policy) == vlan_srcmac;
}

}  // namespace

// addrconf_notify: below 1280 IPv6 goes, with its addresses, routes and settings; above it comes as
// on every new link.
void change_ipv6(Link& link) {
  const bool has = *link.mtu >= 1280;
  if (link.ra.has_value() == has) return;
  link.addr_gen = has ? AddrGen::eui64 : AddrGen::none;
  link.ra = has ? std::optional(true) : std::nullopt;
  if (has) return;
  if (link.routes) std::erase_if(*link.routes, [](const Route& r) { return r.to.address.v6; });
  if (link.addresses)
    std::erase_if(*link.addresses, [](const LinkAddress& a) { return a.address.v6; });
}

std::int64_t number(const Options& options, Option option) {
  return std::get<std::int64_t>(options.at(option));
}

Device* FakeNet::find(const LinkName& name) {
  const auto it = devices_.find(name);
  return it == devices_.end() ? nullptr : &it->second;
}

const Device* FakeNet::find(const LinkName& name) const {
  const auto it = devices_.find(name);
  return it == devices_.end() ? nullptr : &it->second;
}

Mac FakeNet::random_mac() {
  const std::uint32_t n = ++random_macs_;
  return {{0xf2, 0x5e, 0, static_cast<std::uint8_t>(n >> 16), static_cast<std::uint8_t>(n >> 8),
           static_cast<std::uint8_t>(n)}};
}

void FakeNet::add_nic(const Nic& nic) {
  Device device{.link = {.name = nic.name}};
  device.link.mtu = nic.mtu;
  device.link.mac = device.link.permanent_mac = nic.mac;
  device.link.up = nic.up;
  device.link.addr_gen = AddrGen::eui64;
  device.link.ra = true;
  change_ipv6(device.link);
  device.link.addresses.emplace();
  device.link.routes.emplace();
  device.link.rate = 0;
  device.mac_from = MacFrom::hardware;
  device.max_mtu = nic.max_mtu;
  devices_.insert_or_assign(nic.name, device);
}

Link FakeNet::shown(const LinkName& name) const {
  const Device& device = devices_.at(name);
  Link link = device.link;
  if (is_given(link)) {
    const auto filter = filters_.find(name);
    link.filter = filter == filters_.end() ? PortFilter{} : filter->second;
    link.filter->spoilt |= is_filtered(link) && !filters_are_whole_;
  }
  if (!link.ours) link.apart.reset();
  if (!std::holds_alternative<Bond>(link.kind)) return link;
  options_of(link) = shown_bond_options(device);
  link.slb = SlbRules{};
  if (may_have_rules(link)) link.slb = rules_of(name);
  return link;
}

// The chains of a port go with it; what is asked of a table tells (nft_netdev_event in
// net/netfilter/nft_chain_filter.c).
SlbRules FakeNet::rules_of(const LinkName& bond) const {
  const auto found = rules_.find(bond);
  if (found == rules_.end()) return {};
  SlbRules rules{found->second};
  for (const auto& port : rules.ports) rules.spoilt = rules.spoilt || find(port) == nullptr;
  return rules;
}

std::vector<LinkName> FakeNet::orphaned_rules() const {
  std::vector<LinkName> orphans;
  for (const auto& [bond, ports] : rules_)
    if (find(bond) == nullptr || !may_have_rules(devices_.at(bond).link)) orphans.push_back(bond);
  return orphans;
}

Errno FakeNet::set_ours(const LinkName& name, bool ours) {
  Device* device = find(name);
  if (device == nullptr) return ENODEV;
  device->link.ours = ours;
  return 0;
}

Errno FakeNet::set_filter(const LinkName& port, const PortFilter& filter) {
  filters_.erase(port);
  filters_are_whole_ = true;
  if (filter.mode != Antispoof::off) filters_.emplace(port, filter);
  return 0;
}

Errno FakeNet::set_rate(const LinkName& name, std::uint64_t rate) {
  Device* device = find(name);
  if (device == nullptr) return ENODEV;
  device->link.rate = rate;
  return 0;
}

Errno FakeNet::set_rules(const LinkName& bond, const std::vector<LinkName>& ports) {
  if (find(bond) == nullptr) return ENODEV;
  for (const auto& port : ports)
    if (find(port) == nullptr) return ENOENT;
  rules_.erase(bond);
  if (!ports.empty()) rules_.emplace(bond, ports);
  return 0;
}

// The VLANs on a link in the order of vlan_group_for_each_dev: by protocol, then by id.
std::vector<LinkName> FakeNet::vlans_on(const LinkName& parent) const {
  std::vector<const Link*> found;
  for (const auto& [name, device] : devices_)
    if (const auto* mine = parent_of(device.link); mine && *mine == parent)
      found.push_back(&device.link);
  std::sort(found.begin(), found.end(), [](const Link* a, const Link* b) {
    const auto &left = std::get<Vlan>(a->kind), &right = std::get<Vlan>(b->kind);
    return std::pair(left.protocol, left.id) < std::pair(right.protocol, right.id);
  });
  std::vector<LinkName> names;
  for (const Link* link : found) names.push_back(link->name);
  return names;
}

// True when `upper` is stacked on `lower`, over any number of floors (__netdev_has_upper_dev).
bool FakeNet::is_above(const LinkName& upper, const LinkName& lower) const {
  const Device& device = devices_.at(lower);
  auto above = vlans_on(lower);
  if (device.link.controller) above.push_back(*device.link.controller);
  return std::any_of(above.begin(), above.end(),
                     [&](const LinkName& next) { return next == upper || is_above(upper, next); });
}

// rtnl_newlink_create: all or nothing.
Errno FakeNet::create(const Link& wanted, bool ours) {
  if (find(wanted.name)) return EEXIST;
  if (std::holds_alternative<Given>(wanted.kind)) return EOPNOTSUPP;
  Device made{.link = {.name = wanted.name, .kind = wanted.kind}};
  made.link.mtu = wanted.birth.mtu.value_or(1500);
  const auto mac = wanted.birth.mac ? wanted.birth.mac : wanted.mac;
  made.link.mac = mac ? *mac : random_mac();
  made.mac_from = mac ? MacFrom::set : MacFrom::random;
  made.link.up = false;
  made.link.addr_gen = AddrGen::eui64;
  made.link.ra = true;
  if (std::holds_alternative<Bridge>(wanted.kind)) made.link.apart = false;
  made.link.addresses.emplace();
  made.link.routes.emplace();
  made.link.ours = ours;
  if (!made.mac().unicast()) return EADDRNOTAVAIL;
  if (made.mtu() < made.min_mtu || made.mtu() > made.max_mtu) return EINVAL;
  if (std::holds_alternative<Bond>(wanted.kind)) fill_new_bond(made);
  if (std::holds_alternative<Bridge>(wanted.kind)) fill_new_bridge(made);
  if (std::holds_alternative<Vlan>(wanted.kind))
    if (const Errno refused = fill_new_vlan(made, wanted)) return refused;
  change_ipv6(made.link);
  return register_device(std::move(made), wanted);
}

Errno FakeNet::fill_new_vlan(Device& made, const Link& wanted) {
  const auto& vlan = std::get<Vlan>(wanted.kind);
  const Device* parent = find(vlan.parent);
  if (!parent) return ENODEV;
  for (const auto& sibling : vlans_on(vlan.parent)) {
    const auto& other = std::get<Vlan>(devices_.at(sibling).link.kind);
    if (other.id == vlan.id && other.protocol == vlan.protocol) return EEXIST;
  }
  if (wanted.birth.mtu && *wanted.birth.mtu > parent->mtu()) return EINVAL;
  made.min_mtu = 0;
  options_of(made.link) = new_vlan_options();
  if (!wanted.birth.mtu) made.link.mtu = parent->mtu();
  if (made.mac_from == MacFrom::random) {
    made.link.mac = parent->mac();
    made.mac_from = MacFrom::stolen;
  }
  return 0;
}

Errno FakeNet::register_device(Device made, const Link& wanted) {
  Options message = wanted.birth.options;
  for (const auto& [option, value] : options_of(wanted)) message[option] = value;
  devices_.insert_or_assign(wanted.name, std::move(made));
  Errno refused = set_options(wanted.name, message, message.size());
  if (!refused && wanted.up == true) refused = open(wanted.name);
  if (!refused && wanted.controller) refused = set_controller(wanted.name, wanted.controller);
  if (refused) unregister(wanted.name);
  return refused;
}

Errno FakeNet::remove(const LinkName& name) {
  const Device* device = find(name);
  if (!device) return ENODEV;
  if (std::holds_alternative<Given>(device->link.kind)) return EOPNOTSUPP;  // no ops->dellink
  unregister(name);
  return 0;
}

// unregister_netdevice_many and the notifiers it calls: VLANs go with their parent, a controller
// loses its port, ports lose their controller.
void FakeNet::unregister(const LinkName& name) {
  Device& device = devices_.at(name);
  const bool is_bond = std::holds_alternative<Bond>(device.link.kind);
  if (!is_bond)
    for (const auto& port : std::vector(device.ports))
      bridge_forget_port(device, devices_.at(port));
  close(name);
  for (const auto& vlan : vlans_on(name)) unregister(vlan);
  if (device.link.controller) {
    Device& controller = devices_.at(*device.link.controller);
    if (std::holds_alternative<Bond>(controller.link.kind))
      bond_drop_port(controller, device, Release::port_unregisters);
    else
      bridge_drop_port(controller, device);
  }
  if (is_bond)
    for (const auto& port : std::vector(device.ports))
      bond_drop_port(device, devices_.at(port), Release::bond_unregisters);
  devices_.erase(name);
}

// dev_open and NETDEV_UP: every VLAN on the link comes up too, also one that was set down by hand.
// What IPv6 hears of by that, it does not hear of a bond's ports.
Errno FakeNet::open(const LinkName& name, bool for_a_bond) {
  Device* device = find(name);
  if (!device) return ENODEV;
  if (device->is_up()) return 0;
  if (checks_mac_on_open(*device) && !device->mac().unicast()) return EADDRNOTAVAIL;
  if (const auto* parent_name = parent_of(device->link)) {
    const Device& parent = devices_.at(*parent_name);
    if (!parent.is_up() && !is_loose(*device)) return ENETDOWN;
    if (device->mac_from == MacFrom::stolen && device->mac() != parent.mac()) {
      device->link.mac = parent.mac();
      mac_changed(*device);
    }
    device->parent_mac = parent.mac();
  }
  device->link.up = true;
  const auto& controller = device->link.controller;
  if (controller) for_a_bond |= std::holds_alternative<Bond>(devices_.at(*controller).link.kind);
  if (!for_a_bond) change_ipv6(device->link);
  for (const auto& vlan : vlans_on(name))
    if (!is_loose(devices_.at(vlan))) static_cast<void>(open(vlan));
  return 0;
}

// dev_close and NETDEV_DOWN. A link that goes down loses its IPv6 addresses (keep_addr_on_down).
Errno FakeNet::close(const LinkName& name) {
  Device* device = find(name);
  if (!device) return ENODEV;
  if (!device->is_up()) return 0;
  device->link.up = false;
  device->link.routes->clear();
  std::erase_if(*device->link.addresses, [](const LinkAddress& a) { return a.address.v6; });
  for (const auto& vlan : vlans_on(name))
    if (!is_loose(devices_.at(vlan))) close(vlan);
  return 0;
}

// dev_set_mtu and NETDEV_CHANGEMTU.
Errno FakeNet::set_mtu(const LinkName& name, unsigned mtu) {
  Device* device = find(name);
  if (!device) return ENODEV;
  if (device->mtu() == mtu) return 0;
  if (mtu < device->min_mtu || mtu > device->max_mtu) return EINVAL;
  if (const auto* parent = parent_of(device->link); parent && devices_.at(*parent).mtu() < mtu)
    return ERANGE;
  if (std::holds_alternative<Bond>(device->link.kind))
    if (const Errno refused = set_bond_mtu(*device, mtu)) return refused;
  device->link.mtu = mtu;
  change_ipv6(device->link);
  if (std::holds_alternative<Bridge>(device->link.kind)) device->mtu_by_user = true;
  lower_vlan_mtus(*device);
  if (device->link.controller) {
    Device& controller = devices_.at(*device->link.controller);
    if (std::holds_alternative<Bridge>(controller.link.kind)) bridge_adjust_mtu(controller);
  }
  return 0;
}

void FakeNet::lower_vlan_mtus(const Device& parent) {
  for (const auto& vlan : vlans_on(parent.link.name))
    if (devices_.at(vlan).mtu() > parent.mtu()) static_cast<void>(set_mtu(vlan, parent.mtu()));
}

// dev_set_mac_address.
Errno FakeNet::set_mac(const LinkName& name, Mac mac) {
  Device* device = find(name);
  if (!device) return ENODEV;
  if (std::holds_alternative<Bond>(device->link.kind)) {
    if (const Errno refused = set_bond_mac(*device, mac)) return refused;
  } else {
    if (!mac.unicast()) return EADDRNOTAVAIL;
    if (std::holds_alternative<Bridge>(device->link.kind) && device->mac() != mac)
      device->bridge_id = mac;
    device->link.mac = mac;
  }
  device->mac_from = MacFrom::set;
  mac_changed(*device);
  return 0;
}

// NETDEV_CHANGEADDR: VLANs that are up and inherit follow; a bridge elects its MAC again.
void FakeNet::mac_changed(Device& device) {
  for (const auto& name : vlans_on(device.link.name)) {
    Device& vlan = devices_.at(name);
    if (!vlan.is_up() || vlan.parent_mac == device.mac()) continue;
    if (vlan.mac_from == MacFrom::stolen) {
      vlan.link.mac = device.mac();
      mac_changed(vlan);
    }
    vlan.parent_mac = device.mac();
  }
  if (!device.link.controller) return;
  Device& controller = devices_.at(*device.link.controller);
  if (std::holds_alternative<Bridge>(controller.link.kind)) bridge_elect_mac(controller);
}

Errno FakeNet::set_addr_gen(const LinkName& name, AddrGen mode) {
  Device* device = find(name);
  if (!device) return ENODEV;
  if (device->mtu() < 1280) return EAFNOSUPPORT;  // inet6_validate_link_af
  device->link.addr_gen = mode;
  return 0;
}

Errno FakeNet::set_ra(const LinkName& name, bool on) {
  Device* device = find(name);
  if (!device) return ENODEV;
  if (device->mtu() < 1280) return ENOENT;  // no folder in /proc/sys
  device->link.ra = on;
  return 0;
}

Errno FakeNet::set_apart(const LinkName& name, bool apart) {
  Device* device = find(name);
  if (!device) return ENODEV;
  device->link.apart = apart;
  return 0;
}

// do_set_master: takes the port from whoever has it, without a word.
Errno FakeNet::set_controller(const LinkName& name, const std::optional<LinkName>& controller) {
  Device* port = find(name);
  if (!port) return ENODEV;
  Device* next = controller ? find(*controller) : nullptr;
  if (controller && !next) return ENODEV;
  if (port->link.controller == controller) return 0;
  if (port->link.controller) {
    if (controller)
      thefts_.push_back(name.str() + ": " + port->link.controller->str() + " -> " +
                        controller->str());
    Device& last = devices_.at(*port->link.controller);
    if (std::holds_alternative<Bond>(last.link.kind))
      bond_drop_port(last, *port, Release::by_request);
    else
      bridge_drop_port(last, *port);
  }
  if (!next) return 0;
  if (std::holds_alternative<Bond>(next->link.kind)) return bond_add_port(*next, *port);
  if (std::holds_alternative<Bridge>(next->link.kind)) return bridge_add_port(*next, *port);
  return EOPNOTSUPP;  // no ndo_add_slave
}

// A change message is not atomic: what stands before the refused option has been done.
Errno FakeNet::set_options(const LinkName& name, const Options& options, std::size_t limit) {
  Device* device = find(name);
  if (!device) return ENODEV;
  if (options.empty()) return 0;
  const Owner owner = owner_of_kind(device->link.kind);
  if (std::holds_alternative<Given>(device->link.kind) || has_foreign_options(options, owner))
    return EOPNOTSUPP;
  for (const Option option : walk(options, owner, limit)) {
    const Value& value = options.at(option);
    Errno refused = 0;
    if (owner == Owner::bond) refused = set_bond_option(*device, option, value, options);
    if (owner == Owner::bridge) refused = set_bridge_option(*device, option, value);
    if (owner == Owner::vlan) set_vlan_option(*device, option, value);
    if (refused) return refused;
  }
  return 0;
}

Errno FakeNet::set_port_options(const LinkName& name, const Options& options, std::size_t limit) {
  Device* port = find(name);
  if (!port) return ENODEV;
  if (options.empty()) return 0;
  if (!port->link.controller) return EOPNOTSUPP;
  Device& controller = devices_.at(*port->link.controller);
  const bool in_bond = std::holds_alternative<Bond>(controller.link.kind);
  const Owner owner = in_bond ? Owner::bond_port : Owner::bridge_port;
  if (has_foreign_options(options, owner)) return EINVAL;
  for (const Option option : walk(options, owner, limit)) {
    const Value& value = options.at(option);
    const Errno refused = in_bond ? set_bond_port_option(controller, *port, option, value)
                                  : set_bridge_port_option(*port, option, value);
    if (refused) return refused;
  }
  return 0;
}

Errno FakeNet::add_address(const LinkName& name, const LinkAddress& address) {
  Device* device = find(name);
  if (!device) return ENODEV;
  if (address.address.v6 && device->mtu() < 1280) return EACCES;
  auto& mine = *device->link.addresses;
  const auto place = std::lower_bound(mine.begin(), mine.end(), address);
  if (place != mine.end() && *place == address)  // NLM_F_REPLACE
    place->traits = address.traits;
  else
    mine.insert(place, address);
  return 0;
}

Errno FakeNet::remove_address(const LinkName& name, const LinkAddress& address) {
  Device* device = find(name);
  if (!device) return ENODEV;
  if (std::erase(*device->link.addresses, address) == 0) return EADDRNOTAVAIL;
  const auto& own = *device->link.addresses;
  const bool any4 =
      std::any_of(own.begin(), own.end(), [](const auto& a) { return !a.address.v6; });
  // fib_sync_down_addr, and inetdev_event after the last address.
  std::erase_if(*device->link.routes, [&](const Route& route) {
    return route.source == address.address || (!route.to.address.v6 && !any4);
  });
  return 0;
}

// A gateway must be on a network of the link (fib_check_nh, ip6_route_check_nh).
Errno FakeNet::add_route(const LinkName& name, const Route& route) {
  Device* device = find(name);
  if (!device) return ENODEV;
  if (!device->is_up()) return ENETDOWN;
  const auto& own = *device->link.addresses;
  const auto reaches = [&](const LinkAddress& a) {
    return contains(a, {*route.via, route.via->bits()});
  };
  const auto is_source = [&](const LinkAddress& a) { return a.address == *route.source; };
  if (route.via && !route.onlink && !std::any_of(own.begin(), own.end(), reaches))
    return route.to.address.v6 ? EHOSTUNREACH : ENETUNREACH;
  if (route.source && !std::any_of(own.begin(), own.end(), is_source)) return EINVAL;
  for (auto& [other, link] : devices_)
    std::erase_if(*link.link.routes, [&](const Route& r) { return same_place(r, route); });
  auto& mine = *device->link.routes;
  mine.insert(std::lower_bound(mine.begin(), mine.end(), route), route);
  return 0;
}

Errno FakeNet::remove_route(const LinkName& name, const Route& route) {
  Device* device = find(name);
  if (!device) return ENODEV;
  return std::erase(*device->link.routes, route) == 1 ? 0 : ESRCH;
}

}  // namespace vifchain

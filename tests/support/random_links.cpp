// SPDX-License-Identifier: Apache-2.0
#include "random_links.hpp"

#include <algorithm>
#include <functional>
#include <set>

namespace vifchain {
namespace {

using enum Option;

LinkName link_name(std::string_view text) {
  return LinkName::parse(text).value();
}

Mac local_mac(std::uint8_t kind, std::size_t number) {
  return {{0x02, 0, 0, 0, kind, static_cast<std::uint8_t>(number)}};
}

VlanId vlan_id(std::size_t number) {
  return VlanId::from(static_cast<std::int64_t>(number)).value();
}

// Draws a table floor by floor. Names are not in the order of the floors: a planner that sorted by
// name would look right otherwise.
class Architect {
 public:
  Architect(const Dice& dice, const std::vector<Nic>& nics) : whole_(dice), dice_(dice) {
    for (const auto& nic : nics) {
      desired_.emplace(nic.name, Link{.name = nic.name});
      most_mtu_.emplace(nic.name, nic.max_mtu);
      if (!is_vif(nic.name)) nics_.push_back(nic.name);
    }
  }

  Actual draw() && {
    // MTUs are wanted for whole stacks or not at all: a desired state for part of a stack may
    // contradict what the rest of it has.
    mtu_ = static_cast<unsigned>(dice_.one_of({0, 0, 0, 1000, 1400, 1500, 9000}));
    const auto floor = [&](std::initializer_list<const char*> names, unsigned percent,
                           auto draw_one) {
      for (const char* name : names) {
        dice_ = whole_.for_part(name);
        const LinkName link = link_name(name);
        if (dice_.chance(percent) && !desired_.contains(link)) (this->*draw_one)(link);
      }
    };
    floor({"zbond", "abond", "any"}, 45, &Architect::draw_bond);
    floor({"v30", "a.v", "zvlan", "bond.v", "eth0.7", "any"}, 40, &Architect::draw_vlan);
    floor({"xbr", "abr", "any"}, 45, &Architect::draw_bridge);
    floor({"top.v", "btop"}, 25, &Architect::draw_vlan);
    floor({"mbr"}, 35, &Architect::draw_bridge);
    for (auto& [name, link] : desired_) {
      dice_ = whole_.for_part(name.str() + "?");
      if (std::holds_alternative<Given>(link.kind)) leave_alone(link);
    }
    return std::move(desired_);
  }

 private:
  // Named in the desired state, or left out of it.
  void perhaps(Options& options, unsigned percent, Option option, Value value) {
    if (dice_.chance(percent)) options[option] = std::move(value);
  }
  void perhaps(Options& options, unsigned percent, Option option,
               std::initializer_list<int> numbers) {
    perhaps(options, percent, option, Value{dice_.one_of(numbers)});
  }

  void draw_bond(const LinkName& name) {
    Link bond{.name = name, .kind = Bond{}};
    std::vector<LinkName> ports;
    unsigned most = 65535;
    for (const auto& nic : nics_) {
      if (!dice_.chance(40) || desired_.at(nic).controller) continue;
      ports.push_back(nic);
      most = std::min(most, most_mtu_.at(nic));
    }
    options_of(bond) = bond_options(ports);
    bond.slb.emplace();
    if (mode_of(bond) == BondMode::balance_xor && !ports.empty() && dice_.chance(70)) {
      options_of(bond)[bond_xmit_hash_policy] = vlan_srcmac;
      bond.slb->ports = ports;
    }
    want_mtu(bond, most);
    if (dice_.chance(85)) bond.birth.mac = local_mac(1, dice_.roll(4));
    // With fail_over_mac a bond takes no MAC and says that it did (bond_set_mac_address).
    if (dice_.chance(15)) bond.mac = local_mac(2, dice_.roll(4));
    if (bond.mac) options_of(bond)[bond_fail_over_mac] = std::int64_t{0};
    if (dice_.chance(90)) bond.up = dice_.chance(85);
    for (const auto& port : ports) join_bond(desired_.at(port), bond);
    parents_.push_back(name);
    members_.push_back(name);
    desired_.emplace(name, std::move(bond));
  }

  void join_bond(Link& port, const Link& bond) {
    port.controller = bond.name;
    if (dice_.chance(50)) port.mtu = bond.mtu;
    if (dice_.chance(80)) port.up = true;
    if (dice_.chance(20)) port.addr_gen = AddrGen::none;
    // Each NIC has a queue of its own: the kernel refuses one that another port of the bond has, so
    // two ports cannot change theirs for each other's.
    perhaps(port.port, 20, bond_port_queue_id, Value{std::int64_t{port.name.str().back()} - '0'});
    if (has_option(mode_of(bond).value(), spec(bond_port_prio)))
      perhaps(port.port, 20, bond_port_prio, {-5, 0, 7});
  }

  Options bond_options(const std::vector<LinkName>& ports) {
    Options options;
    const auto mode = static_cast<BondMode>(dice_.roll(7));
    draw_monitoring(options);
    perhaps(options, 20, bond_use_carrier, {0, 1});
    perhaps(options, 20, bond_xmit_hash_policy, {0, 1, 2, 5});
    perhaps(options, 15, bond_resend_igmp, {0, 1, 255});
    perhaps(options, 15, bond_num_peer_notif, {0, 1, 255});
    perhaps(options, 15, bond_all_slaves_active, {0, 1});
    perhaps(options, 15, bond_min_links, {0, 1, 2});
    perhaps(options, 15, bond_lp_interval, {1, 30});
    perhaps(options, 25, bond_ad_select, {0, 1, 2});
    perhaps(options, 15, bond_arp_all_targets, {0, 1});
    perhaps(options, 15, bond_primary_reselect, {0, 1, 2});
    perhaps(options, 10, bond_fail_over_mac, {0, 1, 2});
    perhaps(options, 30, bond_packets_per_slave, {0, 1, 8});
    perhaps(options, 40, bond_lacp_rate, {0, 1});
    perhaps(options, 30, bond_lacp_active, {0, 1});
    perhaps(options, 20, bond_ad_actor_sys_prio, {1, 65535});
    perhaps(options, 20, bond_ad_actor_system, Value{local_mac(3, 0)});
    perhaps(options, 20, bond_ad_user_port_key, {0, 1023});
    perhaps(options, 30, bond_tlb_dynamic_lb, {0, 1});
    perhaps(options, 20, bond_missed_max, {1, 2, 200});
    if (!ports.empty()) perhaps(options, 40, bond_primary, Value{dice_.pick(ports)});
    options[bond_mode] = static_cast<std::int64_t>(mode);
    erase_if(options, [&](const auto& entry) { return !has_option(mode, spec(entry.first)); });
    return options;
  }

  // The kernel has either MII or ARP monitoring, and rounds delays down to multiples of miimon: a
  // desired for anything else cannot come true.
  void draw_monitoring(Options& options) {
    const auto kind = dice_.roll(4);
    if (kind < 2) {
      const std::int64_t miimon = dice_.one_of({50, 100, 250});
      options[bond_miimon] = miimon;
      perhaps(options, 40, bond_updelay, Value{miimon * dice_.one_of({0, 1, 4})});
      perhaps(options, 40, bond_downdelay, Value{miimon * dice_.one_of({0, 2})});
      perhaps(options, 20, bond_peer_notif_delay, Value{miimon * dice_.one_of({0, 3})});
    }
    if (kind == 2) {
      options[bond_arp_interval] = dice_.one_of({100, 1000});
      perhaps(options, 80, bond_arp_ip_target, targets({"192.0.2.1", "192.0.2.9"}));
      perhaps(options, 20, bond_ns_ip6_target, targets({"2001:db8::1", "2001:db8::2"}));
      perhaps(options, 60, bond_arp_validate, {0, 1, 3, 6});
      perhaps(options, 20, bond_miimon, {0});
    }
  }

  Value targets(std::initializer_list<const char*> from) {
    std::vector<IpAddress> all;
    for (const char* text : from)
      if (dice_.chance(60)) all.push_back(IpAddress::parse(text).value());
    return all;
  }

  void draw_vlan(const LinkName& name) {
    auto under = parents_;
    for (const auto& nic : nics_)  // but not on a bond's port: it would take the bond's frames
      if (!in_bond(desired_.at(nic))) under.push_back(nic);
    if (under.empty()) return;
    Link& parent = desired_.at(dice_.pick(under));
    Vlan kind{.parent = parent.name, .id = vlan_id(1 + dice_.roll(4))};
    if (dice_.chance(15)) kind.protocol = VlanProtocol::ieee_802_1ad;
    if (!vlans_.insert({parent.name, kind.protocol, kind.id}).second) return;
    kind.options = vlan_options();
    Link vlan{.name = name, .kind = std::move(kind)};
    if (std::holds_alternative<Given>(parent.kind)) {
      carriers_.insert(parent.name);
      if (!parent.mtu) want_mtu(parent, most_mtu_.at(parent.name));
    }
    want_mtu(vlan, most_mtu_.at(parent.name));
    want_state(vlan);
    if (dice_.chance(10)) vlan.mac = local_mac(4, dice_.roll(3));
    if (dice_.chance(25)) parents_.push_back(name);
    members_.push_back(name);
    desired_.emplace(name, std::move(vlan));
  }

  [[nodiscard]] bool in_bond(const Link& link) const {
    return link.controller && std::holds_alternative<Bond>(desired_.at(*link.controller).kind);
  }

  Options vlan_options() {
    Options options;
    perhaps(options, 15, vlan_reorder_hdr, {0, 1});
    perhaps(options, 15, vlan_gvrp, {0, 1});
    perhaps(options, 15, vlan_loose_binding, {0, 1});
    perhaps(options, 10, vlan_ingress_qos_map, Value{QosMap{{1, 2}, {3, 4}}});
    perhaps(options, 10, vlan_egress_qos_map, Value{dice_.chance(50) ? QosMap{{0, 5}} : QosMap{}});
    return options;
  }

  // No link carries larger frames than the one below it.
  void want_mtu(Link& link, unsigned most) {
    most_mtu_.try_emplace(link.name, most);
    if (mtu_ == 0) return;
    link.mtu = std::min({mtu_, most, dice_.chance(30) ? 1400U : 65535U});
    most_mtu_.insert_or_assign(link.name, *link.mtu);
  }

  // A VLAN can only be up over links that are up.
  void want_state(Link& vlan) {
    if (dice_.chance(15)) return;
    vlan.up = desired_.at(*parent_of(vlan)).up != false && dice_.chance(85);
    for (const Link* link = &vlan; *vlan.up && parent_of(*link) != nullptr;) {
      Link& below = desired_.at(*parent_of(*link));
      below.up = true;
      link = &below;
    }
  }

  void draw_bridge(const LinkName& name) {
    Link bridge{.name = name, .kind = Bridge{}};
    options_of(bridge) = bridge_options();
    if (!options_of(bridge).contains(bridge_stp))
      bridge.birth.options = {{bridge_stp, std::int64_t{0}},
                              {bridge_forward_delay, std::int64_t{0}}};
    // Without one of its own a bridge has the MAC 00:00:00:00:00:00 once its last port has left,
    // and no VLAN on it can ever be up again: vifchain always gives one.
    bridge.birth.mac = local_mac(5, dice_.roll(4));
    if (dice_.chance(15)) bridge.mac = local_mac(6, dice_.roll(4));
    if (dice_.chance(60)) want_mtu(bridge, 65535);
    if (bridge.mtu) bridge.birth.mtu = *bridge.mtu + 1;
    if (dice_.chance(90)) bridge.up = dice_.chance(85);
    if (dice_.chance(40)) bridge.apart = dice_.chance(70);
    if (dice_.chance(30)) bridge.ra = dice_.chance(40);
    if (dice_.chance(20)) bridge.addr_gen = AddrGen::none;
    for (auto& [member, link] : desired_)
      if (!link.controller && can_join(link) && dice_.chance(35)) join_bridge(link, bridge);
    if (mtu_ == 0 || bridge.mtu) parents_.push_back(name);
    most_mtu_.try_emplace(name, 1500);
    desired_.emplace(name, std::move(bridge));
  }

  static bool can_join(const Link& link) { return !std::holds_alternative<Bridge>(link.kind); }

  void join_bridge(Link& port, const Link& bridge) {
    port.controller = bridge.name;
    perhaps(port.port, 15, port_isolated, {0, 1});
    perhaps(port.port, 15, port_learning, {0, 1});
    perhaps(port.port, 10, port_guard, {0, 1});
    perhaps(port.port, 10, port_mcast_flood, {0, 1});
    perhaps(port.port, 10, port_cost, {1, 100, 65535});
    perhaps(port.port, 10, port_priority, {0, 63});
    if (dice_.chance(30)) port.addr_gen = AddrGen::none;
    if (is_vif(port.name) && dice_.chance(60)) port.addresses.emplace();
    if (is_vif(port.name) && dice_.chance(80)) port.up = true;
    if (options_of(bridge).contains(bridge_vlan_filtering) && dice_.chance(70))
      port.vlans = memberships();
    if (dice_.chance(30)) port.fdb = static_entries_of(port);
    if (is_vif(port.name)) draw_policy(port, bridge);
  }

  void draw_policy(Link& port, const Link& bridge) {
    if (dice_.chance(70)) port.filter = dice_.chance(70) ? filter_of(port, bridge) : PortFilter{};
    if (dice_.chance(40)) port.rate = static_cast<std::uint64_t>(dice_.one_of({0, 8000, 1000000}));
  }

  PortFilter filter_of(const Link& port, const Link& bridge) {
    const auto mode = static_cast<Antispoof>(1 + dice_.roll(3));
    const Mac guest = local_mac(10, dice_.roll(3));
    return {.mode = mode,
            .mac = mode == Antispoof::closed ? Mac{} : guest,
            .owner = port.name,
            .bridge = bridge.name};
  }

  // In the VLANs that the port is known to be in. Each MAC is at one port alone, but in another
  // desired it may be at another one.
  std::vector<FdbEntry> static_entries_of(const Link& port) {
    const Mac guest = local_mac(10, guests_++);
    std::vector<FdbEntry> entries;
    if (dice_.chance(30)) entries.push_back({guest});
    for (const auto& vlan : port.vlans.value_or(std::vector<PortVlan>{}))
      if (dice_.chance(60)) entries.push_back({guest, vlan.id});
    return entries;
  }

  std::vector<PortVlan> memberships() {
    std::vector<PortVlan> all;
    for (std::size_t id = 1; id < 8; ++id)
      if (dice_.chance(30)) all.push_back({.id = vlan_id(id), .untagged = dice_.chance(30)});
    if (!all.empty() && dice_.chance(60)) all[dice_.roll(all.size())].pvid = true;
    return all;
  }

  Options bridge_options() {
    Options options;
    if (dice_.chance(40)) {
      const bool stp = dice_.chance(50);
      options[bridge_stp] = std::int64_t{stp};
      if (stp)
        perhaps(options, 60, bridge_forward_delay, {200, 1500, 3000});
      else
        perhaps(options, 60, bridge_forward_delay, {0, 200, 1500});
    }
    perhaps(options, 15, bridge_hello_time, {100, 151, 1000});
    perhaps(options, 15, bridge_max_age, {600, 4000});
    perhaps(options, 15, bridge_ageing_time, {0, 30000});
    perhaps(options, 15, bridge_priority, {0, 0x8000, 0xffff});
    perhaps(options, 15, bridge_group_fwd_mask, {0, 8, 0x4000});
    perhaps(options, 30, bridge_vlan_filtering, {0, 1});
    perhaps(options, 10, bridge_vlan_protocol, {0x8100, 0x88a8});
    perhaps(options, 30, bridge_vlan_default_pvid, {0, 1, 5});
    perhaps(options, 10, bridge_vlan_stats_enabled, {0, 1});
    perhaps(options, 15, bridge_mcast_snooping, {0, 1});
    perhaps(options, 10, bridge_mcast_querier, {0, 1});
    perhaps(options, 10, bridge_mcast_query_interval, {100, 12500});
    perhaps(options, 10, bridge_nf_call_iptables, {0, 1});
    perhaps(options, 10, bridge_no_linklocal_learn, {0, 1});
    return options;
  }

  void leave_alone(Link& link) {
    const bool carries = carriers_.contains(link.name);
    if (!link.controller) link.keep_controller = !carries && dice_.chance(50);
    if (link.up || in_bond(link)) return;
    if (carries)
      link.up = true;
    else if (dice_.chance(30))
      link.up = dice_.chance(70);
  }

  const Dice& whole_;
  Dice dice_;  // of the part that is being drawn
  Actual desired_;
  std::vector<LinkName> nics_;
  std::vector<LinkName> parents_;  // what VLANs may be stacked on, besides NICs
  std::vector<LinkName> members_;
  std::set<LinkName> carriers_;  // NICs with VLANs on them
  std::set<std::tuple<LinkName, VlanProtocol, VlanId>> vlans_;
  std::map<LinkName, unsigned> most_mtu_;
  std::size_t guests_ = 0;
  unsigned mtu_ = 0;  // 0: no MTU is wanted anywhere
};

}  // namespace

Dice Dice::for_part(std::string_view name) const {
  const auto salt = std::hash<std::string_view>{}(name);
  return {seed_ ^ salt, twist_seed_ ^ salt, percent_};
}

std::size_t Dice::roll(std::size_t sides) {
  const auto straight = static_cast<std::size_t>(rng_() % sides);
  if (percent_ == 0 || twist_() % 100 >= percent_) return straight;
  return static_cast<std::size_t>(twist_() % sides);
}

bool is_vif(const LinkName& name) {
  return name.str().starts_with("vif");
}

std::vector<Nic> random_nics(Dice& dice) {
  std::vector<Nic> nics;
  std::size_t number = 0;
  for (const char* name : {"eth0", "eth1", "eth2", "eth3"})
    nics.push_back({.name = link_name(name),
                    .mac = local_mac(0, ++number),
                    .mtu = static_cast<unsigned>(dice.one_of({1500, 1500, 1400, 9000})),
                    .up = dice.chance(50),
                    .max_mtu = static_cast<unsigned>(dice.one_of({9000, 65535}))});
  for (const char* name : {"vif1.0", "vif7.0"})
    if (dice.chance(60))
      nics.push_back({.name = link_name(name), .mac = vif_mac, .up = dice.chance(50)});
  return nics;
}

Actual random_desired(const Dice& dice, const std::vector<Nic>& nics) {
  return Architect(dice, nics).draw();
}

}  // namespace vifchain

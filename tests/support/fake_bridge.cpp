// SPDX-License-Identifier: Apache-2.0
// The bridge of the table in fake_net.hpp (net/bridge of Linux 6.1).
#include <algorithm>
#include <cerrno>

#include "fake_net.hpp"

namespace vifchain {
namespace {

using enum Option;

// Times go through jiffies, and Debian's kernel has 250 of them in a second: an odd number of
// hundredths comes back one lower (clock_t_to_jiffies, jiffies_to_clock_t).
constexpr std::int64_t hz = 250;
constexpr std::int64_t to_jiffies(std::int64_t hundredths) {
  return hundredths * hz / 100;
}
constexpr std::int64_t as_kept(std::int64_t hundredths) {
  return to_jiffies(hundredths) * 100 / hz;
}

constexpr std::int64_t second = 100;
constexpr std::int64_t least_forward_delay = 2 * second, most_forward_delay = 30 * second;

bool is_between(std::int64_t value, std::int64_t least, std::int64_t most) {
  return to_jiffies(value) >= to_jiffies(least) && to_jiffies(value) <= to_jiffies(most);
}

bool is_port_flag(Option option) {
  return spec(option).form == Form::flag;
}

std::int64_t flag(bool on) {
  return on ? 1 : 0;
}

// 01:80:c2:00:00:0X but those that 802.1D keeps for others (br_changelink).
bool usable_group_addr(const Mac& mac) {
  const Mac link_local{{0x01, 0x80, 0xc2, 0, 0, 0}};
  const bool same_prefix =
      std::equal(mac.bytes.begin(), mac.bytes.end() - 1, link_local.bytes.begin());
  return same_prefix && mac.bytes[5] < 16 && (mac.bytes[5] < 1 || mac.bytes[5] > 3);
}

std::vector<PortVlan>::iterator find_vlan(Device& port, std::uint16_t vid) {
  auto& vlans = *port.link.vlans;
  return std::find_if(vlans.begin(), vlans.end(),
                      [&](const PortVlan& vlan) { return vlan.id.number() == vid; });
}

// nbp_vlan_add: a PVID moves, it is never doubled.
void put_vlan(Device& port, const PortVlan& wanted) {
  auto& vlans = *port.link.vlans;
  if (wanted.pvid)
    for (auto& vlan : vlans) vlan.pvid = false;
  const auto place = find_vlan(port, wanted.id.number());
  if (place != vlans.end())
    *place = wanted;
  else
    vlans.insert(std::lower_bound(vlans.begin(), vlans.end(), wanted), wanted);
}

bool is_in_vlan(Device& port, const std::optional<VlanId>& vlan) {
  return !vlan || find_vlan(port, vlan->number()) != port.link.vlans->end();
}

bool is_default_pvid(Device& port, std::uint16_t vid) {
  const auto place = find_vlan(port, vid);
  return place != port.link.vlans->end() && place->pvid && place->untagged;
}

PortVlan default_vlan(std::uint16_t vid) {
  return {.id = VlanId::from(vid).value(), .pvid = true, .untagged = true};
}

// recalculate_group_addr
void follow_vlan_protocol(Device& bridge) {
  if (bridge.group_addr_by_user) return;
  auto& mine = options_of(bridge.link);
  const bool provider =
      number(mine, bridge_vlan_filtering) != 0 &&
      number(mine, bridge_vlan_protocol) == static_cast<std::int64_t>(VlanProtocol::ieee_802_1ad);
  std::get<Mac>(mine[bridge_group_addr]).bytes[5] = provider ? 8 : 0;
}

Options new_port_options() {
  Options options;
  for (const OptionSpec& row : all_options())
    if (row.owner == Owner::bridge_port && row.id != port_mab && row.id != port_neigh_vlan_suppress)
      options[row.id] = std::int64_t{0};
  for (const Option on : {port_learning, port_flood, port_mcast_flood, port_bcast_flood})
    options[on] = std::int64_t{1};
  options[port_cost] = std::int64_t{100};
  options[port_priority] = std::int64_t{32};
  options[port_mcast_router] = std::int64_t{1};
  return options;
}

}  // namespace

void FakeNet::fill_new_bridge(Device& made) {
  auto& options = options_of(made.link);
  options.clear();
  for (const OptionSpec& row : all_options())
    if (row.owner == Owner::bridge && row.id != bridge_fdb_max_learned)
      options[row.id] = std::int64_t{0};
  const Options others{{bridge_forward_delay, 15 * second},
                       {bridge_hello_time, 2 * second},
                       {bridge_max_age, 20 * second},
                       {bridge_ageing_time, 300 * second},
                       {bridge_priority, std::int64_t{0x8000}},
                       {bridge_group_addr, Mac{{0x01, 0x80, 0xc2, 0, 0, 0}}},
                       {bridge_vlan_protocol, std::int64_t{0x8100}},
                       {bridge_vlan_default_pvid, std::int64_t{1}},
                       {bridge_mcast_router, std::int64_t{1}},
                       {bridge_mcast_snooping, std::int64_t{1}},
                       {bridge_mcast_hash_max, std::int64_t{4096}},
                       {bridge_mcast_last_member_count, std::int64_t{2}},
                       {bridge_mcast_startup_query_count, std::int64_t{2}},
                       {bridge_mcast_last_member_interval, second},
                       {bridge_mcast_membership_interval, 260 * second},
                       {bridge_mcast_querier_interval, 255 * second},
                       {bridge_mcast_query_interval, 125 * second},
                       {bridge_mcast_query_response_interval, 10 * second},
                       {bridge_mcast_startup_query_interval, as_kept(125 * second / 4)},
                       {bridge_mcast_igmp_version, std::int64_t{2}},
                       {bridge_mcast_mld_version, std::int64_t{1}}};
  for (const auto& [option, value] : others) options[option] = value;
  if (made.mac_from == MacFrom::set) made.bridge_id = made.mac();
}

Errno FakeNet::set_bridge_option(Device& bridge, Option option, const Value& value) {
  auto& mine = options_of(bridge.link);
  if (option == bridge_group_addr) {
    if (!usable_group_addr(std::get<Mac>(value))) return EINVAL;
    bridge.group_addr_by_user = true;
    mine[option] = value;
    return 0;
  }
  std::int64_t wanted = std::get<std::int64_t>(value);
  switch (option) {
    case bridge_forward_delay:
      if (number(mine, bridge_stp) != 0 &&
          !is_between(wanted, least_forward_delay, most_forward_delay))
        return ERANGE;
      break;
    case bridge_hello_time:
      if (!is_between(wanted, 1 * second, 10 * second)) return ERANGE;
      break;
    case bridge_max_age:
      if (!is_between(wanted, 6 * second, 40 * second)) return ERANGE;
      break;
    case bridge_stp:  // br_stp_start brings the forward delay into the standard's range
      wanted = flag(wanted != 0);
      if (wanted != 0 && number(mine, bridge_stp) == 0)
        mine[bridge_forward_delay] =
            std::clamp(number(mine, bridge_forward_delay), least_forward_delay, most_forward_delay);
      break;
    case bridge_group_fwd_mask:
      if ((wanted & 7) != 0) return EINVAL;
      break;
    case bridge_mcast_router:
      if (wanted < 0 || wanted > 2) return EINVAL;
      break;
    case bridge_mcast_igmp_version:
      if (wanted != 2 && wanted != 3) return EINVAL;
      break;
    case bridge_mcast_mld_version:
      if (wanted != 1 && wanted != 2) return EINVAL;
      break;
    case bridge_mcast_query_interval:
    case bridge_mcast_startup_query_interval:
      wanted = std::clamp(wanted, second, 86400 * second);
      break;
    case bridge_vlan_stats_per_port:
    case bridge_mst_enabled:
      if (bridge_ports_have_vlans(bridge)) return EBUSY;
      break;
    case bridge_mcast_vlan_snooping:
      if (wanted != 0 && number(mine, bridge_mcast_vlan_snooping) == 0 &&
          number(mine, bridge_vlan_filtering) == 0)
        return EINVAL;
      break;
    case bridge_vlan_default_pvid:
      if (wanted < 0 || wanted >= 4095) return EINVAL;
      set_default_pvid(bridge, static_cast<std::uint16_t>(wanted));
      break;
    default:
      if (spec(option).form == Form::flag) wanted = flag(wanted != 0);
  }
  mine[option] = spec(option).form == Form::seconds ? as_kept(wanted) : wanted;
  if (option == bridge_vlan_filtering && wanted == 0)
    mine[bridge_mcast_vlan_snooping] = std::int64_t{0};
  if (option == bridge_vlan_filtering || option == bridge_vlan_protocol)
    follow_vlan_protocol(bridge);
  return 0;
}

bool FakeNet::bridge_ports_have_vlans(const Device& bridge) const {
  return std::any_of(bridge.ports.begin(), bridge.ports.end(),
                     [&](const LinkName& port) { return !devices_.at(port).link.vlans->empty(); });
}

// __br_vlan_set_default_pvid: ports that still have the old default get the new one instead.
void FakeNet::set_default_pvid(Device& bridge, std::uint16_t vid) {
  const auto old =
      static_cast<std::uint16_t>(number(options_of(bridge.link), bridge_vlan_default_pvid));
  for (const auto& name : bridge.ports) {
    Device& port = devices_.at(name);
    if (vid == 0) {
      if (old != 0 && is_default_pvid(port, old)) port.link.vlans->erase(find_vlan(port, old));
      continue;
    }
    if (old != 0 && !is_default_pvid(port, old)) continue;
    if (find_vlan(port, vid) != port.link.vlans->end()) continue;
    put_vlan(port, default_vlan(vid));
    if (const auto place = find_vlan(port, old); place != port.link.vlans->end())
      port.link.vlans->erase(place);
  }
}

// br_add_if
Errno FakeNet::bridge_add_port(Device& bridge, Device& port) {
  if (!port.mac().unicast()) return EINVAL;
  if (std::holds_alternative<Bridge>(port.link.kind)) return ELOOP;
  constexpr std::size_t most_ports = 1023;
  if (bridge.ports.size() >= most_ports) return EXFULL;
  if (is_above(port.link.name, bridge.link.name)) return EBUSY;
  port.link.controller = bridge.link.name;
  port.link.port = new_port_options();
  port.link.vlans.emplace();
  port.link.fdb.emplace();
  bridge.ports.push_back(port.link.name);
  const std::int64_t pvid = number(options_of(bridge.link), bridge_vlan_default_pvid);
  if (pvid != 0) put_vlan(port, default_vlan(static_cast<std::uint16_t>(pvid)));
  bridge_elect_mac(bridge);
  bridge_adjust_mtu(bridge);
  return 0;
}

// del_nbp
void FakeNet::bridge_forget_port(Device& bridge, Device& port) {
  port.link.controller.reset();
  port.link.port.clear();
  port.link.vlans.reset();
  port.link.fdb.reset();
  std::erase(bridge.ports, port.link.name);
}

// br_del_if
void FakeNet::bridge_drop_port(Device& bridge, Device& port) {
  bridge_forget_port(bridge, port);
  bridge_adjust_mtu(bridge);
  bridge_elect_mac(bridge);
}

// br_stp_recalculate_bridge_id: the lowest MAC of its ports, or none at all, unless one was set.
void FakeNet::bridge_elect_mac(Device& bridge) {
  if (bridge.mac_from == MacFrom::set) return;
  Mac lowest{};
  for (const auto& name : bridge.ports) {
    const Mac mac = devices_.at(name).mac();
    if (lowest == Mac{} || mac < lowest) lowest = mac;
  }
  if (bridge.bridge_id == lowest) return;
  bridge.bridge_id = lowest;
  bridge.link.mac = lowest;
  mac_changed(bridge);
}

// br_mtu_auto_adjust: the least of its ports, until somebody really changed it.
void FakeNet::bridge_adjust_mtu(Device& bridge) {
  if (bridge.mtu_by_user) return;
  unsigned least = 0;
  for (const auto& name : bridge.ports) {
    const unsigned mtu = devices_.at(name).mtu();
    if (least == 0 || mtu < least) least = mtu;
  }
  static_cast<void>(set_mtu(bridge.link.name, least == 0 ? 1500 : least));
  bridge.mtu_by_user = false;
}

Errno FakeNet::set_bridge_port_option(Device& port, Option option, const Value& value) {
  std::int64_t wanted = std::get<std::int64_t>(value);
  if (option == port_cost && (wanted < 1 || wanted > 65535)) return ERANGE;
  if (option == port_priority && (wanted < 0 || wanted > 63)) return ERANGE;
  if (option == port_mcast_router && (wanted < 0 || wanted > 3)) return EINVAL;
  if (option == port_group_fwd_mask && (wanted & 2) != 0) return EINVAL;
  if (is_port_flag(option)) wanted = flag(wanted != 0);
  port.link.port[option] = wanted;
  return 0;
}

Errno FakeNet::add_vlans(const LinkName& name, const std::vector<PortVlan>& vlans) {
  Device* port = find(name);
  if (!port) return ENODEV;
  if (!port->link.vlans) return EOPNOTSUPP;
  for (const auto& vlan : vlans) put_vlan(*port, vlan);
  return 0;
}

// What is not there is removed without complaint (br_vlan_info).
Errno FakeNet::remove_vlans(const LinkName& name, const std::vector<VlanId>& vlans) {
  Device* port = find(name);
  if (!port) return ENODEV;
  if (!port->link.vlans) return EOPNOTSUPP;
  for (const auto& id : vlans)
    if (const auto place = find_vlan(*port, id.number()); place != port->link.vlans->end())
      port->link.vlans->erase(place);
  return 0;
}

// br_fdb_add: without a VLAN, one entry more for each of the port's. What another port of the
// bridge has is taken from it.
Errno FakeNet::add_entry(const LinkName& name, const FdbEntry& entry) {
  Device* port = find(name);
  if (!port) return ENODEV;
  if (!port->link.fdb) return EOPNOTSUPP;
  if (entry.mac == Mac{} || !is_in_vlan(*port, entry.vlan)) return EINVAL;
  for (const auto& other : devices_.at(*port->link.controller).ports)
    std::erase(*devices_.at(other).link.fdb, entry);
  auto& mine = *port->link.fdb;
  mine.insert(std::lower_bound(mine.begin(), mine.end(), entry), entry);
  if (!entry.vlan)
    for (const auto& vlan : *port->link.vlans) add_entry(name, {entry.mac, vlan.id});
  return 0;
}

// br_fdb_delete: without a VLAN, those of all VLANs that the port is in.
Errno FakeNet::remove_entry(const LinkName& name, const FdbEntry& entry) {
  Device* port = find(name);
  if (!port) return ENODEV;
  if (!port->link.fdb) return EOPNOTSUPP;
  if (!is_in_vlan(*port, entry.vlan)) return EINVAL;
  const auto gone = std::erase_if(*port->link.fdb, [&](const FdbEntry& mine) {
    return mine == entry || (!entry.vlan && mine.mac == entry.mac && is_in_vlan(*port, mine.vlan));
  });
  return gone == 0 ? ENOENT : 0;
}

}  // namespace vifchain

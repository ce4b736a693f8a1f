// SPDX-License-Identifier: Apache-2.0
// The bonding driver of the table in fake_net.hpp (drivers/net/bonding of Linux 6.1).
#include <algorithm>
#include <cerrno>

#include <utility>

#include "fake_net.hpp"

namespace vifchain {
namespace {

using enum Option;

BondMode mode(const Device& bond) {
  return static_cast<BondMode>(number(options_of(bond.link), bond_mode));
}

bool is_number(Form form) {
  return form == Form::flag || form == Form::number || form == Form::choice;
}

// bond_opt_parse: the value is one of the table's, or in its range.
bool in_range(const OptionSpec& row, std::int64_t value) {
  if (row.form == Form::flag) return value == 0 || value == 1;
  if (row.form == Form::number) return value >= row.min && value <= row.max;
  return std::any_of(row.choices.begin(), row.choices.end(),
                     [&](const Choice& choice) { return choice.number == value; });
}

// The delays are kept as multiples of miimon, rounded down, and follow it when it changes.
bool is_delay(Option option) {
  return option == bond_updelay || option == bond_downdelay || option == bond_peer_notif_delay;
}

bool has_primary(BondMode mode) {
  return mode == BondMode::active_backup || mode == BondMode::balance_tlb ||
         mode == BondMode::balance_alb;
}

bool uses_arp(BondMode mode) {
  return mode != BondMode::lacp && mode != BondMode::balance_tlb && mode != BondMode::balance_alb;
}

bool shares_out_macs(BondMode mode) {
  return mode == BondMode::balance_tlb || mode == BondMode::balance_alb;
}

// fail_over_mac is kept in every mode and obeyed in one.
std::int64_t fail_over_mac(const Device& bond) {
  return mode(bond) == BondMode::active_backup ? number(options_of(bond.link), bond_fail_over_mac)
                                               : 0;
}
constexpr std::int64_t fail_over_active = 1, fail_over_follow = 2;

bool usable_target(const IpAddress& target, bool v6) {
  if (target.v6 != v6) return false;
  if (v6)
    return target != IpAddress{.v6 = true} &&
           (target.bytes[0] != 0xfe || (target.bytes[1] & 0xc0) != 0x80);
  const bool broadcast = std::all_of(target.bytes.begin(), target.bytes.begin() + 4,
                                     [](std::uint8_t byte) { return byte == 0xff; });
  return target.bytes[0] != 0 && !broadcast;
}

// The whole list is cleared first and then refilled until one is refused.
Errno refill_targets(Value& mine, const Value& wanted, bool v6) {
  std::vector<IpAddress> list;
  Errno refused = 0;
  for (const auto& target : std::get<std::vector<IpAddress>>(wanted)) {
    const bool known = std::find(list.begin(), list.end(), target) != list.end();
    if (!usable_target(target, v6) || known || list.size() == 16) {
      refused = EINVAL;
      break;
    }
    list.push_back(target);
  }
  mine = list;
  return refused;
}

}  // namespace

void FakeNet::fill_new_bond(Device& made) {
  auto& options = options_of(made.link);
  options.clear();
  for (const OptionSpec& row : all_options())
    if (row.owner == Owner::bond && is_number(row.form) && row.id != bond_broadcast_neighbor)
      options[row.id] = std::int64_t{0};
  for (const Option on :
       {bond_use_carrier, bond_resend_igmp, bond_num_peer_notif, bond_lp_interval,
        bond_packets_per_slave, bond_lacp_active, bond_tlb_dynamic_lb, bond_coupled_control})
    options[on] = std::int64_t{1};
  options[bond_missed_max] = std::int64_t{2};
  options[bond_ad_actor_sys_prio] = std::int64_t{65535};
  options[bond_ad_actor_system] = Mac{};
  options[bond_arp_ip_target] = std::vector<IpAddress>{};
  options[bond_ns_ip6_target] = std::vector<IpAddress>{};
}

// bond_fill_info: delays in milliseconds; a primary only while it is a port; LACP's identity only
// in its mode.
Options FakeNet::shown_bond_options(const Device& bond) const {
  Options shown = options_of(bond.link);
  for (auto& [option, value] : shown)
    if (is_delay(option)) {  // as an unsigned of 32 bits, and no wider
      const auto delay = number(shown, option) * number(shown, bond_miimon);
      value = std::int64_t{static_cast<std::uint32_t>(delay)};
    }
  if (mode(bond) != BondMode::lacp)
    for (const Option option :
         {bond_ad_actor_sys_prio, bond_ad_user_port_key, bond_ad_actor_system})
      shown.erase(option);
  const auto& ports = bond.ports;
  if (bond.primary && has_primary(mode(bond)) &&
      std::find(ports.begin(), ports.end(), *bond.primary) != ports.end())
    shown[bond_primary] = *bond.primary;
  return shown;
}

// __bond_opt_set: what the mode lacks, then ports, then up, then the value itself.
Errno FakeNet::set_bond_option(Device& bond, Option option, const Value& value,
                               const Options& message) {
  const OptionSpec& row = spec(option);
  auto& mine = options_of(bond.link);
  const bool miimon_asked = message.contains(bond_miimon) && number(message, bond_miimon) != 0;
  if (option == bond_arp_interval || option == bond_arp_validate)
    if (std::get<std::int64_t>(value) != 0 && miimon_asked) return EINVAL;
  if (!has_option(mode(bond), row)) return EACCES;
  const bool needs_no_ports = row.when == When::no_ports || row.when == When::down_without_ports;
  const bool needs_down = row.when == When::down || row.when == When::down_without_ports;
  if (needs_no_ports && !bond.ports.empty()) return ENOTEMPTY;
  if (needs_down && bond.is_up()) return EBUSY;
  if (is_number(row.form) && !in_range(row, std::get<std::int64_t>(value))) return EINVAL;

  if (option == bond_mode)
    return set_bond_mode(bond, static_cast<BondMode>(std::get<std::int64_t>(value)));
  if (is_delay(option)) {
    const std::int64_t miimon = number(mine, bond_miimon);
    if (miimon == 0) return EPERM;
    mine[option] = std::get<std::int64_t>(value) / miimon;
    return 0;
  }
  if (option == bond_arp_ip_target || option == bond_ns_ip6_target)
    return refill_targets(mine[option], value, option == bond_ns_ip6_target);
  if (option == bond_ad_actor_system && (std::get<Mac>(value).bytes[0] & 1) != 0) return EINVAL;
  if (option == bond_primary) {
    // A name without a link is an index that the kernel does not know: it clears the primary.
    const auto& name = std::get<LinkName>(value);
    bond.primary = find(name) ? std::optional(name) : std::nullopt;
    bond_select_active(bond);
    return 0;
  }
  mine[option] = value;
  if (option == bond_miimon && number(mine, bond_miimon) != 0 &&
      number(mine, bond_arp_interval) != 0)
    mine[bond_arp_interval] = mine[bond_arp_validate] = std::int64_t{0};
  if (option == bond_arp_interval && number(mine, bond_arp_interval) != 0)
    mine[bond_miimon] = std::int64_t{0};
  return 0;
}

Errno FakeNet::set_bond_mode(Device& bond, BondMode wanted) {
  auto& mine = options_of(bond.link);
  if (!uses_arp(wanted)) {
    mine[bond_arp_interval] = std::int64_t{0};
    if (number(mine, bond_miimon) == 0) mine[bond_miimon] = std::int64_t{100};
  }
  if (wanted == BondMode::balance_alb) mine[bond_tlb_dynamic_lb] = std::int64_t{1};
  mine[bond_arp_validate] = std::int64_t{0};
  mine[bond_mode] = static_cast<std::int64_t>(wanted);
  return 0;
}

Errno FakeNet::set_bond_mac(Device& bond, Mac mac) {
  if (fail_over_mac(bond) != 0) return 0;  // bond_set_mac_address: "do nothing and return success"
  if (!mac.unicast()) return EADDRNOTAVAIL;
  bond.link.mac = mac;
  if (shares_out_macs(mode(bond))) {
    if (bond.active) {
      devices_.at(*bond.active).link.mac = mac;
      mac_changed(devices_.at(*bond.active));
    }
    return 0;
  }
  for (const auto& port : bond.ports) static_cast<void>(set_mac(port, mac));
  return 0;
}

// bond_change_mtu: every port first, and back again when one refuses.
Errno FakeNet::set_bond_mtu(Device& bond, unsigned mtu) {
  for (const auto& port : bond.ports) {
    const Errno refused = set_mtu(port, mtu);
    if (!refused) continue;
    for (const auto& done : bond.ports) {
      if (done == port) break;
      static_cast<void>(set_mtu(done, bond.mtu()));
    }
    return refused;
  }
  return 0;
}

// bond_enslave: the port is down, takes the bond's MTU and MAC, and is opened.
Errno FakeNet::bond_add_port(Device& bond, Device& port) {
  if (bond.link.name == port.link.name || port.is_up()) return EPERM;
  if (bond.ports.empty() && bond.mac_from == MacFrom::random) {
    bond.link.mac = port.mac();
    bond.mac_from = MacFrom::stolen;
    mac_changed(bond);
  }
  const Errno refused = bond_take_in(bond, port);
  if (refused && bond.ports.empty() && bond.mac() == port.mac()) {
    bond.link.mac = random_mac();
    bond.mac_from = MacFrom::random;
  }
  return refused;
}

Errno FakeNet::bond_take_in(Device& bond, Device& port) {
  const LinkName& name = port.link.name;
  port.mtu_before = port.mtu();
  if (const Errno refused = set_mtu(name, bond.mtu())) return refused;
  port.mac_before = port.mac();
  const bool gives_mac = fail_over_mac(bond) == 0;
  Errno refused = gives_mac ? set_mac(name, bond.mac()) : 0;
  if (!refused) {
    refused = open(name, true);
    if (!refused && is_above(name, bond.link.name)) refused = EBUSY;
    if (!refused) {
      port.link.controller = bond.link.name;
      port.link.port = {{bond_port_queue_id, std::int64_t{0}}, {bond_port_prio, std::int64_t{0}}};
      if (mode(bond) == BondMode::lacp)
        port.link.port[bond_port_actor_port_prio] = std::int64_t{255};
      bond.ports.push_back(name);
      if (shares_out_macs(mode(bond))) {
        port.link.mac = port.mac_before;
        mac_changed(port);
      }
      bond_select_active(bond);
      return 0;
    }
    close(name);
    if (gives_mac) static_cast<void>(set_mac(name, port.mac_before));
  }
  static_cast<void>(set_mtu(name, port.mtu_before));
  return refused;
}

// __bond_release_one: the port gets its MAC and MTU back and is left down; the bond that lost its
// last port gets a random MAC.
void FakeNet::bond_drop_port(Device& bond, Device& port, Release why) {
  const LinkName name = port.link.name;
  port.link.controller.reset();
  port.link.port.clear();
  std::erase(bond.ports, name);
  if (bond.active == name) bond.active.reset();
  if (why != Release::bond_unregisters) bond_select_active(bond);
  if (bond.ports.empty()) {
    bond.link.mac = random_mac();
    bond.mac_from = MacFrom::random;
    mac_changed(bond);
  }
  close(name);
  if (fail_over_mac(bond) != fail_over_active) static_cast<void>(set_mac(name, port.mac_before));
  if (why == Release::by_request)
    static_cast<void>(set_mtu(name, port.mtu_before));
  else
    port.link.mtu = port.mtu_before;  // __dev_set_mtu tells nobody, so IPv6 stays as it is
}

// bond_select_active_slave, with every port that is up taken to have carrier: it decides who
// carries which MAC in the modes where not all ports carry the bond's.
void FakeNet::bond_select_active(Device& bond) {
  if (!has_primary(mode(bond)) || bond.ports.empty()) return;
  const auto is_port = [&](const std::optional<LinkName>& name) {
    return name && std::find(bond.ports.begin(), bond.ports.end(), *name) != bond.ports.end();
  };
  const auto before = bond.active;
  if (is_port(bond.primary)) bond.active = bond.primary;
  if (!is_port(bond.active)) bond.active = bond.ports.front();
  if (bond.active == before) return;
  Device& active = devices_.at(*bond.active);
  if (fail_over_mac(bond) == fail_over_active) {
    bond.link.mac = active.mac();
    bond.mac_from = MacFrom::stolen;
    mac_changed(bond);
  } else if (fail_over_mac(bond) == fail_over_follow || shares_out_macs(mode(bond))) {
    if (is_port(before)) {
      devices_.at(*before).link.mac = active.mac();
      mac_changed(devices_.at(*before));
    }
    active.link.mac = bond.mac();
    mac_changed(active);
  }
}

Errno FakeNet::set_bond_port_option(Device& bond, Device& port, Option option, const Value& value) {
  const BondMode in = mode(bond);
  const std::int64_t wanted = std::get<std::int64_t>(value);
  if (option == bond_port_prio && !has_primary(in)) return EACCES;
  if (option == bond_port_actor_port_prio && in != BondMode::lacp) return EACCES;
  if (option == bond_port_queue_id) {
    constexpr std::int64_t tx_queues = 16;
    if (wanted > tx_queues) return EPERM;
    for (const auto& other : bond.ports)
      if (wanted != 0 && other != port.link.name &&
          number(devices_.at(other).link.port, bond_port_queue_id) == wanted)
        return EPERM;
  }
  port.link.port[option] = value;
  return 0;
}

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// A network namespace as a table: links with the state that Linux 6.1 keeps of them and does not
// show. It obeys and refuses as the kernel's sources say; tests/edge/kernel/twin_test.cpp compares
// it with them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/model/link.hpp"

namespace vifchain {

// 0 when done, else the kernel's error number.
using Errno = int;

// Where a link's MAC came from (NET_ADDR_* in netdevice.h): it decides who may change it later.
enum class MacFrom : std::uint8_t { hardware, random, stolen, set };

// A NIC that the host comes with.
struct Nic {
  LinkName name;
  Mac mac;
  unsigned mtu = 1500;
  bool up = false;
  unsigned max_mtu = 65535;
};

// A link with what the kernel remembers of it behind the scenes.
struct Device {
  Link link;  // options as the driver keeps them: bond delays in miimons
  MacFrom mac_from = MacFrom::random;
  unsigned min_mtu = 68, max_mtu = 65535;
  std::vector<LinkName> ports = {};  // of a bond or bridge, in the order in which they joined

  std::optional<LinkName> primary = {};  // bond: the recorded name, also while no port has it
  std::optional<LinkName> active = {};   // bond: the port that counts in modes 1, 5 and 6

  bool mtu_by_user = false;         // bridge: a real change of its MTU made it stick
  bool group_addr_by_user = false;  // bridge
  Mac bridge_id = {};               // bridge: the address its ports elected

  Mac mac_before = {};  // port of a bond: what it gets back when it leaves
  unsigned mtu_before = 0;
  Mac parent_mac = {};  // VLAN: its parent's MAC when it last looked

  [[nodiscard]] bool is_up() const { return link.up == true; }
  [[nodiscard]] unsigned mtu() const { return link.mtu.value(); }
  [[nodiscard]] Mac mac() const { return link.mac.value(); }
};

class FakeNet {
 public:
  void add_nic(const Nic& nic);
  [[nodiscard]] const std::map<LinkName, Device>& devices() const { return devices_; }
  // The link as the kernel shows it, hidden state left out.
  [[nodiscard]] Link shown(const LinkName& name) const;

  Errno create(const Link& wanted, bool ours);
  Errno remove(const LinkName& name);
  Errno open(const LinkName& name, bool for_a_bond = false);
  Errno close(const LinkName& name);
  Errno set_mtu(const LinkName& name, unsigned mtu);
  Errno set_mac(const LinkName& name, Mac mac);
  Errno set_addr_gen(const LinkName& name, AddrGen mode);
  Errno set_ra(const LinkName& name, bool on);
  Errno set_apart(const LinkName& name, bool apart);
  Errno set_controller(const LinkName& name, const std::optional<LinkName>& controller);
  // The first `limit` of the options, in the kernel's own order whatever the message's.
  Errno set_options(const LinkName& name, const Options& options, std::size_t limit);
  Errno set_port_options(const LinkName& name, const Options& options, std::size_t limit);
  Errno add_vlans(const LinkName& name, const std::vector<PortVlan>& vlans);
  Errno remove_vlans(const LinkName& name, const std::vector<VlanId>& vlans);
  Errno add_entry(const LinkName& name, const FdbEntry& entry);
  Errno remove_entry(const LinkName& name, const FdbEntry& entry);
  Errno add_address(const LinkName& name, const LinkAddress& address);
  Errno remove_address(const LinkName& name, const LinkAddress& address);
  Errno add_route(const LinkName& name, const Route& route);
  Errno remove_route(const LinkName& name, const Route& route);
  // nftables: chains hang on ports that exist.
  Errno set_ours(const LinkName& name, bool ours);
  // The port need not be there.
  Errno set_filter(const LinkName& port, const PortFilter& filter);
  Errno set_rate(const LinkName& name, std::uint64_t rate);
  Errno set_rules(const LinkName& bond, const std::vector<LinkName>& ports);

  // The filters' table: by port, as they were put in.
  [[nodiscard]] const std::map<LinkName, PortFilter>& filters() const { return filters_; }

  // Somebody changed rules of the table, or it was made anew.
  void spoil_filters(bool spoilt) { filters_are_whole_ = !spoilt; }
  [[nodiscard]] bool filters_are_whole() const { return filters_are_whole_; }
  void lose_filters() { filters_.clear(); }

  // Ports that a new controller took from another one, as "eth0: bond1 -> br0".
  [[nodiscard]] const std::vector<std::string>& thefts() const { return thefts_; }

  // Bonds whose rules nobody looks for: those that are gone, or in another mode.
  [[nodiscard]] std::vector<LinkName> orphaned_rules() const;

 private:
  // fake_net.cpp: net/core/dev.c, net/core/rtnetlink.c, net/8021q
  Device* find(const LinkName& name);
  [[nodiscard]] const Device* find(const LinkName& name) const;
  [[nodiscard]] std::vector<LinkName> vlans_on(const LinkName& parent) const;
  [[nodiscard]] bool is_above(const LinkName& upper, const LinkName& lower) const;
  Errno fill_new_vlan(Device& made, const Link& wanted);
  Errno register_device(Device made, const Link& wanted);
  void unregister(const LinkName& name);
  void mac_changed(Device& device);
  void lower_vlan_mtus(const Device& parent);
  Mac random_mac();

  // fake_bond.cpp: drivers/net/bonding
  void fill_new_bond(Device& made);
  Errno set_bond_option(Device& bond, Option option, const Value& value, const Options& message);
  Errno set_bond_mode(Device& bond, BondMode mode);
  Errno set_bond_mac(Device& bond, Mac mac);
  Errno set_bond_mtu(Device& bond, unsigned mtu);
  Errno bond_add_port(Device& bond, Device& port);
  Errno bond_take_in(Device& bond, Device& port);
  enum class Release : std::uint8_t { by_request, port_unregisters, bond_unregisters };
  void bond_drop_port(Device& bond, Device& port, Release why);
  void bond_select_active(Device& bond);
  Errno set_bond_port_option(Device& bond, Device& port, Option option, const Value& value);
  [[nodiscard]] Options shown_bond_options(const Device& bond) const;

  // fake_bridge.cpp: net/bridge
  void fill_new_bridge(Device& made);
  Errno set_bridge_option(Device& bridge, Option option, const Value& value);
  void set_default_pvid(Device& bridge, std::uint16_t vid);
  Errno bridge_add_port(Device& bridge, Device& port);
  void bridge_forget_port(Device& bridge, Device& port);
  void bridge_drop_port(Device& bridge, Device& port);
  void bridge_elect_mac(Device& bridge);
  void bridge_adjust_mtu(Device& bridge);
  [[nodiscard]] bool bridge_ports_have_vlans(const Device& bridge) const;
  Errno set_bridge_port_option(Device& port, Option option, const Value& value);

  [[nodiscard]] SlbRules rules_of(const LinkName& bond) const;

  std::map<LinkName, Device> devices_;
  std::map<LinkName, std::vector<LinkName>> rules_;  // tables outlive their bonds
  std::map<LinkName, PortFilter> filters_;           // and filters their ports
  bool filters_are_whole_ = true;
  std::vector<std::string> thefts_;
  std::uint32_t random_macs_ = 0;
};

// What becomes of a link's IPv6 by its MTU, when somebody tells the kernel's IPv6 of that: by a
// change of it, or as the link comes up.
void change_ipv6(Link& link);

// The value of an option that holds a number.
std::int64_t number(const Options& options, Option option);

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// Hosts to be shown, as values: the README's, with everything in order, to be spoilt by tests.
#pragma once

#include "core/view/view.hpp"
#include "edge/parse/toml.hpp"
#include "example_files.hpp"

namespace vifchain {

inline LinkName link_name(std::string_view text) {
  return LinkName::parse(text).value();
}

inline Mac numbered_mac(unsigned number) {
  return Mac{{0x02, 0, 0, 0, 0, static_cast<std::uint8_t>(number)}};
}

// Everything that the file names is there as the file has it.
inline void make_as_the_file_says(Sight& sight) {
  unsigned number = 0x10;
  for (const auto& [name, wanted] : sight.topology->links) {
    Link link = wanted;
    link.ours = !is_given(link);
    link.birth = {};
    link.up = true;
    link.mtu = wanted.mtu.value_or(1500);
    link.mac = wanted.mac.value_or(numbered_mac(number++));
    if (!link.addr_gen) link.addr_gen = AddrGen::none;
    sight.links.emplace(name, std::move(link));
    sight.states[name] = {.carrier = true, .operstate = "up"};
  }
}

// A guest whose vif 0 is a port of this bridge and works.
inline void add_guest(Sight& sight, unsigned domid, const std::string& guest,
                      const std::string& bridge) {
  const VifId id{domid, 0};
  const auto port = link_name(id.str());
  sight.links.emplace(port, Link{.name = port,
                                 .controller = link_name(bridge),
                                 .mtu = 1500,
                                 .mac = vif_mac,
                                 .up = true,
                                 .addr_gen = AddrGen::none});
  sight.states[port] = {.carrier = true, .operstate = "up", .bridge_port = Forwarding::forwarding};
  sight.vifs.push_back({.vif = id,
                        .guest = guest,
                        .backend_guest = "Domain-0",
                        .bridge = bridge,
                        .mac = numbered_mac(domid),
                        .backend = XenbusState::connected,
                        .frontend = XenbusState::connected,
                        .hotplug_status = "connected"});
}

inline Sight host_of(std::string_view file) {
  Sight sight{.topology = std::get<Topology>(parse_topology(file)),
              .config = "/etc/xen/vifchain.toml"};
  make_as_the_file_says(sight);
  return sight;
}

// Two ports of a LACP bond, both in use.
inline Sight readme_host() {
  Sight sight = host_of(seven_lines);
  for (const char* name : {"eth0", "eth3", "bond1.2", "bond1.3", "xenbrlan", "xenbrdmz"})
    sight.links.at(link_name(name)).mac = sight.links.at(link_name("bond1")).mac;
  for (const char* port : {"eth0", "eth3"}) {
    auto& state = sight.states.at(link_name(port));
    state.speed = Speed{10000, Duplex::full};
    state.bond_port = BondPortState{
        .active = true, .mii_up = true, .aggregator = 1, .actor = 0x3f, .partner = 0x3d};
  }
  auto& bond = sight.states.at(link_name("bond1"));
  bond.speed = Speed{20000, Duplex::full};
  bond.lacp = LacpInfo{.aggregator = 1,
                       .ports = 2,
                       .actor_key = 15,
                       .partner_key = 32,
                       .partner = Mac::parse("00:1b:21:aa:bb:cc").value()};
  add_guest(sight, 5, "web", "xenbrdmz");
  add_guest(sight, 7, "db", "xenbrlan");
  return sight;
}

// The README's, the way it is at three o'clock: a cable pulled, a VLAN link deleted, a
// bond's miimon changed, a guest refused, another one served by a driver domain, and somebody's
// bridge.
inline Sight spoilt_host() {
  Sight sight = readme_host();
  auto& unplugged = sight.states.at(link_name("eth3"));
  unplugged = {.carrier = false, .operstate = "down"};
  unplugged.bond_port =
      BondPortState{.mii_up = false, .failures = 3, .aggregator = 2, .actor = 0x45, .partner = 1};
  sight.states.at(link_name("bond1")).speed = Speed{10000, Duplex::full};
  options_of(sight.links.at(link_name("bond1")))[Option::bond_miimon] = std::int64_t{50};
  sight.links.erase(link_name("bond1.2"));
  sight.states.erase(link_name("bond1.2"));
  sight.vifs.push_back({.vif = {9, 0},
                        .guest = "mail",
                        .bridge = "xenbrlan",
                        .mac = numbered_mac(9),
                        .backend = XenbusState::init_wait,
                        .frontend = XenbusState::initialising,
                        .hotplug_status = "error",
                        .hotplug_error = "bond1: is a bridge, wanted a bond"});
  sight.vifs.push_back({.vif = {11, 0},
                        .guest = "far",
                        .backend_domid = 3,
                        .backend_guest = "netdrv",
                        .here = false,
                        .bridge = "xenbr0",
                        .mac = numbered_mac(11),
                        .backend = XenbusState::connected,
                        .frontend = XenbusState::connected,
                        .hotplug_status = "connected"});
  const auto other = link_name("virbr0");
  sight.links.emplace(other, Link{.name = other,
                                  .kind = Bridge{},
                                  .mtu = 1500,
                                  .mac = numbered_mac(0x40),
                                  .up = true,
                                  .addresses = {{*LinkAddress::parse("192.168.122.1/24")}}});
  sight.states[other] = {.driver_kind = "bridge", .carrier = true, .operstate = "up"};
  add_guest(sight, 12, "old\033[31m", "virbr0");
  return sight;
}

}  // namespace vifchain

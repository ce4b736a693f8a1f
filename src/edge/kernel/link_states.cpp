// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/link_states.hpp"

#include <linux/if_bridge.h>
#include <linux/if_link.h>

#include <array>

#include "edge/kernel/link_speed.hpp"
#include "edge/kernel/requests.hpp"
#include "edge/netlink/attributes.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

using LinkAttributes = Attributes<IFLA_MAX>;
using InfoAttributes = Attributes<IFLA_INFO_MAX>;

// RFC 2863's states by the kernel's numbers (include/uapi/linux/if.h), as ip-link(8) calls them.
std::string operstate_in(const nlattr* attribute) {
  constexpr std::array<const char*, 7> words{"unknown", "notpresent", "down", "lowerlayerdown",
                                             "testing", "dormant",    "up"};
  const auto number = get<std::uint8_t>(attribute).value_or(0);
  return number < words.size() ? words.at(number) : words.front();
}

// The first of struct rtnl_link_stats64, which grows at its end.
std::optional<Counters> counters_in(const nlattr* attribute) {
  enum { rx_packets, tx_packets, rx_bytes, tx_bytes, rx_errors, tx_errors, rx_dropped, tx_dropped };
  const auto all = get<std::array<std::uint64_t, 8>>(attribute);
  if (!all) return {};
  return Counters{.received_bytes = (*all)[rx_bytes],
                  .received_packets = (*all)[rx_packets],
                  .received_errors = (*all)[rx_errors],
                  .received_dropped = (*all)[rx_dropped],
                  .sent_bytes = (*all)[tx_bytes],
                  .sent_packets = (*all)[tx_packets],
                  .sent_errors = (*all)[tx_errors],
                  .sent_dropped = (*all)[tx_dropped]};
}

unsigned u16_in(const nlattr* attribute) {
  return get<std::uint16_t>(attribute).value_or(0);
}

// Only a bond in 802.3ad has it, and only while it has ports (bond_fill_info).
std::optional<LacpInfo> lacp_in(const nlattr* nest) {
  if (nest == nullptr) return {};
  const Attributes<IFLA_BOND_AD_INFO_MAX> info(nest);
  const auto partner = get<decltype(Mac::bytes)>(info[IFLA_BOND_AD_INFO_PARTNER_MAC]);
  return LacpInfo{.aggregator = u16_in(info[IFLA_BOND_AD_INFO_AGGREGATOR]),
                  .ports = u16_in(info[IFLA_BOND_AD_INFO_NUM_PORTS]),
                  .actor_key = u16_in(info[IFLA_BOND_AD_INFO_ACTOR_KEY]),
                  .partner_key = u16_in(info[IFLA_BOND_AD_INFO_PARTNER_KEY]),
                  .partner = Mac{partner.value_or(decltype(Mac::bytes){})}};
}

void read_bond(const nlattr* data, LinkState& state, Names& names) {
  const Attributes<IFLA_BOND_MAX> bond(data);
  const auto active = get<std::uint32_t>(bond[IFLA_BOND_ACTIVE_SLAVE]).value_or(0);
  if (active != 0) state.active_port = names[active];
  state.lacp = lacp_in(bond[IFLA_BOND_AD_INFO]);
}

// The port's own bits come as one byte, the partner's as two (bond_fill_slave_info).
BondPortState bond_port_in(const nlattr* data) {
  constexpr std::uint8_t active = 0, link_up = 0;  // BOND_STATE_ACTIVE, BOND_LINK_UP
  const Attributes<IFLA_BOND_SLAVE_MAX> port(data);
  BondPortState state{
      .active = get<std::uint8_t>(port[IFLA_BOND_SLAVE_STATE]) == active,
      .mii_up = get<std::uint8_t>(port[IFLA_BOND_SLAVE_MII_STATUS]) == link_up,
      .failures = get<std::uint32_t>(port[IFLA_BOND_SLAVE_LINK_FAILURE_COUNT]).value_or(0)};
  state.aggregator = get<std::uint16_t>(port[IFLA_BOND_SLAVE_AD_AGGREGATOR_ID]);
  state.actor = get<std::uint8_t>(port[IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE]);
  state.partner = get<std::uint16_t>(port[IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE]);
  return state;
}

std::optional<Forwarding> bridge_port_in(const nlattr* data) {
  const Attributes<IFLA_BRPORT_MAX> port(data);
  const auto state = get<std::uint8_t>(port[IFLA_BRPORT_STATE]);
  if (!state || *state > BR_STATE_BLOCKING) return {};
  return static_cast<Forwarding>(*state);
}

void read_place(const InfoAttributes& info, LinkState& state) {
  const auto kind = get_text(info[IFLA_INFO_SLAVE_KIND]);
  const auto* data = info[IFLA_INFO_SLAVE_DATA];
  if (data == nullptr) return;
  if (kind == "bond") state.bond_port = bond_port_in(data);
  if (kind == "bridge") state.bridge_port = bridge_port_in(data);
}

// Others have none, or that of what they are stacked on.
bool has_speed(const LinkState& state) {
  return state.carrier && state.driver_kind != "vlan" && state.driver_kind != "bridge";
}

}  // namespace

LinkState read_state(const nlmsghdr& link_message, Names& names) {
  const LinkAttributes attributes(link_message, sizeof(ifinfomsg));
  const InfoAttributes info(attributes[IFLA_LINKINFO]);
  LinkState state{.index = static_cast<unsigned>(
                      static_cast<const ifinfomsg*>(nlmsg_data(&link_message))->ifi_index),
                  .driver_kind = get_text(info[IFLA_INFO_KIND]),
                  .carrier = get<std::uint8_t>(attributes[IFLA_CARRIER]).value_or(0) != 0,
                  .operstate = operstate_in(attributes[IFLA_OPERSTATE]),
                  .other_names = other_names_in(attributes[IFLA_PROP_LIST])};
  if (state.driver_kind == "bond" && info[IFLA_INFO_DATA] != nullptr)
    read_bond(info[IFLA_INFO_DATA], state, names);
  read_place(info, state);
  state.counters = counters_in(attributes[IFLA_STATS64]);
  return state;
}

std::map<LinkName, LinkState> read_link_states(bool counters, Patience patience) {
  Rtnl rtnl(std::move(patience));
  const Answer answer = rtnl.exchange(ask_all_links(counters));
  const char* doing = "reading the states of all links";
  if (answer.error != 0) throw Error(answer.error, doing, answer.words);
  Names names;
  for (const auto* message : messages_of(answer)) {
    const auto identity = identity_of(*message);
    names.learn(identity.index, identity.name);
  }
  const SpeedDoor speeds;
  std::map<LinkName, LinkState> states;
  for (const auto* message : messages_of(answer)) {
    auto state = read_state(*message, names);
    const auto name = identity_of(*message).name;
    if (!counters) state.counters.reset();  // not every kernel leaves them out of a dump
    if (has_speed(state)) state.speed = speeds.ask(name);
    states.insert_or_assign(name, std::move(state));
  }
  return states;
}

}  // namespace vifchain::inline edge::inline kernel

// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/options.hpp"

#include <arpa/inet.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/if_vlan.h>
#include <netlink/attr.h>

#include <array>
#include <cstring>
#include <optional>
#include <span>

#include "edge/netlink/attributes.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

// How an attribute's payload is laid out.
enum class Wire : std::uint8_t {
  u8,
  u16,
  u32,
  s32,
  u64,    // host byte order
  be16,   // network byte order
  mac,    // six bytes
  index,  // u32, the index of a link
  be32_list,
  in6_list,    // a nest with one attribute per address
  bits,        // one bit of two u32: values, and the mask of those that count
  flags,       // the same, and the kernel leaves it out when every bit is 0
  priorities,  // a nest of IFLA_VLAN_QOS_MAPPING
};

struct Row {
  Option option;
  int attribute;
  Wire wire;
  std::uint32_t bit = 0;
};

// Attributes younger than Debian 12's linux/if_link.h (Linux 6.1), by their numbers in
// include/uapi/linux/if_link.h of the version that brought them.
constexpr int ifla_bond_slave_actor_port_prio = 10;  // 6.18
constexpr int ifla_bond_coupled_control = 32;        // 6.9
constexpr int ifla_bond_broadcast_neigh = 33;        // 6.17
constexpr int ifla_br_fdb_max_learned = 49;          // 6.7
constexpr int ifla_brport_mab = 40;                  // 6.2
constexpr int ifla_brport_neigh_vlan_suppress = 43;  // 6.4

using enum Option;

// clang-format off
constexpr std::array bond_rows{
    Row{bond_mode, IFLA_BOND_MODE, Wire::u8},
    Row{bond_miimon, IFLA_BOND_MIIMON, Wire::u32},
    Row{bond_updelay, IFLA_BOND_UPDELAY, Wire::u32},
    Row{bond_downdelay, IFLA_BOND_DOWNDELAY, Wire::u32},
    Row{bond_use_carrier, IFLA_BOND_USE_CARRIER, Wire::u8},
    Row{bond_arp_interval, IFLA_BOND_ARP_INTERVAL, Wire::u32},
    Row{bond_arp_ip_target, IFLA_BOND_ARP_IP_TARGET, Wire::be32_list},
    Row{bond_ns_ip6_target, IFLA_BOND_NS_IP6_TARGET, Wire::in6_list},
    Row{bond_arp_validate, IFLA_BOND_ARP_VALIDATE, Wire::u32},
    Row{bond_arp_all_targets, IFLA_BOND_ARP_ALL_TARGETS, Wire::u32},
    Row{bond_primary, IFLA_BOND_PRIMARY, Wire::index},
    Row{bond_primary_reselect, IFLA_BOND_PRIMARY_RESELECT, Wire::u8},
    Row{bond_fail_over_mac, IFLA_BOND_FAIL_OVER_MAC, Wire::u8},
    Row{bond_xmit_hash_policy, IFLA_BOND_XMIT_HASH_POLICY, Wire::u8},
    Row{bond_resend_igmp, IFLA_BOND_RESEND_IGMP, Wire::u32},
    Row{bond_num_peer_notif, IFLA_BOND_NUM_PEER_NOTIF, Wire::u8},
    Row{bond_all_slaves_active, IFLA_BOND_ALL_SLAVES_ACTIVE, Wire::u8},
    Row{bond_min_links, IFLA_BOND_MIN_LINKS, Wire::u32},
    Row{bond_lp_interval, IFLA_BOND_LP_INTERVAL, Wire::u32},
    Row{bond_packets_per_slave, IFLA_BOND_PACKETS_PER_SLAVE, Wire::u32},
    Row{bond_lacp_rate, IFLA_BOND_AD_LACP_RATE, Wire::u8},
    Row{bond_lacp_active, IFLA_BOND_AD_LACP_ACTIVE, Wire::u8},
    Row{bond_ad_select, IFLA_BOND_AD_SELECT, Wire::u8},
    Row{bond_ad_actor_sys_prio, IFLA_BOND_AD_ACTOR_SYS_PRIO, Wire::u16},
    Row{bond_ad_actor_system, IFLA_BOND_AD_ACTOR_SYSTEM, Wire::mac},
    Row{bond_ad_user_port_key, IFLA_BOND_AD_USER_PORT_KEY, Wire::u16},
    Row{bond_tlb_dynamic_lb, IFLA_BOND_TLB_DYNAMIC_LB, Wire::u8},
    Row{bond_peer_notif_delay, IFLA_BOND_PEER_NOTIF_DELAY, Wire::u32},
    Row{bond_missed_max, IFLA_BOND_MISSED_MAX, Wire::u8},
    Row{bond_coupled_control, ifla_bond_coupled_control, Wire::u8},
    Row{bond_broadcast_neighbor, ifla_bond_broadcast_neigh, Wire::u8},
};

constexpr std::array vlan_rows{
    Row{vlan_reorder_hdr, IFLA_VLAN_FLAGS, Wire::flags, VLAN_FLAG_REORDER_HDR},
    Row{vlan_gvrp, IFLA_VLAN_FLAGS, Wire::flags, VLAN_FLAG_GVRP},
    Row{vlan_mvrp, IFLA_VLAN_FLAGS, Wire::flags, VLAN_FLAG_MVRP},
    Row{vlan_loose_binding, IFLA_VLAN_FLAGS, Wire::flags, VLAN_FLAG_LOOSE_BINDING},
    Row{vlan_bridge_binding, IFLA_VLAN_FLAGS, Wire::flags, VLAN_FLAG_BRIDGE_BINDING},
    Row{vlan_ingress_qos_map, IFLA_VLAN_INGRESS_QOS, Wire::priorities},
    Row{vlan_egress_qos_map, IFLA_VLAN_EGRESS_QOS, Wire::priorities},
};

constexpr std::array bridge_rows{
    Row{bridge_stp, IFLA_BR_STP_STATE, Wire::u32},
    Row{bridge_forward_delay, IFLA_BR_FORWARD_DELAY, Wire::u32},
    Row{bridge_hello_time, IFLA_BR_HELLO_TIME, Wire::u32},
    Row{bridge_max_age, IFLA_BR_MAX_AGE, Wire::u32},
    Row{bridge_ageing_time, IFLA_BR_AGEING_TIME, Wire::u32},
    Row{bridge_priority, IFLA_BR_PRIORITY, Wire::u16},
    Row{bridge_group_fwd_mask, IFLA_BR_GROUP_FWD_MASK, Wire::u16},
    Row{bridge_group_addr, IFLA_BR_GROUP_ADDR, Wire::mac},
    Row{bridge_vlan_filtering, IFLA_BR_VLAN_FILTERING, Wire::u8},
    Row{bridge_vlan_protocol, IFLA_BR_VLAN_PROTOCOL, Wire::be16},
    Row{bridge_vlan_default_pvid, IFLA_BR_VLAN_DEFAULT_PVID, Wire::u16},
    Row{bridge_vlan_stats_enabled, IFLA_BR_VLAN_STATS_ENABLED, Wire::u8},
    Row{bridge_vlan_stats_per_port, IFLA_BR_VLAN_STATS_PER_PORT, Wire::u8},
    Row{bridge_mcast_snooping, IFLA_BR_MCAST_SNOOPING, Wire::u8},
    Row{bridge_mcast_router, IFLA_BR_MCAST_ROUTER, Wire::u8},
    Row{bridge_mcast_query_use_ifaddr, IFLA_BR_MCAST_QUERY_USE_IFADDR, Wire::u8},
    Row{bridge_mcast_querier, IFLA_BR_MCAST_QUERIER, Wire::u8},
    Row{bridge_mcast_hash_max, IFLA_BR_MCAST_HASH_MAX, Wire::u32},
    Row{bridge_mcast_last_member_count, IFLA_BR_MCAST_LAST_MEMBER_CNT, Wire::u32},
    Row{bridge_mcast_startup_query_count, IFLA_BR_MCAST_STARTUP_QUERY_CNT, Wire::u32},
    Row{bridge_mcast_last_member_interval, IFLA_BR_MCAST_LAST_MEMBER_INTVL, Wire::u64},
    Row{bridge_mcast_membership_interval, IFLA_BR_MCAST_MEMBERSHIP_INTVL, Wire::u64},
    Row{bridge_mcast_querier_interval, IFLA_BR_MCAST_QUERIER_INTVL, Wire::u64},
    Row{bridge_mcast_query_interval, IFLA_BR_MCAST_QUERY_INTVL, Wire::u64},
    Row{bridge_mcast_query_response_interval, IFLA_BR_MCAST_QUERY_RESPONSE_INTVL, Wire::u64},
    Row{bridge_mcast_startup_query_interval, IFLA_BR_MCAST_STARTUP_QUERY_INTVL, Wire::u64},
    Row{bridge_mcast_stats_enabled, IFLA_BR_MCAST_STATS_ENABLED, Wire::u8},
    Row{bridge_mcast_igmp_version, IFLA_BR_MCAST_IGMP_VERSION, Wire::u8},
    Row{bridge_mcast_mld_version, IFLA_BR_MCAST_MLD_VERSION, Wire::u8},
    Row{bridge_mcast_vlan_snooping, IFLA_BR_MULTI_BOOLOPT, Wire::bits,
        1U << BR_BOOLOPT_MCAST_VLAN_SNOOPING},
    Row{bridge_mst_enabled, IFLA_BR_MULTI_BOOLOPT, Wire::bits, 1U << BR_BOOLOPT_MST_ENABLE},
    Row{bridge_no_linklocal_learn, IFLA_BR_MULTI_BOOLOPT, Wire::bits,
        1U << BR_BOOLOPT_NO_LL_LEARN},
    Row{bridge_fdb_max_learned, ifla_br_fdb_max_learned, Wire::u32},
    Row{bridge_nf_call_iptables, IFLA_BR_NF_CALL_IPTABLES, Wire::u8},
    Row{bridge_nf_call_ip6tables, IFLA_BR_NF_CALL_IP6TABLES, Wire::u8},
    Row{bridge_nf_call_arptables, IFLA_BR_NF_CALL_ARPTABLES, Wire::u8},
};

constexpr std::array bridge_port_rows{
    Row{port_cost, IFLA_BRPORT_COST, Wire::u32},
    Row{port_priority, IFLA_BRPORT_PRIORITY, Wire::u16},
    Row{port_hairpin, IFLA_BRPORT_MODE, Wire::u8},
    Row{port_guard, IFLA_BRPORT_GUARD, Wire::u8},
    Row{port_root_block, IFLA_BRPORT_PROTECT, Wire::u8},
    Row{port_fastleave, IFLA_BRPORT_FAST_LEAVE, Wire::u8},
    Row{port_learning, IFLA_BRPORT_LEARNING, Wire::u8},
    Row{port_flood, IFLA_BRPORT_UNICAST_FLOOD, Wire::u8},
    Row{port_mcast_flood, IFLA_BRPORT_MCAST_FLOOD, Wire::u8},
    Row{port_bcast_flood, IFLA_BRPORT_BCAST_FLOOD, Wire::u8},
    Row{port_mcast_to_unicast, IFLA_BRPORT_MCAST_TO_UCAST, Wire::u8},
    Row{port_mcast_router, IFLA_BRPORT_MULTICAST_ROUTER, Wire::u8},
    Row{port_neigh_suppress, IFLA_BRPORT_NEIGH_SUPPRESS, Wire::u8},
    Row{port_neigh_vlan_suppress, ifla_brport_neigh_vlan_suppress, Wire::u8},
    Row{port_vlan_tunnel, IFLA_BRPORT_VLAN_TUNNEL, Wire::u8},
    Row{port_isolated, IFLA_BRPORT_ISOLATED, Wire::u8},
    Row{port_locked, IFLA_BRPORT_LOCKED, Wire::u8},
    Row{port_mab, ifla_brport_mab, Wire::u8},
    Row{port_group_fwd_mask, IFLA_BRPORT_GROUP_FWD_MASK, Wire::u16},
    Row{port_proxy_arp, IFLA_BRPORT_PROXYARP, Wire::u8},
    Row{port_proxy_arp_wifi, IFLA_BRPORT_PROXYARP_WIFI, Wire::u8},
};

constexpr std::array bond_port_rows{
    Row{bond_port_queue_id, IFLA_BOND_SLAVE_QUEUE_ID, Wire::u16},
    Row{bond_port_prio, IFLA_BOND_SLAVE_PRIO, Wire::s32},
    Row{bond_port_actor_port_prio, ifla_bond_slave_actor_port_prio, Wire::u16},
};
// clang-format on

// The tables of `Owner`, in its order; together they are `Option`, in its order.
constexpr std::array<std::span<const Row>, 5> tables{bond_rows, vlan_rows, bridge_rows,
                                                     bridge_port_rows, bond_port_rows};

consteval bool every_option_has_its_row() {
  std::size_t next = 0;
  for (const auto& table : tables)
    for (const Row& row : table)
      if (static_cast<std::size_t>(row.option) != next++) return false;
  return next == option_count;
}
static_assert(every_option_has_its_row());

constexpr int highest_attribute = 63;
consteval bool every_attribute_is_read() {
  for (const auto& table : tables)
    for (const Row& row : table)
      if (row.attribute > highest_attribute) return false;
  return true;
}
static_assert(every_attribute_is_read());

const Row& row_of(Option option) {
  auto place = static_cast<std::size_t>(option);
  for (const auto& table : tables) {
    if (place < table.size()) return table[place];
    place -= table.size();
  }
  std::abort();
}

// Values and mask of one attribute: ifla_vlan_flags, br_boolopt_multi.
struct Bits {
  std::uint32_t values = 0;
  std::uint32_t mask = 0;
};

// Calls `work` with a zero of the type that a number has on the wire; false for what is none.
template <typename Work>
bool with_number(Wire wire, const Work& work) {
  switch (wire) {
    case Wire::u8:
      return work(std::uint8_t{}), true;
    case Wire::u16:
      return work(std::uint16_t{}), true;
    case Wire::u32:
    case Wire::index:
      return work(std::uint32_t{}), true;
    case Wire::s32:
      return work(std::int32_t{}), true;
    case Wire::u64:
      return work(std::uint64_t{}), true;
    default:
      return false;
  }
}

void put_addresses(nl_msg& message, int attribute, const Value& value, std::size_t size) {
  const Nest list(message, attribute);
  int place = 0;
  for (const IpAddress& address : std::get<std::vector<IpAddress>>(value))
    put_bytes(message, place++, address.bytes.data(), size);
}

void put_priorities(nl_msg& message, int attribute, const Value& value) {
  const Nest list(message, attribute);
  for (const auto& [from, to] : std::get<QosMap>(value))
    put(message, IFLA_VLAN_QOS_MAPPING, ifla_vlan_qos_mapping{from, to});
}

void put_option(nl_msg& message, const Row& row, const Value& value, const IndexOf& index_of) {
  const int attribute = row.attribute;
  if (row.wire == Wire::index) return put(message, attribute, index_of(std::get<LinkName>(value)));
  if (with_number(row.wire, [&](auto zero) {
        put(message, attribute, static_cast<decltype(zero)>(std::get<std::int64_t>(value)));
      }))
    return;
  switch (row.wire) {
    case Wire::be16:
      return put(message, attribute,
                 htons(static_cast<std::uint16_t>(std::get<std::int64_t>(value))));
    case Wire::mac:
      return put(message, attribute, std::get<Mac>(value).bytes);
    case Wire::be32_list:
      return put_addresses(message, attribute, value, 4);
    case Wire::in6_list:
      return put_addresses(message, attribute, value, 16);
    case Wire::priorities:
      return put_priorities(message, attribute, value);
    default:
      return;  // bits go together with their neighbours, see put_bits
  }
}

// The bits of one attribute travel together: a second one of its kind would hide the first.
void put_bits(nl_msg& message, const Options& options) {
  std::map<int, Bits> attributes;
  for (const auto& [option, value] : options) {
    const Row& row = row_of(option);
    if (row.wire != Wire::bits && row.wire != Wire::flags) continue;
    Bits& bits = attributes[row.attribute];
    bits.mask |= row.bit;
    if (std::get<std::int64_t>(value) != 0) bits.values |= row.bit;
  }
  for (const auto& [attribute, bits] : attributes) put(message, attribute, bits);
}

std::optional<Value> be16_from(const nlattr* attribute) {
  const auto number = get<std::uint16_t>(attribute);
  if (!number) return {};
  return std::int64_t{ntohs(*number)};
}

std::optional<Value> mac_from(const nlattr* attribute) {
  const auto bytes = get<decltype(Mac::bytes)>(attribute);
  if (!bytes) return {};
  return Mac{*bytes};
}

std::optional<Value> bit_from(const nlattr* attribute, std::uint32_t bit) {
  const auto bits = get<Bits>(attribute);
  if (!bits || (bits->mask & bit) == 0) return {};
  return std::int64_t{(bits->values & bit) != 0};
}

std::optional<Value> addresses_from(const nlattr* list, std::size_t size) {
  std::vector<IpAddress> addresses;
  for_each_attribute(list, [&](const nlattr& entry) {
    if (static_cast<std::size_t>(nla_len(&entry)) != size) return;
    IpAddress address{.v6 = size == 16};
    std::memcpy(address.bytes.data(), nla_data(&entry), size);
    addresses.push_back(address);
  });
  return addresses;
}

std::optional<Value> priorities_from(const nlattr* list) {
  QosMap map;
  for_each_attribute(list, [&](const nlattr& entry) {
    if (const auto mapping = get<ifla_vlan_qos_mapping>(&entry)) map[mapping->from] = mapping->to;
  });
  return map;
}

// Nothing for an attribute that is absent, but for one that is left out when empty.
std::optional<Value> read_option(const Row& row, const nlattr* attribute) {
  std::optional<Value> number;
  if (with_number(row.wire, [&](auto zero) {
        if (const auto read = get<decltype(zero)>(attribute))
          number = static_cast<std::int64_t>(*read);
      }))
    return number;
  switch (row.wire) {
    case Wire::be16:
      return be16_from(attribute);
    case Wire::mac:
      return mac_from(attribute);
    case Wire::bits:
      return bit_from(attribute, row.bit);
    case Wire::flags:
      return attribute == nullptr ? std::int64_t{0} : bit_from(attribute, row.bit);
    case Wire::be32_list:
      return addresses_from(attribute, 4);
    case Wire::in6_list:
      return addresses_from(attribute, 16);
    case Wire::priorities:
      return priorities_from(attribute);
    default:
      return {};
  }
}

}  // namespace

const char* kernel_kind(Owner owner) {
  switch (owner) {
    case Owner::bond:
    case Owner::bond_port:
      return "bond";
    case Owner::vlan:
      return "vlan";
    case Owner::bridge:
    case Owner::bridge_port:
      return "bridge";
  }
  return "";
}

Owner owner_of(Option option) {
  auto place = static_cast<std::size_t>(option);
  std::size_t owner = 0;
  for (; place >= tables[owner].size(); ++owner) place -= tables[owner].size();
  return static_cast<Owner>(owner);
}

void put_options(nl_msg& message, const Options& options, const IndexOf& index_of) {
  for (const auto& [option, value] : options) put_option(message, row_of(option), value, index_of);
  put_bits(message, options);
}

ReadOptions read_options(Owner owner, const nlattr* data) {
  const Attributes<highest_attribute> attributes(data);
  const auto& rows = tables.at(static_cast<std::size_t>(owner));
  ReadOptions read;
  read.options.reserve(rows.size());
  for (const Row& row : rows) {
    auto value = read_option(row, attributes[row.attribute]);
    if (!value) continue;
    if (row.wire == Wire::index)
      read.ports[row.option] = static_cast<unsigned>(std::get<std::int64_t>(*value));
    else
      read.options.emplace(row.option, std::move(*value));
  }
  return read;
}

}  // namespace vifchain::inline edge::inline kernel

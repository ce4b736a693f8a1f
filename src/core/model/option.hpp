// SPDX-License-Identifier: Apache-2.0
// Every option of bonds, VLAN links, bridges and their ports: one table that the reader of the
// file, the planner and the kernel's door all use, so that no key can be read and then dropped.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/model/name.hpp"
#include "core/text/flat_map.hpp"

namespace vifchain::inline core::inline model {

enum class Option : std::uint8_t {
  // bond (Documentation/networking/bonding.rst), times in milliseconds unless said otherwise
  bond_mode,
  bond_miimon,
  bond_updelay,
  bond_downdelay,
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
  bond_lacp_rate,
  bond_lacp_active,
  bond_ad_select,
  bond_ad_actor_sys_prio,
  bond_ad_actor_system,
  bond_ad_user_port_key,
  bond_tlb_dynamic_lb,
  bond_peer_notif_delay,
  bond_missed_max,
  bond_coupled_control,
  bond_broadcast_neighbor,
  // VLAN link
  vlan_reorder_hdr,
  vlan_gvrp,
  vlan_mvrp,
  vlan_loose_binding,
  vlan_bridge_binding,
  vlan_ingress_qos_map,
  vlan_egress_qos_map,
  // bridge, times in hundredths of a second here (the kernel's clock_t), seconds in the file
  bridge_stp,
  bridge_forward_delay,
  bridge_hello_time,
  bridge_max_age,
  bridge_ageing_time,
  bridge_priority,
  bridge_group_fwd_mask,
  bridge_group_addr,
  bridge_vlan_filtering,
  bridge_vlan_protocol,
  bridge_vlan_default_pvid,
  bridge_vlan_stats_enabled,
  bridge_vlan_stats_per_port,
  bridge_mcast_snooping,
  bridge_mcast_router,
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
  bridge_mcast_vlan_snooping,
  bridge_mst_enabled,
  bridge_no_linklocal_learn,
  bridge_fdb_max_learned,
  bridge_nf_call_iptables,
  bridge_nf_call_ip6tables,
  bridge_nf_call_arptables,
  // port of a bridge
  port_cost,
  port_priority,
  port_hairpin,
  port_guard,
  port_root_block,
  port_fastleave,
  port_learning,
  port_flood,
  port_mcast_flood,
  port_bcast_flood,
  port_mcast_to_unicast,
  port_mcast_router,
  port_neigh_suppress,
  port_neigh_vlan_suppress,
  port_vlan_tunnel,
  port_isolated,
  port_locked,
  port_mab,
  port_group_fwd_mask,
  port_proxy_arp,
  port_proxy_arp_wifi,
  // port of a bond
  bond_port_queue_id,
  bond_port_prio,
  bond_port_actor_port_prio,
};
inline constexpr std::size_t option_count =
    static_cast<std::size_t>(Option::bond_port_actor_port_prio) + 1;

// Where an option belongs: a link's own kind, or its place under a controller.
enum class Owner : std::uint8_t { bond, vlan, bridge, bridge_port, bond_port };

// How the file writes a value and how `Value` holds it.
enum class Form : std::uint8_t {
  flag,       // true/false (0 and 1 too)           -> int64 0 or 1
  number,     // an integer                         -> int64
  choice,     // one of the names, or its number    -> int64
  seconds,    // seconds, fractions allowed         -> int64 hundredths
  mac,        // "aa:bb:…"                          -> Mac
  port,       // the name of a port                 -> LinkName
  addresses,  // a list of IP addresses             -> vector<IpAddress>
  qos_map,    // a list of "FROM:TO"                -> QosMap
};

// When the kernel lets an existing link change the option (bond_options.c, br_netlink.c,
// vlan_netlink.c).
enum class When : std::uint8_t { any, down, no_ports, down_without_ports };

// VLAN priority map: kernel priority -> 802.1p priority or the other way round. An absent entry is
// an entry that maps to 0, as the kernel has it.
using QosMap = std::map<std::uint32_t, std::uint32_t>;
using Value = std::variant<std::int64_t, LinkName, Mac, std::vector<IpAddress>, QosMap>;
using Options = FlatMap<Option, Value>;

struct Choice {
  std::string_view name;
  std::int64_t number;
};

// The bonding modes by the kernel's numbers (include/uapi/linux/if_bonding.h).
enum class BondMode : std::uint8_t {
  balance_rr,
  active_backup,
  balance_xor,
  broadcast,
  lacp,
  balance_tlb,
  balance_alb
};
using BondModes = std::uint8_t;  // a set: bit n stands for mode n
inline constexpr BondModes all_bond_modes = 0x7f;
constexpr BondModes only(BondMode mode) {
  return static_cast<BondModes>(1U << static_cast<unsigned>(mode));
}

// How often a bond that we make looks at its ports, in milliseconds, where the file does not say.
inline constexpr std::int64_t usual_miimon = 100;

// The bond's hash by the sender's MAC and VLAN (BOND_XMIT_POLICY_VLAN_SRCMAC).
inline constexpr std::int64_t vlan_srcmac = 5;

struct OptionSpec {
  Option id;
  Owner owner;
  std::string_view key;  // the name in the file, the kernel's own (ip-link(8), bonding.rst)
  Form form;
  std::int64_t min = 0;  // number, seconds (in hundredths): the kernel's own bounds
  std::int64_t max = 0;
  std::span<const Choice> choices = {};
  When when = When::any;
  BondModes modes = all_bond_modes;  // bond options: the modes that have the option
  std::string_view since = {};       // the Linux version that brought it, if above 5.10
  std::int64_t initial = 0;          // of a new link, as kernel_default() has it
  std::string_view unit = {};        // number: what is counted, where that is a time
};

// The option as a number (every form but mac, port, addresses, qos_map); nothing when it is absent.
std::optional<std::int64_t> integer(const Options& options, Option option);

// Whether a bridge with these options filters VLANs.
bool filters_vlans(const Options& bridge);

// The row of `option`. The table is in the order of `Option`.
const OptionSpec& spec(Option option);
std::span<const OptionSpec> all_options();

// The row for the key `key` of a table that describes `owner`; null when there is none.
const OptionSpec* find_option(Owner owner, std::string_view key);

// True when a bond of this mode has the option (bond_opts[].unsuppmodes in bond_options.c).
constexpr bool has_option(BondMode mode, const OptionSpec& option) {
  return (option.modes & only(mode)) != 0;
}

// The value that a new link has from the kernel; nothing where it depends on the host.
std::optional<Value> kernel_default(Option option);

// A value as the file would write it: "802.3ad", "2.5", "true", "02:00:…", "[…]".
std::string show(Option option, const Value& value);

}  // namespace vifchain::inline core::inline model

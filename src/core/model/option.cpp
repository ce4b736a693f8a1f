// SPDX-License-Identifier: Apache-2.0
#include "core/model/option.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace vifchain::inline core::inline model {
namespace {

using enum Option;
using enum Form;

constexpr Choice modes[] = {{"balance-rr", 0}, {"active-backup", 1}, {"balance-xor", 2},
                            {"broadcast", 3},  {"802.3ad", 4},       {"balance-tlb", 5},
                            {"balance-alb", 6}};
constexpr Choice arp_validate[] = {{"none", 0},         {"active", 1}, {"backup", 2},
                                   {"all", 3},          {"filter", 4}, {"filter_active", 5},
                                   {"filter_backup", 6}};
constexpr Choice arp_all_targets[] = {{"any", 0}, {"all", 1}};
constexpr Choice primary_reselect[] = {{"always", 0}, {"better", 1}, {"failure", 2}};
constexpr Choice fail_over_mac[] = {{"none", 0}, {"active", 1}, {"follow", 2}};
constexpr Choice hash_policy[] = {{"layer2", 0},   {"layer3+4", 1}, {"layer2+3", 2},
                                  {"encap2+3", 3}, {"encap3+4", 4}, {"vlan+srcmac", 5}};
constexpr Choice lacp_rate[] = {{"slow", 0}, {"fast", 1}};
constexpr Choice ad_select[] = {{"stable", 0}, {"bandwidth", 1}, {"count", 2}};
constexpr Choice vlan_protocol[] = {{"802.1q", 0x8100}, {"802.1ad", 0x88a8}};

constexpr BondModes lacp_only = only(BondMode::lacp);
constexpr BondModes rr_only = only(BondMode::balance_rr);
constexpr BondModes tlb_or_alb = only(BondMode::balance_tlb) | only(BondMode::balance_alb);
constexpr BondModes with_primary = only(BondMode::active_backup) | tlb_or_alb;
constexpr BondModes with_arp = only(BondMode::balance_rr) | only(BondMode::active_backup) |
                               only(BondMode::balance_xor) | only(BondMode::broadcast);

// port_cost() goes by the speed of the port, and the kernel rounds 31.25 s in its jiffies.
constexpr std::int64_t by_host = -1;

constexpr std::int64_t int_max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t int_min = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t u32_max = std::numeric_limits<std::uint32_t>::max();

// All of a row but what its first words say.
struct Rest {
  Form form;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::span<const Choice> choices = {};
  When when = When::any;
  BondModes modes = all_bond_modes;
  std::string_view since = {};
  std::int64_t initial = 0;
  std::string_view unit = {};
};

constexpr OptionSpec row(Owner owner, Option id, std::string_view key, const Rest& rest) {
  return {id,           owner,     key,        rest.form,  rest.min,     rest.max,
          rest.choices, rest.when, rest.modes, rest.since, rest.initial, rest.unit};
}
constexpr OptionSpec of_bond(Option id, std::string_view key, const Rest& rest) {
  return row(Owner::bond, id, key, rest);
}
constexpr OptionSpec of_vlan(Option id, std::string_view key, const Rest& rest) {
  return row(Owner::vlan, id, key, rest);
}
constexpr OptionSpec of_bridge(Option id, std::string_view key, const Rest& rest) {
  return row(Owner::bridge, id, key, rest);
}
constexpr OptionSpec of_bridge_port(Option id, std::string_view key, const Rest& rest) {
  return row(Owner::bridge_port, id, key, rest);
}
constexpr OptionSpec of_bond_port(Option id, std::string_view key, const Rest& rest) {
  return row(Owner::bond_port, id, key, rest);
}

// Bounds, modes and moments of bonds: bond_opts[] and its value tables in bond_options.c; one that
// the kernel bounds only by its type (min_links and the like are bond_intmax_tbl) has that bound.
// queue_id may reach the bond's transmit queues, of which the module gives at most 255.
// Of bridges: br_changelink and br_policy in br_netlink.c, br_private_stp.h, br_stp.c,
// br_private.h; forward_delay is bounded by 2-30 s only while STP is on, which the reader checks.
// Of bridge ports: br_setport, br_stp_set_path_cost, br_stp_set_port_priority. The kernel refuses
// to change vlan_stats_per_port and mst_enabled while a port has VLANs, as nearly every port does.
// What a new link has (initial): bond_main.c, br_device.c, br_if.c, br_multicast.c, vlan_dev.c.
// A port's mcast_router 3 is no setting: it turns into 1 by itself
// (br_multicast_port_router_expired).
constexpr std::array<OptionSpec, option_count> table{{
    of_bond(bond_mode, "mode",
            {.form = choice, .choices = modes, .when = When::down_without_ports}),
    of_bond(bond_miimon, "miimon", {.form = number, .max = int_max, .unit = "ms"}),
    of_bond(bond_updelay, "updelay", {.form = number, .max = int_max, .unit = "ms"}),
    of_bond(bond_downdelay, "downdelay", {.form = number, .max = int_max, .unit = "ms"}),
    of_bond(bond_use_carrier, "use_carrier", {.form = flag, .initial = 1}),
    of_bond(bond_arp_interval, "arp_interval",
            {.form = number, .max = int_max, .modes = with_arp, .unit = "ms"}),
    of_bond(bond_arp_ip_target, "arp_ip_target", {.form = addresses}),
    of_bond(bond_ns_ip6_target, "ns_ip6_target", {.form = addresses, .since = "5.18"}),
    of_bond(bond_arp_validate, "arp_validate",
            {.form = choice, .choices = arp_validate, .modes = with_arp}),
    of_bond(bond_arp_all_targets, "arp_all_targets", {.form = choice, .choices = arp_all_targets}),
    of_bond(bond_primary, "primary", {.form = port, .modes = with_primary}),
    of_bond(bond_primary_reselect, "primary_reselect",
            {.form = choice, .choices = primary_reselect}),
    of_bond(bond_fail_over_mac, "fail_over_mac",
            {.form = choice, .choices = fail_over_mac, .when = When::no_ports}),
    of_bond(bond_xmit_hash_policy, "xmit_hash_policy", {.form = choice, .choices = hash_policy}),
    of_bond(bond_resend_igmp, "resend_igmp", {.form = number, .max = 255, .initial = 1}),
    of_bond(bond_num_peer_notif, "num_peer_notif", {.form = number, .max = 255, .initial = 1}),
    of_bond(bond_all_slaves_active, "all_slaves_active", {.form = flag}),
    of_bond(bond_min_links, "min_links", {.form = number, .max = int_max}),
    of_bond(bond_lp_interval, "lp_interval",
            {.form = number, .min = 1, .max = int_max, .initial = 1, .unit = "s"}),
    of_bond(bond_packets_per_slave, "packets_per_slave",
            {.form = number, .max = 65535, .modes = rr_only, .initial = 1}),
    of_bond(bond_lacp_rate, "lacp_rate",
            {.form = choice, .choices = lacp_rate, .when = When::down, .modes = lacp_only}),
    of_bond(bond_lacp_active, "lacp_active",
            {.form = flag, .when = When::down, .modes = lacp_only, .since = "5.15", .initial = 1}),
    of_bond(bond_ad_select, "ad_select",
            {.form = choice, .choices = ad_select, .when = When::down}),
    of_bond(bond_ad_actor_sys_prio, "ad_actor_sys_prio",
            {.form = number, .min = 1, .max = 65535, .modes = lacp_only, .initial = 65535}),
    of_bond(bond_ad_actor_system, "ad_actor_system", {.form = mac, .modes = lacp_only}),
    of_bond(bond_ad_user_port_key, "ad_user_port_key",
            {.form = number, .max = 1023, .when = When::down, .modes = lacp_only}),
    of_bond(bond_tlb_dynamic_lb, "tlb_dynamic_lb",
            {.form = flag, .when = When::down, .modes = tlb_or_alb, .initial = 1}),
    of_bond(bond_peer_notif_delay, "peer_notif_delay",
            {.form = number, .max = 300000, .unit = "ms"}),
    of_bond(
        bond_missed_max, "missed_max",
        {.form = number, .min = 1, .max = 255, .modes = with_arp, .since = "5.17", .initial = 2}),
    of_bond(bond_coupled_control, "coupled_control",
            {.form = flag, .when = When::down, .modes = lacp_only, .since = "6.9", .initial = 1}),
    of_bond(bond_broadcast_neighbor, "broadcast_neighbor",
            {.form = flag, .modes = lacp_only, .since = "6.17"}),

    of_vlan(vlan_reorder_hdr, "reorder_hdr", {.form = flag, .initial = 1}),
    of_vlan(vlan_gvrp, "gvrp", {.form = flag}),
    of_vlan(vlan_mvrp, "mvrp", {.form = flag}),
    of_vlan(vlan_loose_binding, "loose_binding", {.form = flag}),
    of_vlan(vlan_bridge_binding, "bridge_binding", {.form = flag}),
    of_vlan(vlan_ingress_qos_map, "ingress_qos_map", {.form = qos_map}),
    of_vlan(vlan_egress_qos_map, "egress_qos_map", {.form = qos_map}),

    of_bridge(bridge_stp, "stp", {.form = flag}),
    of_bridge(bridge_forward_delay, "forward_delay",
              {.form = seconds, .max = u32_max, .initial = 1500}),
    of_bridge(bridge_hello_time, "hello_time",
              {.form = seconds, .min = 100, .max = 1000, .initial = 200}),
    of_bridge(bridge_max_age, "max_age",
              {.form = seconds, .min = 600, .max = 4000, .initial = 2000}),
    of_bridge(bridge_ageing_time, "ageing_time",
              {.form = seconds, .max = u32_max, .initial = 30000}),
    of_bridge(bridge_priority, "priority", {.form = number, .max = 65535, .initial = 32768}),
    of_bridge(bridge_group_fwd_mask, "group_fwd_mask", {.form = number, .max = 65535}),
    of_bridge(bridge_group_addr, "group_addr", {.form = mac}),
    of_bridge(bridge_vlan_filtering, "vlan_filtering", {.form = flag}),
    of_bridge(bridge_vlan_protocol, "vlan_protocol",
              {.form = choice, .choices = vlan_protocol, .initial = 0x8100}),
    of_bridge(bridge_vlan_default_pvid, "vlan_default_pvid",
              {.form = number, .max = 4094, .initial = 1}),
    of_bridge(bridge_vlan_stats_enabled, "vlan_stats_enabled", {.form = flag}),
    of_bridge(bridge_vlan_stats_per_port, "vlan_stats_per_port",
              {.form = flag, .when = When::no_ports}),
    of_bridge(bridge_mcast_snooping, "mcast_snooping", {.form = flag, .initial = 1}),
    of_bridge(bridge_mcast_router, "mcast_router", {.form = number, .max = 2, .initial = 1}),
    of_bridge(bridge_mcast_query_use_ifaddr, "mcast_query_use_ifaddr", {.form = flag}),
    of_bridge(bridge_mcast_querier, "mcast_querier", {.form = flag}),
    of_bridge(bridge_mcast_hash_max, "mcast_hash_max",
              {.form = number, .max = u32_max, .initial = 4096}),
    of_bridge(bridge_mcast_last_member_count, "mcast_last_member_count",
              {.form = number, .max = u32_max, .initial = 2}),
    of_bridge(bridge_mcast_startup_query_count, "mcast_startup_query_count",
              {.form = number, .max = u32_max, .initial = 2}),
    of_bridge(bridge_mcast_last_member_interval, "mcast_last_member_interval",
              {.form = seconds, .max = u32_max, .initial = 100}),
    of_bridge(bridge_mcast_membership_interval, "mcast_membership_interval",
              {.form = seconds, .max = u32_max, .initial = 26000}),
    of_bridge(bridge_mcast_querier_interval, "mcast_querier_interval",
              {.form = seconds, .max = u32_max, .initial = 25500}),
    of_bridge(bridge_mcast_query_interval, "mcast_query_interval",
              {.form = seconds, .min = 100, .max = 8640000, .initial = 12500}),
    of_bridge(bridge_mcast_query_response_interval, "mcast_query_response_interval",
              {.form = seconds, .max = u32_max, .initial = 1000}),
    of_bridge(bridge_mcast_startup_query_interval, "mcast_startup_query_interval",
              {.form = seconds, .min = 100, .max = 8640000, .initial = by_host}),
    of_bridge(bridge_mcast_stats_enabled, "mcast_stats_enabled", {.form = flag}),
    of_bridge(bridge_mcast_igmp_version, "mcast_igmp_version",
              {.form = number, .min = 2, .max = 3, .initial = 2}),
    of_bridge(bridge_mcast_mld_version, "mcast_mld_version",
              {.form = number, .min = 1, .max = 2, .initial = 1}),
    of_bridge(bridge_mcast_vlan_snooping, "mcast_vlan_snooping", {.form = flag, .since = "5.15"}),
    of_bridge(bridge_mst_enabled, "mst_enabled",
              {.form = flag, .when = When::no_ports, .since = "5.18"}),
    of_bridge(bridge_no_linklocal_learn, "no_linklocal_learn", {.form = flag}),
    of_bridge(bridge_fdb_max_learned, "fdb_max_learned",
              {.form = number, .max = u32_max, .since = "6.7"}),
    of_bridge(bridge_nf_call_iptables, "nf_call_iptables", {.form = flag}),
    of_bridge(bridge_nf_call_ip6tables, "nf_call_ip6tables", {.form = flag}),
    of_bridge(bridge_nf_call_arptables, "nf_call_arptables", {.form = flag}),

    of_bridge_port(port_cost, "cost", {.form = number, .min = 1, .max = 65535, .initial = by_host}),
    of_bridge_port(port_priority, "priority", {.form = number, .max = 63, .initial = 32}),
    of_bridge_port(port_hairpin, "hairpin", {.form = flag}),
    of_bridge_port(port_guard, "guard", {.form = flag}),
    of_bridge_port(port_root_block, "root_block", {.form = flag}),
    of_bridge_port(port_fastleave, "fastleave", {.form = flag}),
    of_bridge_port(port_learning, "learning", {.form = flag, .initial = 1}),
    of_bridge_port(port_flood, "flood", {.form = flag, .initial = 1}),
    of_bridge_port(port_mcast_flood, "mcast_flood", {.form = flag, .initial = 1}),
    of_bridge_port(port_bcast_flood, "bcast_flood", {.form = flag, .initial = 1}),
    of_bridge_port(port_mcast_to_unicast, "mcast_to_unicast", {.form = flag}),
    of_bridge_port(port_mcast_router, "mcast_router", {.form = number, .max = 2, .initial = 1}),
    of_bridge_port(port_neigh_suppress, "neigh_suppress", {.form = flag}),
    of_bridge_port(port_neigh_vlan_suppress, "neigh_vlan_suppress", {.form = flag, .since = "6.4"}),
    of_bridge_port(port_vlan_tunnel, "vlan_tunnel", {.form = flag}),
    of_bridge_port(port_isolated, "isolated", {.form = flag}),
    of_bridge_port(port_locked, "locked", {.form = flag, .since = "5.18"}),
    of_bridge_port(port_mab, "mab", {.form = flag, .since = "6.2"}),
    of_bridge_port(port_group_fwd_mask, "group_fwd_mask", {.form = number, .max = 65535}),
    of_bridge_port(port_proxy_arp, "proxy_arp", {.form = flag}),
    of_bridge_port(port_proxy_arp_wifi, "proxy_arp_wifi", {.form = flag}),

    of_bond_port(bond_port_queue_id, "queue_id", {.form = number, .max = 255}),
    of_bond_port(
        bond_port_prio, "prio",
        {.form = number, .min = int_min, .max = int_max, .modes = with_primary, .since = "6.0"}),
    of_bond_port(
        bond_port_actor_port_prio, "actor_port_prio",
        {.form = number, .max = 65535, .modes = lacp_only, .since = "6.18", .initial = 255}),
}};

constexpr bool in_order_of_option() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].id) != i) return false;
  return true;
}
static_assert(in_order_of_option());

std::string show_choice(std::span<const Choice> choices, std::int64_t number) {
  const auto found = std::find_if(choices.begin(), choices.end(),
                                  [&](const Choice& choice) { return choice.number == number; });
  return found == choices.end() ? std::to_string(number) : std::string(found->name);
}

std::string show_seconds(std::int64_t hundredths) {
  std::string fraction = std::to_string(100 + hundredths % 100).substr(1);
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return std::to_string(hundredths / 100) + (fraction.empty() ? "" : ".") + fraction;
}

std::string show_integer(const OptionSpec& row, std::int64_t integer) {
  if (row.form == flag && (integer == 0 || integer == 1)) return integer == 0 ? "false" : "true";
  if (row.form == choice) return show_choice(row.choices, integer);
  if (row.form == seconds && integer >= 0) return show_seconds(integer);
  return std::to_string(integer);
}

template <typename List, typename Text>
std::string show_list(const List& list, Text text) {
  std::string all;
  for (const auto& element : list) all += (all.empty() ? "" : ", ") + text(element);
  return "[" + all + "]";
}

struct ShowValue {
  const OptionSpec& row;

  std::string operator()(std::int64_t integer) const { return show_integer(row, integer); }
  std::string operator()(const LinkName& name) const { return name.str(); }
  std::string operator()(const Mac& address) const { return address.str(); }
  std::string operator()(const std::vector<IpAddress>& list) const {
    return show_list(list, [](const IpAddress& address) { return address.str(); });
  }
  std::string operator()(const QosMap& map) const {
    return show_list(map, [](const auto& entry) {
      return std::to_string(entry.first) + ":" + std::to_string(entry.second);
    });
  }
};

}  // namespace

const OptionSpec& spec(Option option) {
  return table[static_cast<std::size_t>(option)];
}

std::span<const OptionSpec> all_options() {
  return table;
}

const OptionSpec* find_option(Owner owner, std::string_view key) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const OptionSpec& row) {
    return row.owner == owner && row.key == key;
  });
  return found == table.end() ? nullptr : &*found;
}

std::optional<std::int64_t> integer(const Options& options, Option option) {
  const auto found = options.find(option);
  if (found == options.end()) return std::nullopt;
  return std::get<std::int64_t>(found->second);
}

bool filters_vlans(const Options& bridge) {
  return integer(bridge, Option::bridge_vlan_filtering).value_or(0) != 0;
}

std::optional<Value> kernel_default(Option option) {
  if (option == bridge_group_addr) return Mac{{0x01, 0x80, 0xc2, 0, 0, 0}};
  const auto& row = spec(option);
  switch (row.form) {
    case mac:
      return Mac{};
    case port:
      return std::nullopt;
    case addresses:
      return std::vector<IpAddress>{};
    case qos_map:
      return QosMap{};
    default:
      return row.initial == by_host ? std::nullopt : std::optional<Value>(row.initial);
  }
}

std::string show(Option option, const Value& value) {
  return std::visit(ShowValue{spec(option)}, value);
}

}  // namespace vifchain::inline core::inline model

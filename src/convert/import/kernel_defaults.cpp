// SPDX-License-Identifier: Apache-2.0
#include "convert/import/from_kernel.hpp"

namespace vifchain::inline convert {
namespace {

using enum Option;

constexpr std::int64_t second = 100;

std::optional<std::int64_t> of_bond(Option option) {
  switch (option) {
    case bond_use_carrier:
    case bond_resend_igmp:
    case bond_num_peer_notif:
    case bond_lp_interval:
    case bond_packets_per_slave:
    case bond_lacp_active:
    case bond_tlb_dynamic_lb:
    case bond_coupled_control:
      return 1;
    case bond_missed_max:
      return 2;
    case bond_ad_actor_sys_prio:
      return 65535;
    case bond_port_actor_port_prio:
      return 255;
    default:
      return 0;
  }
}

std::optional<std::int64_t> of_bridge(Option option) {
  switch (option) {
    case bridge_forward_delay:
      return 15 * second;
    case bridge_hello_time:
      return 2 * second;
    case bridge_max_age:
      return 20 * second;
    case bridge_ageing_time:
      return 300 * second;
    case bridge_priority:
      return 0x8000;
    case bridge_vlan_protocol:
      return 0x8100;
    case bridge_vlan_default_pvid:
    case bridge_mcast_router:
    case bridge_mcast_snooping:
    case bridge_mcast_mld_version:
      return 1;
    case bridge_mcast_hash_max:
      return 4096;
    case bridge_mcast_last_member_count:
    case bridge_mcast_startup_query_count:
    case bridge_mcast_igmp_version:
      return 2;
    case bridge_mcast_last_member_interval:
      return second;
    case bridge_mcast_membership_interval:
      return 260 * second;
    case bridge_mcast_querier_interval:
      return 255 * second;
    case bridge_mcast_query_interval:
      return 125 * second;
    case bridge_mcast_query_response_interval:
      return 10 * second;
    default:
      return 0;
  }
}

std::optional<std::int64_t> of_bridge_port(Option option) {
  switch (option) {
    case port_learning:
    case port_flood:
    case port_mcast_flood:
    case port_bcast_flood:
    case port_mcast_router:
      return 1;
    case port_priority:
      return 32;
    default:
      return 0;
  }
}

std::optional<std::int64_t> number_of(const OptionSpec& option) {
  switch (option.owner) {
    case Owner::bond:
    case Owner::bond_port:
      return of_bond(option.id);
    case Owner::vlan:
      return option.id == vlan_reorder_hdr ? 1 : 0;
    case Owner::bridge:
      return of_bridge(option.id);
    case Owner::bridge_port:
      return of_bridge_port(option.id);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Value> kernel_default(Option option) {
  // By the speed of the port (port_cost), and what rounding makes of 31.25 s in jiffies.
  if (option == port_cost || option == bridge_mcast_startup_query_interval) return std::nullopt;
  if (option == bridge_group_addr) return Mac{{0x01, 0x80, 0xc2, 0, 0, 0}};
  switch (spec(option).form) {
    case Form::mac:
      return Mac{};
    case Form::port:
      return std::nullopt;
    case Form::addresses:
      return std::vector<IpAddress>{};
    case Form::qos_map:
      return QosMap{};
    default:
      break;
  }
  if (const auto number = number_of(spec(option))) return *number;
  return std::nullopt;
}

}  // namespace vifchain::inline convert

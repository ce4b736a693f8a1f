// SPDX-License-Identifier: Apache-2.0
#include "convert/import/files/networkd_keys.hpp"

#include <algorithm>
#include <array>

#include "core/text/decimal.hpp"
#include "core/text/lines.hpp"
#include "core/text/time_span.hpp"

namespace vifchain::inline convert {
namespace {

using enum Option;
using As = NetworkdKey::As;

// What counts as "not said" there (netdev_bond_fill_message_create and
// netdev_bridge_post_create_message in systemd 252): a bridge's priority of 0, a bond's resend_igmp
// of the kernel's own. UseBPDU= and AllowPortToBeRoot= are not here: by the manual they are guard
// and root_block turned around, by the code they are not, which depends on the version.
constexpr std::array<NetworkdKey, 51> keys{{
    {bond_mode, "Bond", "Mode"},
    {bond_miimon, "Bond", "MIIMonitorSec", As::milliseconds},
    {bond_updelay, "Bond", "UpDelaySec", As::milliseconds},
    {bond_downdelay, "Bond", "DownDelaySec", As::milliseconds},
    {bond_arp_interval, "Bond", "ARPIntervalSec", As::milliseconds},
    {bond_arp_ip_target, "Bond", "ARPIPTargets"},
    {bond_arp_validate, "Bond", "ARPValidate", As::same, 0, 3},
    {bond_arp_all_targets, "Bond", "ARPAllTargets"},
    {bond_missed_max, "Bond", "ARPMissedMax", As::same, 0, -1, true},
    {bond_primary_reselect, "Bond", "PrimaryReselectPolicy"},
    {bond_fail_over_mac, "Bond", "FailOverMACPolicy"},
    {bond_xmit_hash_policy, "Bond", "TransmitHashPolicy", As::same, 0, 4},
    {bond_resend_igmp, "Bond", "ResendIGMP"},
    {bond_num_peer_notif, "Bond", "GratuitousARP"},
    {bond_all_slaves_active, "Bond", "AllSlavesActive"},
    {bond_min_links, "Bond", "MinLinks"},
    {bond_lp_interval, "Bond", "LearnPacketIntervalSec", As::whole_seconds},
    {bond_packets_per_slave, "Bond", "PacketsPerSlave"},
    {bond_lacp_rate, "Bond", "LACPTransmitRate"},
    {bond_ad_select, "Bond", "AdSelect"},
    {bond_ad_actor_sys_prio, "Bond", "AdActorSystemPriority"},
    {bond_ad_actor_system, "Bond", "AdActorSystem"},
    {bond_ad_user_port_key, "Bond", "AdUserPortKey"},
    {bond_tlb_dynamic_lb, "Bond", "DynamicTransmitLoadBalancing"},
    {vlan_reorder_hdr, "VLAN", "ReorderHeader"},
    {vlan_gvrp, "VLAN", "GVRP"},
    {vlan_mvrp, "VLAN", "MVRP"},
    {vlan_loose_binding, "VLAN", "LooseBinding"},
    {vlan_ingress_qos_map, "VLAN", "IngressQOSMaps", As::qos_map},
    {vlan_egress_qos_map, "VLAN", "EgressQOSMaps", As::qos_map},
    {bridge_stp, "Bridge", "STP"},
    {bridge_forward_delay, "Bridge", "ForwardDelaySec", As::seconds},
    {bridge_hello_time, "Bridge", "HelloTimeSec", As::seconds},
    {bridge_max_age, "Bridge", "MaxAgeSec", As::seconds},
    {bridge_ageing_time, "Bridge", "AgeingTimeSec", As::seconds},
    {bridge_priority, "Bridge", "Priority", As::same, 1},
    {bridge_group_fwd_mask, "Bridge", "GroupForwardMask"},
    {bridge_vlan_filtering, "Bridge", "VLANFiltering"},
    {bridge_vlan_protocol, "Bridge", "VLANProtocol"},
    {bridge_vlan_default_pvid, "Bridge", "DefaultPVID", As::pvid},
    {bridge_mcast_snooping, "Bridge", "MulticastSnooping"},
    {bridge_mcast_querier, "Bridge", "MulticastQuerier"},
    {bridge_mcast_igmp_version, "Bridge", "MulticastIGMPVersion"},
    {bridge_fdb_max_learned, "Bridge", "FDBMaxLearned", As::same, 0, -1, true},
    {port_cost, "Bridge", "Cost"},
    {port_priority, "Bridge", "Priority"},
    {port_hairpin, "Bridge", "HairPin"},
    {port_fastleave, "Bridge", "FastLeave"},
    {port_learning, "Bridge", "Learning"},
    {port_flood, "Bridge", "UnicastFlood"},
    {port_mcast_flood, "Bridge", "MulticastFlood"},
}};
// Of ports, too.
constexpr std::array<NetworkdKey, 6> more_keys{{
    {port_mcast_to_unicast, "Bridge", "MulticastToUnicast"},
    {port_mcast_router, "Bridge", "MulticastRouter", As::router},
    {port_neigh_suppress, "Bridge", "NeighborSuppression"},
    {port_isolated, "Bridge", "Isolated"},
    {port_proxy_arp, "Bridge", "ProxyARP"},
    {port_proxy_arp_wifi, "Bridge", "ProxyARPWiFi"},
}};

// MDB_RTR_TYPE_* in the order of their numbers (include/uapi/linux/if_bridge.h).
constexpr std::array<std::string_view, 4> routers{"no", "query", "permanent", "temporary"};

template <typename Wanted>
const NetworkdKey* find(Wanted wanted) {
  for (const auto& key : keys)
    if (wanted(key)) return &key;
  for (const auto& key : more_keys)
    if (wanted(key)) return &key;
  return nullptr;
}

// "0-7 1-3" as "0:7 1:3"
std::string with_colons(std::string_view maps) {
  std::string text(maps);
  std::ranges::replace(text, '-', ':');
  return text;
}

// vlan.c: each from 1, and FROM not below TO.
std::optional<std::string> qos_text(const QosMap& map) {
  std::string text;
  for (const auto& [from, to] : map) {
    if (from == 0 || to == 0 || to > from) return std::nullopt;
    text += (text.empty() ? "" : " ") + std::to_string(from) + "-" + std::to_string(to);
  }
  if (text.empty()) return std::nullopt;
  return text;
}

std::optional<std::string> list_text(const std::vector<IpAddress>& list) {
  std::string text;
  for (const auto& address : list) text += (text.empty() ? "" : " ") + address.str();
  if (text.empty()) return std::nullopt;
  return text;
}

std::optional<std::string> integer_text(const NetworkdKey& key, std::int64_t number) {
  const bool choice = spec(key.option).form == Form::choice;
  if (number < key.least || (choice && key.most >= 0 && number > key.most)) return std::nullopt;
  switch (key.as) {
    case As::milliseconds:
      return number % 1000 == 0 ? std::to_string(number / 1000) + "s"
                                : std::to_string(number) + "ms";
    case As::seconds:
      return in_seconds(number * 10000);
    case As::pvid:
      return number == 0 ? "none" : std::to_string(number);
    case As::router:
      return std::string(routers[static_cast<std::size_t>(number) % routers.size()]);
    default:
      break;
  }
  if (spec(key.option).form == Form::flag) return number != 0 ? "yes" : "no";
  return show(key.option, number);
}

}  // namespace

const NetworkdKey* networkd_key(Option option) {
  return find([&](const NetworkdKey& key) { return key.option == option; });
}

const NetworkdKey* networkd_key(Owner owner, std::string_view name) {
  return find(
      [&](const NetworkdKey& key) { return spec(key.option).owner == owner && key.key == name; });
}

std::optional<std::string> from_networkd(const NetworkdKey& key, std::string_view value) {
  const auto span = [&]() { return time_span(value); };
  switch (key.as) {
    case As::milliseconds:
      if (const auto time = span()) return in_milliseconds(*time);
      return std::nullopt;
    case As::seconds:
      if (const auto time = span()) return in_seconds(*time);
      return std::nullopt;
    case As::whole_seconds:
      if (const auto time = span(); time && *time % 1000000 == 0) return in_seconds(*time);
      return std::nullopt;
    case As::pvid:
      return value == "none" ? "0" : std::string(value);
    case As::router: {
      const auto word = std::ranges::find(routers, value);
      if (word == routers.end()) return std::string(value);
      return std::to_string(word - routers.begin());
    }
    case As::qos_map:
      return with_colons(value);
    case As::same:
      break;
  }
  return std::string(value);
}

std::optional<std::string> to_networkd(const NetworkdKey& key, const Value& value) {
  if (key.newer) return std::nullopt;
  if (const auto* number = std::get_if<std::int64_t>(&value)) return integer_text(key, *number);
  if (const auto* list = std::get_if<std::vector<IpAddress>>(&value)) return list_text(*list);
  if (const auto* map = std::get_if<QosMap>(&value)) return qos_text(*map);
  if (const auto* mac = std::get_if<Mac>(&value); mac != nullptr && *mac == Mac{})
    return std::nullopt;
  return show(key.option, value);
}

}  // namespace vifchain::inline convert

// SPDX-License-Identifier: Apache-2.0
#include "convert/import/files/renderer_keys.hpp"

#include <algorithm>
#include <array>

#include "core/text/time_span.hpp"

namespace vifchain::inline convert {
namespace {

using enum Option;
using As = RendererKey::As;

constexpr std::int64_t second = 1000000;  // as spans of time have it

// What counts as "not said" (netdev_bond_fill_message_create, netdev_bridge_post_create_message in
// systemd 252; write_bond_parameters and write_bridge_params_networkd in networkd.c of netplan).
// UseBPDU= and AllowPortToBeRoot= are not here: by the manual they are guard and root_block turned
// around, by the code they are not, which depends on the version. The primary is said by its port.
constexpr RendererKey keys[] = {
    {bond_mode, "Mode", "mode"},
    {bond_miimon, "MIIMonitorSec", "mii-monitor-interval", As::milliseconds},
    {bond_updelay, "UpDelaySec", "up-delay", As::milliseconds},
    {bond_downdelay, "DownDelaySec", "down-delay", As::milliseconds},
    {bond_arp_interval, "ARPIntervalSec", "arp-interval", As::milliseconds},
    {bond_arp_ip_target, "ARPIPTargets", "arp-ip-targets"},
    {bond_arp_validate, "ARPValidate", "arp-validate", As::same, {}, 3},
    {bond_arp_all_targets, "ARPAllTargets", "arp-all-targets"},
    {bond_missed_max, "ARPMissedMax", {}, As::same, {}, -1, true},
    {bond_primary, {}, "primary"},
    {bond_primary_reselect, "PrimaryReselectPolicy", "primary-reselect-policy"},
    {bond_fail_over_mac, "FailOverMACPolicy", "fail-over-mac-policy"},
    {bond_xmit_hash_policy, "TransmitHashPolicy", "transmit-hash-policy", As::same, {}, 4},
    {bond_resend_igmp, "ResendIGMP", "resend-igmp", As::same, {0, 1}},
    {bond_num_peer_notif, "GratuitousARP", "gratuitous-arp", As::same, {0, 1}},
    {bond_all_slaves_active, "AllSlavesActive", "all-slaves-active"},
    {bond_min_links, "MinLinks", "min-links"},
    {bond_lp_interval, "LearnPacketIntervalSec", "learn-packet-interval", As::whole_seconds},
    {bond_packets_per_slave, "PacketsPerSlave", "packets-per-slave", As::same, {0, 1}},
    {bond_lacp_rate, "LACPTransmitRate", "lacp-rate"},
    {bond_ad_select, "AdSelect", "ad-select"},
    {bond_ad_actor_sys_prio, "AdActorSystemPriority"},
    {bond_ad_actor_system, "AdActorSystem"},
    {bond_ad_user_port_key, "AdUserPortKey"},
    {bond_tlb_dynamic_lb, "DynamicTransmitLoadBalancing"},
    {vlan_reorder_hdr, "ReorderHeader"},
    {vlan_gvrp, "GVRP"},
    {vlan_mvrp, "MVRP"},
    {vlan_loose_binding, "LooseBinding"},
    {vlan_ingress_qos_map, "IngressQOSMaps"},
    {vlan_egress_qos_map, "EgressQOSMaps"},
    {bridge_stp, "STP", "stp"},
    {bridge_forward_delay, "ForwardDelaySec", "forward-delay"},
    {bridge_hello_time, "HelloTimeSec", "hello-time"},
    {bridge_max_age, "MaxAgeSec", "max-age"},
    {bridge_ageing_time, "AgeingTimeSec", "ageing-time"},
    {bridge_priority, "Priority", "priority", As::same, {1, 1}},
    {bridge_group_fwd_mask, "GroupForwardMask"},
    {bridge_vlan_filtering, "VLANFiltering"},
    {bridge_vlan_protocol, "VLANProtocol"},
    {bridge_vlan_default_pvid, "DefaultPVID", {}, As::pvid},
    {bridge_mcast_snooping, "MulticastSnooping"},
    {bridge_mcast_querier, "MulticastQuerier"},
    {bridge_mcast_igmp_version, "MulticastIGMPVersion"},
    {bridge_fdb_max_learned, "FDBMaxLearned", {}, As::same, {}, -1, true},
    {port_cost, "Cost", "path-cost"},
    {port_priority, "Priority", "port-priority", As::same, {0, 1}},
    {port_hairpin, "HairPin"},
    {port_fastleave, "FastLeave"},
    {port_learning, "Learning"},
    {port_flood, "UnicastFlood"},
    {port_mcast_flood, "MulticastFlood"},
    {port_mcast_to_unicast, "MulticastToUnicast"},
    {port_mcast_router, "MulticastRouter", {}, As::router},
    {port_neigh_suppress, "NeighborSuppression"},
    {port_isolated, "Isolated"},
    {port_proxy_arp, "ProxyARP"},
    {port_proxy_arp_wifi, "ProxyARPWiFi"},
};

// How netplan spelt some of its keys once.
constexpr std::pair<std::string_view, std::string_view> spellings[] = {
    {"aging-time", "ageing-time"},
    {"all-members-active", "all-slaves-active"},
    {"packets-per-member", "packets-per-slave"},
    {"gratuitious-arp", "gratuitous-arp"},
};

// MDB_RTR_TYPE_* in the order of their numbers (include/uapi/linux/if_bridge.h).
constexpr std::array<std::string_view, 4> routers{"no", "query", "permanent", "temporary"};

template <typename Wanted>
const RendererKey* find_key(std::string_view RendererKey::*name, Wanted wanted) {
  for (const auto& key : keys)
    if (!(key.*name).empty() && wanted(key)) return &key;
  return nullptr;
}

std::optional<std::string> from_span(const RendererKey& key, std::string_view value,
                                     std::int64_t unit) {
  const auto time = time_span(value, unit);
  if (!time || (key.as == As::whole_seconds && *time % second != 0)) return std::nullopt;
  return key.as == As::milliseconds ? in_milliseconds(*time) : in_seconds(*time);
}

// `unit`: of a number of milliseconds.
std::optional<std::string> from_renderer(const RendererKey& key, std::string_view value,
                                         std::int64_t unit) {
  if (key.as == As::milliseconds) return from_span(key, value, unit);
  if (key.as == As::whole_seconds || spec(key.option).form == Form::seconds)
    return from_span(key, value, second);
  std::string text(value);
  if (key.as == As::pvid && value == "none") return "0";
  if (key.as == As::router)
    if (const auto word = std::ranges::find(routers, value); word != routers.end())
      return std::to_string(word - routers.begin());
  if (spec(key.option).form == Form::qos_map) std::ranges::replace(text, '-', ':');
  return text;
}

bool can_say(const RendererKey& key, std::int64_t number, std::int64_t least) {
  const bool unknown = spec(key.option).form == Form::choice && key.most >= 0 && number > key.most;
  return number >= least && !unknown;
}

std::string integer_text(const RendererKey& key, std::int64_t number) {
  if (key.as == As::milliseconds)
    return number % 1000 == 0 ? std::to_string(number / 1000) + "s" : std::to_string(number) + "ms";
  if (key.as == As::pvid) return number == 0 ? "none" : std::to_string(number);
  if (key.as == As::router)
    return std::string(routers[static_cast<std::size_t>(number) % routers.size()]);
  if (spec(key.option).form == Form::flag) return number != 0 ? "yes" : "no";
  return show(key.option, number);
}

// With a blank between them; nothing when there are none.
template <typename List, typename Text>
std::optional<std::string> list_text(const List& list, Text text) {
  std::string all;
  for (const auto& element : list) all += (all.empty() ? "" : " ") + text(element);
  return list.empty() ? std::nullopt : std::optional(all);
}

// vlan.c: each from 1, and FROM not below TO.
std::optional<std::string> qos_text(const QosMap& map) {
  if (std::ranges::any_of(
          map, [](const auto& one) { return one.second == 0 || one.second > one.first; }))
    return std::nullopt;
  return list_text(map, [](const auto& one) {
    return std::to_string(one.first) + "-" + std::to_string(one.second);
  });
}

}  // namespace

const RendererKey* networkd_key(Option option) {
  return find_key(&RendererKey::networkd,
                  [&](const RendererKey& key) { return key.option == option; });
}

const RendererKey* networkd_key(Owner owner, std::string_view name) {
  return find_key(&RendererKey::networkd, [&](const RendererKey& key) {
    return spec(key.option).owner == owner && key.networkd == name;
  });
}

const RendererKey* netplan_key(Option option) {
  return find_key(&RendererKey::netplan,
                  [&](const RendererKey& key) { return key.option == option; });
}

const RendererKey* netplan_key(Owner controller, std::string_view name) {
  for (const auto& [once, now] : spellings)
    if (name == once) name = now;
  return find_key(&RendererKey::netplan, [&](const RendererKey& key) {
    const auto owner = spec(key.option).owner;
    const bool of_port = controller == Owner::bridge && owner == Owner::bridge_port;
    return key.netplan == name && (owner == controller || of_port);
  });
}

std::optional<std::string> from_networkd(const RendererKey& key, std::string_view value) {
  return from_renderer(key, value, second);
}

std::optional<std::string> from_netplan(const RendererKey& key, std::string_view value) {
  return from_renderer(key, value, second / 1000);
}

std::optional<std::string> to_networkd(const RendererKey& key, const Value& value) {
  if (key.newer) return std::nullopt;
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    if (!can_say(key, *number, key.least.networkd)) return std::nullopt;
    return integer_text(key, *number);
  }
  if (const auto* list = std::get_if<std::vector<IpAddress>>(&value))
    return list_text(*list, [](const IpAddress& address) { return address.str(); });
  if (const auto* map = std::get_if<QosMap>(&value)) return qos_text(*map);
  if (value == Value(Mac{})) return std::nullopt;
  return show(key.option, value);
}

std::optional<std::string> to_netplan(const RendererKey& key, const Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number != nullptr && !can_say(key, *number, key.least.netplan)) return std::nullopt;
  return show(key.option, value);
}

}  // namespace vifchain::inline convert

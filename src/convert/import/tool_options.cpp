// SPDX-License-Identifier: Apache-2.0
#include "convert/import/tool_options.hpp"

#include <algorithm>
#include <span>

#include "core/model/option.hpp"
#include "core/text/decimal.hpp"
#include "core/text/lines.hpp"

namespace vifchain::inline convert {
namespace {

// Who takes no other name, so that it is the one that exporters write.
enum class Needs : std::uint8_t { nobody, ip, hooks };

struct Alias {
  std::string_view theirs;
  std::string_view ours;  // empty: there is none
  Needs needs = Needs::nobody;
  std::string_view why = {};
};

constexpr Alias of_bonds[] = {
    {"num_grat_arp", "num_peer_notif", Needs::ip},
    {"num_unsol_na", "num_peer_notif"},
    {"peer_notify_delay", "peer_notif_delay", Needs::ip},
    {"arp_missed_max", "missed_max", Needs::ip},
    {"ad_sys_priority", "ad_actor_sys_prio"},
    {"ad_sys_mac_addr", "ad_actor_system"},
    {"active_slave",
     "",
     {},
     "which port is active changes as it runs: primary names the preferred one"},
    {"tx_queues", "", {}, "the number of transmit queues is the driver's"},
    {"give_a_chance", "", {}, "vifchain waits for no port of a bond"},
};

// brctl's and bridge-utils-interfaces(5)'; ifupdown-addons-interfaces(5); sysfs; ip-link(8).
constexpr Alias of_bridges[] = {
    {"stp_state", "stp", Needs::ip},
    {"stp", "stp", Needs::hooks},
    {"fd", "forward_delay", Needs::hooks},
    {"hello", "hello_time", Needs::hooks},
    {"maxage", "max_age", Needs::hooks},
    {"ageing", "ageing_time", Needs::hooks},
    {"ageing_timer", "ageing_time"},
    {"bridgeprio", "priority", Needs::hooks},
    {"group_address", "group_addr", Needs::ip},
    {"vlan_aware", "vlan_filtering", Needs::hooks},
    {"default_pvid", "vlan_default_pvid"},
    {"vlan_stats", "vlan_stats_enabled"},
    {"mcsnoop", "mcast_snooping"},
    {"mcquerier", "mcast_querier"},
    {"mcrouter", "mcast_router"},
    {"mcqifaddr", "mcast_query_use_ifaddr"},
    {"mcqueryifaddr", "mcast_query_use_ifaddr"},
    {"hashmax", "mcast_hash_max"},
    {"hash_max", "mcast_hash_max"},
    {"mclmc", "mcast_last_member_count"},
    {"mcsqc", "mcast_startup_query_count"},
    {"mclmi", "mcast_last_member_interval"},
    {"mcmi", "mcast_membership_interval"},
    {"mcqpi", "mcast_querier_interval"},
    {"mcqi", "mcast_query_interval"},
    {"mcqri", "mcast_query_response_interval"},
    {"mcsqi", "mcast_startup_query_interval"},
    {"mcstats", "mcast_stats_enabled"},
    {"multicast_stats_enabled", "mcast_stats_enabled"},
    {"igmp_version", "mcast_igmp_version"},
    {"mld_version", "mcast_mld_version"},
    {"gcint", "", {}, "Linux has no such interval any more"},
    {"gc_timer", "", {}, "Linux has no such interval any more"},
    {"hashel", "", {}, "Linux has no such limit any more"},
    {"hash_elasticity", "", {}, "Linux has no such limit any more"},
    {"mcast_hash_elasticity", "", {}, "Linux has no such limit any more"},
    {"flush", "", {}, "what a bridge has learnt is not part of its set-up"},
};

constexpr Alias of_bridge_ports[] = {
    {"pathcost", "cost", Needs::hooks},
    {"path_cost", "cost"},
    {"portprio", "priority", Needs::hooks},
    {"hairpin_mode", "hairpin"},
    {"bpduguard", "guard"},
    {"bpdu_guard", "guard"},
    {"portmcfl", "fastleave"},
    {"multicast_fast_leave", "fastleave"},
    {"mcast_fast_leave", "fastleave", Needs::ip},
    {"unicast_flood", "flood"},
    {"multicast_flood", "mcast_flood"},
    {"broadcast_flood", "bcast_flood"},
    {"portmcrouter", "mcast_router"},
    {"multicast_router", "mcast_router"},
    {"multicast_to_unicast", "mcast_to_unicast"},
    {"arp_nd_suppress", "neigh_suppress"},
    {"proxyarp", "proxy_arp"},
    {"proxyarp_wifi", "proxy_arp_wifi"},
    {"state", "", {}, "the bridge itself decides which of its ports forward"},
};

constexpr Alias of_vlans[] = {
    {"ingress-qos-map", "ingress_qos_map", Needs::ip},
    {"egress-qos-map", "egress_qos_map", Needs::ip},
};

std::string underscored(std::string_view key) {
  std::string text(key);
  std::ranges::replace(text, '-', '_');
  return text;
}

const Alias* alias_of(std::span<const Alias> aliases, std::string_view key) {
  const auto found = std::ranges::find(aliases, key, &Alias::theirs);
  return found == aliases.end() ? nullptr : &*found;
}

std::span<const Alias> aliases_of(Owner owner) {
  if (owner == Owner::bond) return of_bonds;
  if (owner == Owner::bridge) return of_bridges;
  if (owner == Owner::vlan) return of_vlans;
  return owner == Owner::bridge_port ? std::span<const Alias>(of_bridge_ports)
                                     : std::span<const Alias>();
}

std::string_view key_for(const OptionSpec& option, Needs tool, std::string_view otherwise) {
  for (const auto& alias : aliases_of(option.owner))
    if (alias.needs == tool && alias.ours == option.key) return alias.theirs;
  return otherwise;
}

std::string_view in_words(Owner owner) {
  if (owner == Owner::bond) return "bonds";
  return owner == Owner::bridge ? "bridges" : "ports of bridges";
}

// Our key for theirs; nothing, and a remark, when there is none.
std::optional<std::string> our_key(Owner owner, std::string_view key, DraftConfig& draft,
                                   const DraftLink& link, const Said& at) {
  std::string name = underscored(key);
  if (find_option(owner, name) != nullptr) return name;
  if (const auto* alias = alias_of(aliases_of(owner), name)) {
    if (!alias->ours.empty()) return std::string(alias->ours);
    draft.lose(at, std::string(alias->why), link.name);
    return std::nullopt;
  }
  if (name.starts_with("multicast_")) name = "mcast_" + name.substr(10);
  if (find_option(owner, name) != nullptr) return name;
  draft.lose(at, "\"" + std::string(key) + "\" is no option of " + std::string(in_words(owner)),
             link.name);
  return std::nullopt;
}

// "1550" hundredths as "15.50"; any other text as it is, for the remark that it deserves.
std::string in_seconds(std::string_view text) {
  const auto hundredths = decimal<std::uint32_t>(text);
  if (!hundredths) return std::string(text);
  return std::to_string(*hundredths / 100) + "." +
         std::to_string(100 + *hundredths % 100).substr(1);
}

// sysfs takes targets one by one, with a sign.
void add_target(DraftConfig& draft, DraftLink& bond, std::string_view value, const Said& at) {
  std::string all;
  const auto before = bond.options.find(Option::bond_arp_ip_target);
  if (before != bond.options.end())
    for (const auto& address : std::get<std::vector<IpAddress>>(before->second))
      if (address.str() != value) all += address.str() + ",";
  draft.set(bond, Owner::bond, "arp_ip_target", all + std::string(value), at);
}

// The hook of ifenslave takes the first of several that is there.
void set_primary(DraftConfig& draft, DraftLink& bond, std::string_view value, const Said& at) {
  const auto names = words_of(value);
  if (names.empty()) return;
  draft.set(bond, Owner::bond, "primary", names.front(), at);
  if (names.size() > 1)
    draft.lose(at, "a bond has one primary: " + names.front() + " is taken", bond.name);
}

}  // namespace

void set_bond_option(DraftConfig& draft, DraftLink& bond, std::string_view key,
                     std::string_view value, const Said& at) {
  const auto ours = our_key(Owner::bond, key, draft, bond, at);
  if (!ours) return;
  if (*ours == "arp_ip_target" && value.starts_with("+"))
    add_target(draft, bond, value.substr(1), at);
  else if (*ours == "primary")
    set_primary(draft, bond, value, at);
  else
    draft.set(bond, Owner::bond, *ours, value, at);
}

void set_bridge_option(DraftConfig& draft, DraftLink& bridge, std::string_view key,
                       std::string_view value, Times times, const Said& at) {
  const auto ours = our_key(Owner::bridge, key, draft, bridge, at);
  if (!ours) return;
  const bool in_hundredths =
      times == Times::hundredths && find_option(Owner::bridge, *ours)->form == Form::seconds;
  draft.set(bridge, Owner::bridge, *ours, in_hundredths ? in_seconds(value) : std::string(value),
            at);
}

void set_bridge_port_option(DraftConfig& draft, DraftLink& port, std::string_view key,
                            std::string_view value, const Said& at) {
  if (const auto ours = our_key(Owner::bridge_port, key, draft, port, at))
    draft.set(port, Owner::bridge_port, *ours, value, at);
}

std::string_view ip_key(const OptionSpec& option) {
  return key_for(option, Needs::ip, option.key);
}

std::string_view hook_key(const OptionSpec& option) {
  return key_for(option, Needs::hooks, {});
}

}  // namespace vifchain::inline convert

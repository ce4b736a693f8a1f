// SPDX-License-Identifier: Apache-2.0
#include "convert/import/files/netplan_keys.hpp"

#include <algorithm>
#include <array>

#include "core/text/time_span.hpp"

namespace vifchain::inline convert {
namespace {

using enum Option;
using As = NetplanKey::As;

// What it leaves out when it is 0, write_bond_parameters and write_bridge_params_networkd in
// networkd.c of netplan tell.
constexpr std::array<NetplanKey, 28> keys{{
    {bond_mode, "mode"},
    {bond_miimon, "mii-monitor-interval", As::milliseconds},
    {bond_updelay, "up-delay", As::milliseconds},
    {bond_downdelay, "down-delay", As::milliseconds},
    {bond_arp_interval, "arp-interval", As::milliseconds},
    {bond_arp_ip_target, "arp-ip-targets"},
    {bond_arp_validate, "arp-validate", As::same, 0, 3},
    {bond_arp_all_targets, "arp-all-targets"},
    {bond_primary, "primary"},
    {bond_primary_reselect, "primary-reselect-policy"},
    {bond_fail_over_mac, "fail-over-mac-policy"},
    {bond_xmit_hash_policy, "transmit-hash-policy", As::same, 0, 4},
    {bond_resend_igmp, "resend-igmp", As::same, 1},
    {bond_num_peer_notif, "gratuitous-arp", As::same, 1},
    {bond_all_slaves_active, "all-slaves-active"},
    {bond_min_links, "min-links"},
    {bond_lp_interval, "learn-packet-interval", As::whole_seconds},
    {bond_packets_per_slave, "packets-per-slave", As::same, 1},
    {bond_lacp_rate, "lacp-rate"},
    {bond_ad_select, "ad-select"},
    {bridge_stp, "stp"},
    {bridge_forward_delay, "forward-delay", As::seconds},
    {bridge_hello_time, "hello-time", As::seconds},
    {bridge_max_age, "max-age", As::seconds},
    {bridge_ageing_time, "ageing-time", As::seconds},
    {bridge_priority, "priority", As::same, 1},
    {port_cost, "path-cost", As::per_port},
    {port_priority, "port-priority", As::per_port, 1},
}};

struct Alias {
  std::string_view alias, key;
};
constexpr std::array<Alias, 4> aliases{{
    {"aging-time", "ageing-time"},
    {"all-members-active", "all-slaves-active"},
    {"packets-per-member", "packets-per-slave"},
    {"gratuitious-arp", "gratuitous-arp"},
}};

std::string_view usual_spelling(std::string_view key) {
  const auto found = std::ranges::find(aliases, key, &Alias::alias);
  return found == aliases.end() ? key : found->key;
}

bool is_for(const NetplanKey& key, Owner controller) {
  const auto owner = spec(key.option).owner;
  return owner == controller || (controller == Owner::bridge && owner == Owner::bridge_port);
}

std::optional<std::string> integer_text(const NetplanKey& key, std::int64_t number) {
  const auto form = spec(key.option).form;
  const bool unknown = form == Form::choice && key.most >= 0 && number > key.most;
  if (number < key.least || unknown) return std::nullopt;
  return show(key.option, number);
}

}  // namespace

const NetplanKey* netplan_key(Option option) {
  const auto found = std::ranges::find(keys, option, &NetplanKey::option);
  return found == keys.end() ? nullptr : &*found;
}

const NetplanKey* netplan_key(Owner controller, std::string_view name) {
  const auto spelling = usual_spelling(name);
  const auto found = std::ranges::find_if(
      keys, [&](const NetplanKey& key) { return key.key == spelling && is_for(key, controller); });
  return found == keys.end() ? nullptr : &*found;
}

std::optional<std::string> from_netplan(const NetplanKey& key, std::string_view value) {
  constexpr std::int64_t second = 1000000;
  if (key.as == As::milliseconds) {
    const auto time = time_span(value, second / 1000);
    return time ? std::optional(in_milliseconds(*time)) : std::nullopt;
  }
  if (key.as == As::seconds || key.as == As::whole_seconds) {
    const auto time = time_span(value, second);
    const bool fits = time && (key.as == As::seconds || *time % second == 0);
    return fits ? std::optional(in_seconds(*time)) : std::nullopt;
  }
  return std::string(value);
}

// A number of milliseconds goes without a unit.
std::optional<std::string> to_netplan(const NetplanKey& key, const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return integer_text(key, *number);
  return show(key.option, value);
}

}  // namespace vifchain::inline convert

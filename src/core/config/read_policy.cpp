// SPDX-License-Identifier: Apache-2.0
// [vif], and of a bridge: vif = {…}, teardown, linger.
#include <algorithm>

#include "core/config/complain.hpp"
#include "core/config/read_tables.hpp"
#include "core/config/read_value.hpp"
#include "core/model/rate.hpp"

namespace vifchain::inline core::inline config {
namespace {

// In the order of Antispoof.
constexpr Choice antispoof[] = {{"off", 0}, {"mac", 1}, {"mac-ip", 2}, {"closed", 3}};
constexpr Choice teardown[] = {{"never", 0}, {"last-vif", 1}};

// An `online` must have answered when libxl gives up on its script.
constexpr Bounds wait_seconds{0, 30};
constexpr Bounds linger_seconds{0, 31536000};

// Below, one full frame takes longer than a second.
constexpr std::uint64_t least_rate = 16'000;
constexpr std::uint64_t most_rate = 1'000'000'000'000;

struct PolicyFlag {
  std::string_view key;
  std::optional<bool> VifPolicy::*flag;
};
constexpr PolicyFlag flags[] = {
    {"isolated", &VifPolicy::isolated},       {"learning", &VifPolicy::learning},
    {"bpdu_guard", &VifPolicy::bpdu_guard},   {"flood", &VifPolicy::flood},
    {"mcast_flood", &VifPolicy::mcast_flood}, {"ipv6_link_local", &VifPolicy::ipv6_link_local}};

std::vector<std::string_view> policy_keys() {
  std::vector<std::string_view> keys{"antispoof"};
  for (const auto& [key, flag] : flags) keys.push_back(key);
  keys.insert(keys.end(), {"receive_rate", "wait", "routers"});
  return keys;
}

std::optional<std::uint64_t> read_rate(const Node& node, Diagnostics& wrong) {
  const auto* text = std::get_if<std::string>(&node.value);
  const auto rate = text != nullptr ? parse_rate(*text) : std::nullopt;
  if (rate && *rate >= least_rate && *rate <= most_rate) return rate;
  complain_unexpected(wrong, node, "receive_rate",
                      "a rate from \"16kbit\" to \"1Tbit\" as tc(8) writes it");
  return std::nullopt;
}

// Addresses of hosts, each alone.
std::optional<std::vector<IpAddress>> read_routers(const Node& node, Diagnostics& wrong) {
  auto routers = read_addresses("routers", "a router's address, \"fe80::1\"", node, wrong);
  if (!routers) return std::nullopt;
  std::ranges::sort(*routers);
  routers->erase(std::unique(routers->begin(), routers->end()), routers->end());
  return routers;
}

bool read_policy_key(const Entry& entry, VifPolicy& policy, Diagnostics& wrong) {
  const std::string_view key = entry.key;
  const Node& node = entry.node;
  const auto flag = std::ranges::find(flags, key, &PolicyFlag::key);
  if (flag != std::end(flags))
    policy.*(flag->flag) = read_flag(key, node, wrong);
  else if (key == "antispoof")
    policy.antispoof = number_as<Antispoof>(read_choice(key, antispoof, node, wrong));
  else if (key == "wait")
    policy.wait = number_as<unsigned>(read_number(key, wait_seconds, node, wrong));
  else if (key == "receive_rate")
    policy.receive_rate = read_rate(node, wrong);
  else if (key == "routers")
    policy.routers = read_routers(node, wrong);
  else
    return false;
  return true;
}

std::optional<Word> read_bridge_name(const Node& node, Diagnostics& wrong) {
  auto name = read_string("bridge", node, wrong);
  if (!name) return std::nullopt;
  auto why_not = why_no_link_name(*name);
  if (name->find("{vid}") != std::string::npos) why_not = "has {vid} in place of a VLAN id";
  if (why_not.empty()) return as_written(std::move(*name), node);
  complain(wrong, node.place, "bridge: " + no_link_name(*name, why_not));
  return std::nullopt;
}

void read_vif_key(const Entry& entry, Draft& draft, Diagnostics& wrong) {
  if (read_policy_key(entry, draft.vif, wrong)) return;
  if (entry.key == "bridge") {
    draft.default_bridge = read_bridge_name(entry.node, wrong);
    return;
  }
  auto keys = policy_keys();
  keys.insert(keys.begin(), "bridge");
  unknown_key(entry, {"[vif]", std::move(keys), {}}, wrong);
}

void read_own_policy(const Entry& entry, BridgeDraft& bridge, Diagnostics& wrong) {
  const auto* keys = std::get_if<Table>(&entry.node.value);
  if (keys == nullptr)
    return complain(wrong, entry, "must be a table, vif = { antispoof = \"mac\" }");
  for (const auto& key : *keys) {
    if (read_policy_key(key, bridge.policy, wrong)) continue;
    if (key.key == "bridge")
      complain(wrong, key, "belongs to [vif], for vifs that name no bridge");
    else
      unknown_key(key, {"vif of [bridge." + bridge.name + "]", policy_keys(), {}}, wrong);
  }
}

}  // namespace

void read_vif(const Entry& entry, Draft& draft, Diagnostics& wrong) {
  const auto* keys = std::get_if<Table>(&entry.node.value);
  if (keys == nullptr) return complain(wrong, entry, "must be a table, [vif]");
  for (const auto& key : *keys) read_vif_key(key, draft, wrong);
}

bool read_guests_key(const Entry& entry, BridgeDraft& bridge, Diagnostics& wrong) {
  const Node& node = entry.node;
  if (entry.key == "vif") {
    read_own_policy(entry, bridge, wrong);
  } else if (entry.key == "teardown") {
    if (const auto choice = read_choice("teardown", teardown, node, wrong))
      bridge.teardown = as_written(*choice == 1, node);
    else
      bridge.teardown_unread = true;
  } else if (entry.key == "linger") {
    if (const auto seconds = read_number("linger", linger_seconds, node, wrong))
      bridge.linger = as_written(static_cast<unsigned>(*seconds), node);
  } else {
    return false;
  }
  return true;
}

void check_linger(const BridgeDraft& bridge, Diagnostics& wrong) {
  const bool goes = bridge.teardown && bridge.teardown->value;
  if (bridge.linger && !goes && !bridge.teardown_unread)
    complain(wrong, bridge.linger->place, "linger needs teardown = \"last-vif\"");
}

}  // namespace vifchain::inline core::inline config

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

constexpr std::string_view policy_keys[] = {
    "antispoof",   "isolated",     "learning", "bpdu_guard",      "flood",
    "mcast_flood", "receive_rate", "wait",     "ipv6_link_local", "routers"};

std::optional<Antispoof> read_antispoof(const Node& node, Diagnostics& wrong) {
  const auto number = read_choice("antispoof", antispoof, node, wrong);
  if (!number) return std::nullopt;
  return static_cast<Antispoof>(*number);
}

std::optional<unsigned> read_wait(const Node& node, Diagnostics& wrong) {
  const auto seconds = read_number("wait", wait_seconds, node, wrong);
  if (!seconds) return std::nullopt;
  return static_cast<unsigned>(*seconds);
}

std::optional<std::uint64_t> read_rate(const Node& node, Diagnostics& wrong) {
  const auto* text = std::get_if<std::string>(&node.value);
  const auto rate = text != nullptr ? parse_rate(*text) : std::nullopt;
  if (rate && *rate >= least_rate && *rate <= most_rate) return rate;
  complain(wrong, node,
           "receive_rate must be a rate from \"16kbit\" to \"1Tbit\" as tc(8) writes it, "
           "\"100Mbit\"");
  return std::nullopt;
}

// Addresses of hosts, each alone.
std::optional<std::vector<IpAddress>> read_routers(const Node& node, Diagnostics& wrong) {
  const auto words = read_words("routers", node, wrong);
  if (!words) return std::nullopt;
  std::vector<IpAddress> routers;
  for (const auto& word : *words) {
    if (const auto address = IpAddress::parse(word.value))
      routers.push_back(*address);
    else
      complain(wrong, word, "routers must be addresses of routers, [\"192.0.2.1\", \"fe80::1\"]");
  }
  std::ranges::sort(routers);
  routers.erase(std::unique(routers.begin(), routers.end()), routers.end());
  return routers;
}

bool read_policy_key(const Entry& entry, VifPolicy& policy, Diagnostics& wrong) {
  const std::string_view key = entry.key;
  const auto flag = [&] { return read_flag(key, entry.node, wrong); };
  if (key == "antispoof")
    policy.antispoof = read_antispoof(entry.node, wrong);
  else if (key == "isolated")
    policy.isolated = flag();
  else if (key == "learning")
    policy.learning = flag();
  else if (key == "bpdu_guard")
    policy.bpdu_guard = flag();
  else if (key == "mcast_flood")
    policy.mcast_flood = flag();
  else if (key == "flood")
    policy.flood = flag();
  else if (key == "ipv6_link_local")
    policy.ipv6_link_local = flag();
  else if (key == "wait")
    policy.wait = read_wait(entry.node, wrong);
  else if (key == "receive_rate")
    policy.receive_rate = read_rate(entry.node, wrong);
  else if (key == "routers")
    policy.routers = read_routers(entry.node, wrong);
  else
    return false;
  return true;
}

std::optional<Word> read_bridge_name(const Node& node, Diagnostics& wrong) {
  auto name = read_string("bridge", node, wrong);
  if (!name) return std::nullopt;
  auto why_not = why_no_link_name(*name);
  if (name->find("{vid}") != std::string::npos) why_not = "{vid} must be the id of one VLAN";
  if (why_not.empty()) return Word{std::move(*name), node.place, node.text};
  complain(wrong, node, "as the name of a bridge, " + why_not);
  return std::nullopt;
}

void read_vif_key(const Entry& entry, Draft& draft, Diagnostics& wrong) {
  if (read_policy_key(entry, draft.vif, wrong)) return;
  if (entry.key == "bridge") {
    draft.default_bridge = read_bridge_name(entry.node, wrong);
    return;
  }
  KnownKeys known{"[vif]", {"bridge"}, {}};
  known.own.insert(known.own.end(), std::begin(policy_keys), std::end(policy_keys));
  unknown_key(entry, known, wrong);
}

void read_own_policy(const Entry& entry, BridgeDraft& bridge, Diagnostics& wrong) {
  const auto* keys = std::get_if<Table>(&entry.node.value);
  if (keys == nullptr)
    return complain(wrong, entry, "must be a table, vif = { antispoof = \"mac\" }");
  const std::vector<std::string_view> known(std::begin(policy_keys), std::end(policy_keys));
  for (const auto& key : *keys) {
    if (read_policy_key(key, bridge.policy, wrong)) continue;
    if (key.key == "bridge")
      complain(wrong, key, "belongs to [vif], for vifs that name no bridge");
    else
      unknown_key(key, {"vif of [bridge." + bridge.name + "]", known, {}}, wrong);
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
      bridge.teardown = Written<bool>{*choice == 1, node.place, node.text};
    else
      bridge.teardown_unread = true;
  } else if (entry.key == "linger") {
    if (const auto seconds = read_number("linger", linger_seconds, node, wrong))
      bridge.linger = Written<unsigned>{static_cast<unsigned>(*seconds), node.place, node.text};
  } else {
    return false;
  }
  return true;
}

void check_linger(const BridgeDraft& bridge, Diagnostics& wrong) {
  const bool goes = bridge.teardown && bridge.teardown->value;
  if (bridge.linger && !goes && !bridge.teardown_unread)
    complain(wrong, *bridge.linger,
             "linger is how long a bridge outlives its last vif, and needs teardown = "
             "\"last-vif\"");
}

}  // namespace vifchain::inline core::inline config

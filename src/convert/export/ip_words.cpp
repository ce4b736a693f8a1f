// SPDX-License-Identifier: Apache-2.0
#include "convert/export/ip_words.hpp"

#include <algorithm>
#include <array>

namespace vifchain::inline convert {
namespace {

using enum Option;

struct Name {
  Option option;
  std::string_view word;
};

// Where ip's name is not the kernel's.
constexpr std::array<Name, 8> names{{
    {bond_peer_notif_delay, "peer_notify_delay"},
    {bond_num_peer_notif, "num_grat_arp"},
    {bond_missed_max, "arp_missed_max"},
    {bridge_stp, "stp_state"},
    {bridge_group_addr, "group_address"},
    {vlan_ingress_qos_map, "ingress-qos-map"},
    {vlan_egress_qos_map, "egress-qos-map"},
    {port_fastleave, "mcast_fast_leave"},
}};

std::string_view word_of(const OptionSpec& option) {
  const auto found = std::ranges::find(names, option.id, &Name::option);
  return found == names.end() ? option.key : found->word;
}

// Bonds and bridges have switches of 0 and 1, their ports and VLAN links of on and off.
std::string switch_word(const OptionSpec& option, std::int64_t number) {
  const bool digits = option.owner == Owner::bond || option.owner == Owner::bridge;
  if (digits && option.id != bond_lacp_active) return std::to_string(number);
  return number != 0 ? "on" : "off";
}

template <typename List, typename Text>
std::string joined(const List& list, char between, Text text) {
  std::string all;
  for (const auto& element : list)
    all += (all.empty() ? "" : std::string(1, between)) + text(element);
  return all;
}

std::string value_word(const OptionSpec& option, const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    if (option.form == Form::flag) return switch_word(option, *number);
    if (option.form == Form::seconds) return std::to_string(*number);
  }
  if (const auto* list = std::get_if<std::vector<IpAddress>>(&value))
    return joined(*list, ',', [](const IpAddress& address) { return address.str(); });
  if (const auto* map = std::get_if<QosMap>(&value))
    return joined(*map, ' ', [](const auto& entry) {
      return std::to_string(entry.first) + ":" + std::to_string(entry.second);
    });
  return show(option.id, value);
}

}  // namespace

std::string ip_words(const Options& options) {
  std::string text;
  for (const auto& [id, value] : options) {
    const auto& option = spec(id);
    const auto word = value_word(option, value);
    const bool quotable = option.form == Form::port;
    if (!word.empty())
      text += " " + std::string(word_of(option)) + " " + (quotable ? shell_word(word) : word);
  }
  return text;
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+,:/@";
  if (!text.empty() && text.find_first_not_of(plain) == text.npos) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

}  // namespace vifchain::inline convert

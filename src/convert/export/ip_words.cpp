// SPDX-License-Identifier: Apache-2.0
#include "convert/export/ip_words.hpp"

#include "convert/export/outline.hpp"
#include "convert/import/tool_options.hpp"

namespace vifchain::inline convert {
namespace {

// Bonds and bridges have switches of 0 and 1, their ports and VLAN links of on and off.
std::string switch_word(const OptionSpec& option, std::int64_t number) {
  const bool digits = option.owner == Owner::bond || option.owner == Owner::bridge;
  if (digits && option.id != Option::bond_lacp_active) return std::to_string(number);
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
      text += " " + std::string(ip_key(option)) + " " + (quotable ? shell_word(word) : word);
  }
  return text;
}

std::string route_command(const Route& route, const LinkName& link) {
  std::string command =
      std::string("ip ") + (route.to.address.v6 ? "-6 " : "") + "route add " + target_of(route);
  if (route.via) command += " via " + route.via->str();
  if (route.onlink) command += " onlink";
  command += " dev " + shell_word(link.str());
  if (const auto metric = metric_of(route); !metric.empty()) command += " metric " + metric;
  return command;
}

std::vector<std::string> vlan_commands(const Link& port, const Options& of_bridge) {
  const auto of = [&](const char* verb) {
    return std::string("bridge vlan ") + verb + " dev " + shell_word(port.name.str()) + " vid ";
  };
  std::vector<std::string> commands;
  const auto first = integer(of_bridge, Option::bridge_vlan_default_pvid).value_or(1);
  if (first != 0) commands.push_back(of("del") + std::to_string(first));
  for (const auto& range : tagged_vlans(port)) commands.push_back(of("add") + text_of(range));
  if (const auto pvid = pvid_of(port))
    commands.push_back(of("add") + std::to_string(pvid->number()) + " pvid untagged");
  return commands;
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

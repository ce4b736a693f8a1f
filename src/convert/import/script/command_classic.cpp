// SPDX-License-Identifier: Apache-2.0
// The tools of before ip: ifconfig(8), ifenslave(8), brctl(8), vconfig(8).
#include "convert/import/script/command_parts.hpp"
#include "convert/import/tool_options.hpp"

namespace vifchain::inline convert {
namespace {

bool is_address(std::string_view word) {
  return IpAddress::parse(word.substr(0, word.find('/'))).has_value();
}

void remove_ports(std::string_view name, Words words, DraftConfig& draft) {
  auto* bridge = draft.find(name);
  while (bridge != nullptr && !words.at_end()) draft.remove_port(*bridge, words.next());
}

void tell_ifconfig_word(const std::string& word, DraftLink& link, const Said& at,
                        DraftConfig& draft) {
  const bool promiscuous = is_one_of(word, "promisc allmulti");
  draft.lose(at,
             promiscuous ? "a bridge makes its ports promiscuous by itself"
                         : "\"" + word + "\" of a link has no place in a vifchain.toml",
             link.name);
}

// What stands beside addresses.
void tell_ifconfig_words(const CommandWords& said, DraftLink& link, const Said& at,
                         DraftConfig& draft) {
  for (const auto& [key, value] : said.options) {
    if (key == "mtu") draft.set_mtu(link, value, at);
    if (key == "ether") draft.set_mac(link, value, at);
    if (key.starts_with("-") && !is_one_of(key, "-promisc -allmulti"))
      tell_ifconfig_word(key, link, at, draft);
  }
  for (const auto& word : said.others)
    if (!is_address(word)) tell_ifconfig_word(word, link, at, draft);
}

// The name of a VLAN link as vconfig makes it (set_name_type).
std::string vlan_link_name(std::string_view names, const std::string& parent,
                           const std::string& vid) {
  const bool padded = !names.ends_with("_NO_PAD") && vid.size() < 4;
  const auto number = (padded ? std::string(4 - vid.size(), '0') : "") + vid;
  return names.starts_with("VLAN_") ? "vlan" + number : parent + "." + number;
}

void set_vlan_flag(DraftLink& link, std::string_view flag, std::string_view value, const Said& at,
                   DraftConfig& draft) {
  if (is_one_of(flag, "1 REORDER_HDR"))
    draft.set(link, Owner::vlan, "reorder_hdr", value, at);
  else if (is_one_of(flag, "2 GVRP"))
    draft.set(link, Owner::vlan, "gvrp", value, at);
  else
    draft.lose(at, "there is no such flag of VLAN links", link.name);
}

void add_to_map(std::string_view key, Option option, const std::string& pair, DraftLink& link,
                const Said& at, DraftConfig& draft) {
  std::string all;
  if (const auto before = link.options.find(option); before != link.options.end())
    for (const auto& [from, to] : std::get<QosMap>(before->second))
      all += std::to_string(from) + ":" + std::to_string(to) + ",";
  draft.set(link, Owner::vlan, key, all + pair, at);
}

}  // namespace

void tell_brctl(const ScriptCommand& command, Telling& telling) {
  DraftConfig& draft = telling.draft;
  const Said& at = command.at;
  Words words(command.words);
  const auto verb = words.next();
  if (verb.empty() || verb.starts_with("show")) return;
  if (words.at_end()) return draft.lose(at, "names no bridge");
  const auto name = words.next();
  const auto key = verb.starts_with("set") ? verb.substr(3) : verb;
  if (verb == "delbr") return draft.remove(name);
  if (is_one_of(verb, "setpathcost setportprio hairpin")) {
    auto& port = draft.link(words.next(), at);
    return set_bridge_port_option(draft, port, key, words.next(), at);
  }
  if (verb == "delif") return remove_ports(name, words, draft);
  const bool sets =
      is_one_of(verb, "stp setfd sethello setmaxage setageing setgcint setbridgeprio sethashel");
  if (!sets && verb != "addbr" && verb != "addif")
    return draft.lose(at, "brctl has no command \"" + std::string(verb) + "\"");
  auto& bridge = draft.bridge(name, at);
  if (sets) return set_bridge_option(draft, bridge, key, words.next(), Times::seconds, at);
  while (verb == "addif" && !words.at_end()) join(bridge, words.next(), at, telling);
}

void tell_ifconfig(const ScriptCommand& command, Telling& telling) {
  DraftConfig& draft = telling.draft;
  Words words(command.words);
  while (words.peek().starts_with("-")) words.next();
  const auto name = link_of_label(words.next());
  if (words.at_end()) return;
  auto& link = draft.link(name, command.at);
  const auto said = told_apart(words, "netmask add mtu ether broadcast",
                               "up inet inet6 arp down multicast running hw");
  tell_ifconfig_words(said, link, command.at, draft);
  std::string address;
  for (const auto& word : said.others)
    if (is_address(word)) address = word;
  if (address == "0.0.0.0")
    link.addresses.clear();
  else if (!address.empty())
    draft.add_address(link, address, said.value("netmask"), command.at);
  for (const auto& [key, value] : said.options)
    if (key == "add") draft.add_address(link, value, {}, command.at);
}

void tell_ifenslave(const ScriptCommand& command, Telling& telling) {
  const auto said = told_apart(Words(command.words), {});
  if (said.others.empty()) return;
  auto& bond = telling.draft.bond(said.others[0], command.at);
  if (said.has("-c --change-active"))
    return telling.draft.lose(
        command.at, "which port is active changes as it runs: primary names the preferred one",
        bond.name);
  for (std::size_t i = 1; i < said.others.size(); ++i) {
    if (said.has("-d --detach"))
      telling.draft.remove_port(bond, said.others[i]);
    else
      join(bond, said.others[i], command.at, telling);
  }
}

void tell_vconfig(const ScriptCommand& command, Telling& telling) {
  DraftConfig& draft = telling.draft;
  const Said& at = command.at;
  Words words(command.words);
  const auto verb = words.next();
  const std::string name(words.next()), first(words.next()), second(words.next());
  if (verb == "set_name_type") {
    telling.vlan_names = name;
  } else if (verb == "add") {
    draft.vlan(vlan_link_name(telling.vlan_names, name, first), name, first, at);
  } else if (verb == "rem") {
    leave(name, telling);
    draft.remove(name);
  } else if (verb == "set_flag") {
    set_vlan_flag(draft.vlan(name, at), first, second, at, draft);
  } else if (verb == "set_egress_map") {
    add_to_map("egress_qos_map", Option::vlan_egress_qos_map, first + ":" + second,
               draft.vlan(name, at), at, draft);
  } else if (verb == "set_ingress_map") {
    add_to_map("ingress_qos_map", Option::vlan_ingress_qos_map, second + ":" + first,
               draft.vlan(name, at), at, draft);
  } else if (!verb.empty()) {
    draft.lose(at, "vconfig has no command \"" + std::string(verb) + "\"");
  }
}

}  // namespace vifchain::inline convert

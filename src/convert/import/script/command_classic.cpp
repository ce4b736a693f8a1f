// SPDX-License-Identifier: Apache-2.0
// The tools of before ip: ifconfig(8), route(8), ifenslave(8), brctl(8), vconfig(8).
#include <algorithm>
#include <array>

#include "convert/import/script/command_parts.hpp"
#include "convert/import/tool_options.hpp"

namespace vifchain::inline convert {
namespace {

// --- brctl ---------------------------------------------------------------------------------------

void remove_bridge(std::string_view name, Telling& telling) {
  telling.draft.remove(name);
}

void set_one_of_bridge(std::string_view verb, Words words, const Said& at, Telling& telling) {
  auto& bridge = telling.draft.bridge(words.next(), at);
  const auto key = verb.starts_with("set") ? verb.substr(3) : verb;
  set_bridge_option(telling.draft, bridge, key, words.next(), Times::seconds, at);
}

void set_one_of_port(std::string_view verb, Words words, const Said& at, Telling& telling) {
  words.next();  // the bridge
  auto& port = telling.draft.link(words.next(), at);
  const auto key = verb.starts_with("set") ? verb.substr(3) : verb;
  set_bridge_port_option(telling.draft, port, key, words.next(), at);
}

bool is_of_bridge(std::string_view verb) {
  constexpr std::array<std::string_view, 8> verbs{"stp",           "setfd",     "sethello",
                                                  "setmaxage",     "setageing", "setgcint",
                                                  "setbridgeprio", "sethashel"};
  return std::ranges::find(verbs, verb) != verbs.end();
}

bool is_of_port(std::string_view verb) {
  return verb == "setpathcost" || verb == "setportprio" || verb == "hairpin";
}

void add_ports(Words words, const Said& at, Telling& telling) {
  auto& bridge = telling.draft.bridge(words.next(), at);
  while (!words.at_end()) join(bridge, words.next(), at, telling);
}

void remove_ports(Words words, Telling& telling) {
  auto* bridge = telling.draft.find(words.next());
  while (bridge != nullptr && !words.at_end()) telling.draft.remove_port(*bridge, words.next());
}

// --- ifconfig, route -----------------------------------------------------------------------------

bool is_address(std::string_view word) {
  return IpAddress::parse(word.substr(0, word.find('/'))).has_value();
}

struct IfconfigWords {
  std::string address, netmask;
  std::vector<std::string> more;  // add ADDRESS/PREFIX
};

// What stands beside addresses.
void take_ifconfig_word(std::string_view word, Words& words, DraftLink& link, const Said& at,
                        DraftConfig& draft) {
  constexpr std::array<std::string_view, 10> usual{"up",        "inet",   "inet6",     "broadcast",
                                                   "arp",       "down",   "multicast", "-promisc",
                                                   "-allmulti", "running"};
  if (word == "mtu") return draft.set_mtu(link, words.next(), at);
  if (word == "hw") {
    words.next();  // the class: ether
    return draft.set_mac(link, words.next(), at);
  }
  if (word == "broadcast" && is_address(words.peek())) words.next();
  if (std::ranges::find(usual, word) != usual.end()) return;
  if (word == "promisc" || word == "allmulti")
    return draft.lose(at, "a bridge makes its ports promiscuous by itself", link.name);
  draft.lose(at, "\"" + std::string(word) + "\" of a link has no place in a vifchain.toml",
             link.name);
}

IfconfigWords take_ifconfig_words(Words words, DraftLink& link, const Said& at,
                                  DraftConfig& draft) {
  IfconfigWords said;
  while (!words.at_end()) {
    const auto word = words.next();
    if (word == "netmask")
      said.netmask = words.next();
    else if (word == "add")
      said.more.emplace_back(words.next());
    else if (is_address(word))
      said.address = word;
    else
      take_ifconfig_word(word, words, link, at, draft);
  }
  return said;
}

struct OldRoute {
  std::string to, netmask, via, metric, link;
  std::vector<std::string> besides;
};

OldRoute old_route(Words words) {
  OldRoute said;
  while (!words.at_end()) {
    const auto word = words.next();
    if (word == "-net" || word == "-host") continue;
    if (word == "gw")
      said.via = words.next();
    else if (word == "netmask")
      said.netmask = words.next();
    else if (word == "metric")
      said.metric = words.next();
    else if (word == "dev")
      said.link = words.next();
    else if (said.to.empty())
      said.to = word;
    else if (words.at_end() && said.link.empty())
      said.link = word;
    else
      said.besides.emplace_back(word);
  }
  if (said.to == "0.0.0.0" || said.to == "0/0") said.to = "default";
  return said;
}

// --- vconfig -------------------------------------------------------------------------------------

std::string padded(std::string_view vid) {
  return vid.size() >= 4 ? std::string(vid) : std::string(4 - vid.size(), '0') + std::string(vid);
}

void set_vlan_flag(Words words, const Said& at, DraftConfig& draft) {
  auto& link = draft.vlan(words.next(), at);
  const auto flag = words.next(), value = words.next();
  if (flag == "1" || flag == "REORDER_HDR")
    draft.set(link, Owner::vlan, "reorder_hdr", value, at);
  else if (flag == "2" || flag == "GVRP")
    draft.set(link, Owner::vlan, "gvrp", value, at);
  else
    draft.lose(at, "there is no such flag of VLAN links", link.name);
}

void add_to_map(std::string_view key, Option option, Words words, const Said& at,
                DraftConfig& draft) {
  auto& link = draft.vlan(words.next(), at);
  std::string all;
  if (const auto before = link.options.find(option); before != link.options.end())
    for (const auto& [from, to] : std::get<QosMap>(before->second))
      all += std::to_string(from) + ":" + std::to_string(to) + ",";
  const std::string first(words.next()), second(words.next());
  const bool egress = option == Option::vlan_egress_qos_map;
  draft.set(link, Owner::vlan, key, all + (egress ? first + ":" + second : second + ":" + first),
            at);
}

}  // namespace

void tell_brctl(const ScriptCommand& command, Telling& telling) {
  Words words(command.words);
  const auto verb = words.next();
  if (verb.empty() || verb.starts_with("show")) return;
  if (words.at_end()) return telling.draft.lose(command.at, "names no bridge");
  if (verb == "addbr") return static_cast<void>(telling.draft.bridge(words.next(), command.at));
  if (verb == "delbr") return remove_bridge(words.next(), telling);
  if (verb == "addif") return add_ports(words, command.at, telling);
  if (verb == "delif") return remove_ports(words, telling);
  if (is_of_bridge(verb)) return set_one_of_bridge(verb, words, command.at, telling);
  if (is_of_port(verb)) return set_one_of_port(verb, words, command.at, telling);
  telling.draft.lose(command.at, "brctl has no command \"" + std::string(verb) + "\"");
}

void tell_ifconfig(const ScriptCommand& command, Telling& telling) {
  DraftConfig& draft = telling.draft;
  Words words(command.words);
  while (words.peek().starts_with("-")) words.next();
  if (words.at_end()) return;
  const auto name = link_of_label(words.next());
  if (words.at_end()) return;
  auto& link = draft.link(name, command.at);
  const auto said = take_ifconfig_words(words, link, command.at, draft);
  if (said.address == "0.0.0.0")
    link.addresses.clear();
  else if (!said.address.empty())
    draft.add_address(link, said.address, said.netmask, command.at);
  for (const auto& address : said.more) draft.add_address(link, address, {}, command.at);
}

void tell_route(const ScriptCommand& command, Telling& telling) {
  DraftConfig& draft = telling.draft;
  Words words(command.words);
  while (words.peek().starts_with("-")) {
    const auto option = words.next();
    if (option == "-A") words.next();
  }
  if (!words.take("add")) return;
  const auto said = old_route(words);
  DraftLink* link = said.link.empty() ? link_towards(said.via, draft)
                                      : &draft.link(link_of_label(said.link), command.at);
  if (link == nullptr)
    return draft.lose(command.at,
                      "no link is known that leads to " + (said.via.empty() ? said.to : said.via));
  draft.add_route(*link, said.to, said.netmask, said.via, said.metric, command.at);
  for (const auto& word : said.besides)
    draft.lose(command.at, "a route has no \"" + word + "\" in a vifchain.toml", link->name);
}

void tell_ifenslave(const ScriptCommand& command, Telling& telling) {
  Words words(command.words);
  bool takes_out = false, changes = false;
  for (; words.peek().starts_with("-"); words.next()) {
    takes_out = takes_out || words.peek() == "-d" || words.peek() == "--detach";
    changes = changes || words.peek() == "-c" || words.peek() == "--change-active";
  }
  if (words.at_end()) return;
  auto& bond = telling.draft.bond(words.next(), command.at);
  if (changes)
    return telling.draft.lose(
        command.at, "which port is active changes as it runs: primary names the preferred one",
        bond.name);
  while (!words.at_end()) {
    const auto port = words.next();
    if (takes_out)
      telling.draft.remove_port(bond, port);
    else
      join(bond, port, command.at, telling);
  }
}

std::string vlan_link_name(std::string_view names, std::string_view parent, std::string_view vid) {
  const bool plain = names.ends_with("_NO_PAD");
  const std::string number = plain ? std::string(vid) : padded(vid);
  return names.starts_with("VLAN_") ? "vlan" + number : std::string(parent) + "." + number;
}

void tell_vconfig(const ScriptCommand& command, Telling& telling) {
  DraftConfig& draft = telling.draft;
  const Said& at = command.at;
  Words words(command.words);
  const auto verb = words.next();
  if (verb == "set_name_type") {
    telling.vlan_names = words.next();
  } else if (verb == "add") {
    const auto parent = words.next(), vid = words.next();
    draft.vlan(vlan_link_name(telling.vlan_names, parent, vid), parent, vid, at);
  } else if (verb == "rem") {
    leave(words.peek(), telling);
    draft.remove(words.next());
  } else if (verb == "set_flag") {
    set_vlan_flag(words, at, draft);
  } else if (verb == "set_egress_map") {
    add_to_map("egress_qos_map", Option::vlan_egress_qos_map, words, at, draft);
  } else if (verb == "set_ingress_map") {
    add_to_map("ingress_qos_map", Option::vlan_ingress_qos_map, words, at, draft);
  } else if (!verb.empty()) {
    draft.lose(at, "vconfig has no command \"" + std::string(verb) + "\"");
  }
}

}  // namespace vifchain::inline convert

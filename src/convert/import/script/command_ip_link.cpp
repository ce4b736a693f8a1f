// SPDX-License-Identifier: Apache-2.0
// ip-link(8): add, set and del of links, with what belongs to bonds, VLAN links and bridges.
#include <algorithm>
#include <array>

#include "convert/import/script/command_parts.hpp"
#include "convert/import/tool_options.hpp"

namespace vifchain::inline convert {
namespace {

struct Attribute {
  std::string key, value;
};

struct LinkWords {
  std::string name;
  std::vector<Attribute> attributes;
  std::string type;
  std::vector<std::string> of_type;  // all after "type NAME"
};

bool is_flag(std::string_view word) {
  constexpr std::array<std::string_view, 4> flags{"up", "down", "nomaster", "nolink"};
  return std::ranges::find(flags, word) != flags.end();
}

bool is_attribute(std::string_view word) {
  constexpr std::array<std::string_view, 27> keys{
      "mtu",       "address",      "master",       "name",        "txqueuelen", "qlen",
      "alias",     "group",        "netns",        "addrgenmode", "link",       "arp",
      "multicast", "promisc",      "allmulticast", "trailers",    "carrier",    "protodown",
      "index",     "numtxqueues",  "numrxqueues",  "broadcast",   "brd",        "state",
      "dynamic",   "gso_max_size", "vrf"};
  return std::ranges::find(keys, word) != keys.end();
}

LinkWords link_words(Words words) {
  LinkWords said;
  bool renames = false;  // "name" after the link has been named
  while (!words.at_end()) {
    const auto word = words.next();
    if (word == "type") {
      said.type = words.next();
      said.of_type = words.rest();
      return said;
    }
    if (word == "dev" || (word == "name" && !renames && said.name.empty())) {
      said.name = words.next();
    } else if (is_flag(word)) {
      said.attributes.push_back({std::string(word), {}});
    } else if (is_attribute(word)) {
      const auto value = words.next();
      said.attributes.push_back({std::string(word), std::string(value)});
    } else if (said.name.empty()) {
      said.name = word;
      renames = true;
    } else {
      said.attributes.push_back({std::string(word), std::string(words.next())});
    }
  }
  return said;
}

std::string dashed_as_underscore(std::string_view key) {
  std::string text(key);
  std::ranges::replace(text, '-', '_');
  return text;
}

// "ingress-qos-map 1:2 3:4 …": all words with a colon belong to the map.
std::string map_words(Words& words) {
  std::string all;
  while (words.peek().find(':') != std::string_view::npos)
    all += (all.empty() ? "" : ",") + std::string(words.next());
  return all;
}

void set_vlan_option(DraftLink& link, std::string_view key, Words& words, const Said& at,
                     DraftConfig& draft) {
  const auto name = dashed_as_underscore(key);
  if (name.ends_with("_qos_map")) {
    draft.set(link, Owner::vlan, name, map_words(words), at);
  } else if (key == "protocol") {
    const bool service = words.next() == "802.1ad";
    link.protocol = service ? VlanProtocol::ieee_802_1ad : VlanProtocol::ieee_802_1q;
  } else {
    draft.set(link, Owner::vlan, name, words.next(), at);
  }
}

void make_vlan(const LinkWords& said, const std::string& parent, const Said& at,
               DraftConfig& draft) {
  const auto id = std::ranges::find(said.of_type, "id");
  const std::string vid = id == said.of_type.end() || id + 1 == said.of_type.end() ? "" : *(id + 1);
  if (parent.empty()) return draft.lose(at, "names no link that the VLAN is on", said.name);
  draft.vlan(said.name, parent, vid, at);
}

void set_vlan(const LinkWords& said, const Said& at, DraftConfig& draft) {
  auto* link = draft.find(said.name);
  if (link == nullptr || link->kind != DraftKind::vlan) return;
  Words words(said.of_type, 0);
  while (!words.at_end()) {
    const auto key = words.next();
    if (key == "id")
      words.next();
    else
      set_vlan_option(*link, key, words, at, draft);
  }
}

using SetOne = void (*)(DraftConfig&, DraftLink&, std::string_view, std::string_view, const Said&);

void set_bridge_one(DraftConfig& draft, DraftLink& link, std::string_view key,
                    std::string_view value, const Said& at) {
  set_bridge_option(draft, link, key, value, Times::hundredths, at);
}

void set_bond_port(DraftConfig& draft, DraftLink& link, std::string_view key,
                   std::string_view value, const Said& at) {
  draft.set(link, Owner::bond_port, key, value, at);
}

void set_pairs(const LinkWords& said, DraftLink& link, SetOne set, const Said& at,
               DraftConfig& draft) {
  Words words(said.of_type, 0);
  while (!words.at_end()) {
    const auto key = words.next();
    if (key == "clear_active_slave" || key == "fdb_flush") continue;
    set(draft, link, key, words.next(), at);
  }
}

// What follows "type", of a link that is made or changed.
void set_of_type(const LinkWords& said, const Said& at, DraftConfig& draft) {
  if (said.type == "vlan") return set_vlan(said, at, draft);
  if (said.type == "bond")
    return set_pairs(said, draft.bond(said.name, at), set_bond_option, at, draft);
  if (said.type == "bridge")
    return set_pairs(said, draft.bridge(said.name, at), set_bridge_one, at, draft);
  auto& link = draft.link(said.name, at);
  if (said.type == "bridge_slave") return set_pairs(said, link, set_bridge_port_option, at, draft);
  if (said.type == "bond_slave") return set_pairs(said, link, set_bond_port, at, draft);
  draft.lose(at, "vifchain makes no link of type " + said.type, said.name);
}

std::string_view why_no_place(std::string_view key) {
  if (key == "name") return "a link keeps the name that it has: names of NICs are udev's matter";
  if (key == "netns") return "vifchain leaves links in the host's network namespace";
  if (key == "promisc") return "a bridge makes its ports promiscuous by itself";
  return {};
}

void set_attribute(const Attribute& attribute, const std::string& name, const Said& at,
                   Telling& telling) {
  DraftConfig& draft = telling.draft;
  const auto& [key, value] = attribute;
  if (key == "up" || key == "down" || key == "link") return;
  if (key == "nomaster") return leave(name, telling);
  if (key == "master") return join(controller_named(value, at, telling), name, at, telling);
  if (key == "mtu") return draft.set_mtu(draft.link(name, at), value, at);
  if (key == "address") return draft.set_mac(draft.link(name, at), value, at);
  const auto why = why_no_place(key);
  draft.lose(
      at,
      why.empty() ? "\"" + key + "\" of a link has no place in a vifchain.toml" : std::string(why),
      name);
}

std::string parent_in(const LinkWords& said) {
  for (const auto& [key, value] : said.attributes)
    if (key == "link") return value;
  return {};
}

void add_link(const LinkWords& said, const Said& at, Telling& telling) {
  DraftConfig& draft = telling.draft;
  if (said.name.empty()) return draft.lose(at, "names no link");
  if (said.type == "dummy") return;  // one that is made a port is told of there
  if (said.type == "vlan") make_vlan(said, parent_in(said), at, draft);
  set_of_type(said, at, draft);
  for (const auto& attribute : said.attributes) set_attribute(attribute, said.name, at, telling);
}

void set_link(const LinkWords& said, const Said& at, Telling& telling) {
  if (said.name.empty()) return telling.draft.lose(at, "names no link");
  for (const auto& attribute : said.attributes) set_attribute(attribute, said.name, at, telling);
  if (!said.type.empty()) set_of_type(said, at, telling.draft);
}

void remove_link(const LinkWords& said, Telling& telling) {
  leave(said.name, telling);
  telling.draft.remove(said.name);
}

bool begins(std::string_view whole, std::string_view word) {
  return !word.empty() && whole.starts_with(word);
}

}  // namespace

void tell_ip_link(Words words, const Said& at, Telling& telling) {
  const auto verb = words.next();
  if (begins("add", verb)) return add_link(link_words(words), at, telling);
  if (begins("delete", verb)) return remove_link(link_words(words), telling);
  if (verb == "set" || verb == "se" || verb == "change" || verb == "replace")
    return set_link(link_words(words), at, telling);
  if (verb == "property" || verb == "xstats" || verb == "afstats")
    telling.draft.lose(at, "vifchain has nothing for \"ip link " + std::string(verb) + "\"");
}

}  // namespace vifchain::inline convert

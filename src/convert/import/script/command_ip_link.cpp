// SPDX-License-Identifier: Apache-2.0
// ip-link(8): add, set and del of links, with what belongs to bonds, VLAN links and bridges.
#include <algorithm>

#include "convert/import/script/command_parts.hpp"
#include "convert/import/tool_options.hpp"

namespace vifchain::inline convert {
namespace {

constexpr std::string_view attributes =
    "dev mtu address master name txqueuelen qlen alias group netns addrgenmode link arp multicast "
    "promisc allmulticast trailers carrier protodown index numtxqueues numrxqueues broadcast brd "
    "state dynamic gso_max_size vrf type";

struct LinkWords {
  std::string name;
  CommandWords words;
  std::string type;
  std::vector<std::string> of_type = {};  // all behind "type NAME"
};

LinkWords link_words(Words words) {
  std::vector<std::string> before;
  while (!words.at_end() && words.peek() != "type") before.emplace_back(words.next());
  words.next();
  LinkWords said{.name = {},
                 .words = told_apart(Words(before, 0), attributes, "up down nomaster nolink"),
                 .type = std::string(words.next())};
  while (!words.at_end()) said.of_type.emplace_back(words.next());
  auto& [options, others] = said.words;
  said.name = said.words.has("dev") ? said.words.value("dev") : said.words.other(0);
  // "name" behind the link's name gives it another.
  if (said.name.empty()) {
    said.name = said.words.value("name");
    std::erase_if(options, [](const auto& option) { return option.first == "name"; });
  } else if (!said.words.has("dev")) {
    others.erase(others.begin());
  }
  for (std::size_t i = 0; i < others.size(); i += 2)
    options.emplace_back(others[i], said.words.other(i + 1));
  return said;
}

// "ingress-qos-map 1:2 3:4 …": all words with a colon belong to the map.
std::string map_words(Words& words) {
  std::string all;
  while (words.peek().find(':') != std::string_view::npos)
    all += (all.empty() ? "" : ",") + std::string(words.next());
  return all;
}

void set_vlan_option(DraftLink& link, const std::string& key, std::string_view value,
                     const Said& at, DraftConfig& draft) {
  if (link.kind != DraftKind::vlan || key == "id") return;
  if (key != "protocol") return static_cast<void>(draft.set(link, Owner::vlan, key, value, at));
  link.protocol = value == "802.1ad" ? VlanProtocol::ieee_802_1ad : VlanProtocol::ieee_802_1q;
}

void set_one_of_type(const LinkWords& said, const std::string& key, std::string_view value,
                     const Said& at, DraftConfig& draft) {
  auto& link = draft.link(said.name, at);
  if (said.type == "vlan") return set_vlan_option(link, key, value, at, draft);
  if (said.type == "bond") return set_bond_option(draft, link, key, value, at);
  if (said.type == "bridge")
    return set_bridge_option(draft, link, key, value, Times::hundredths, at);
  if (said.type == "bridge_slave") return set_bridge_port_option(draft, link, key, value, at);
  draft.set(link, Owner::bond_port, key, value, at);
}

// What follows "type", of a link that is made or changed.
void set_of_type(const LinkWords& said, const Said& at, DraftConfig& draft) {
  if (said.type == "bond") draft.bond(said.name, at);
  if (said.type == "bridge") draft.bridge(said.name, at);
  if (!is_one_of(said.type, "vlan bond bridge bridge_slave bond_slave")) {
    draft.link(said.name, at);
    return draft.lose(at, "vifchain makes no link of type " + said.type, said.name);
  }
  if (said.type == "vlan" && draft.find(said.name) == nullptr) return;
  Words words(said.of_type, 0);
  while (!words.at_end()) {
    std::string key(words.next());
    if (is_one_of(key, "clear_active_slave fdb_flush")) continue;
    if (said.type == "vlan") std::ranges::replace(key, '-', '_');
    const auto value = key.ends_with("_qos_map") ? map_words(words) : std::string(words.next());
    set_one_of_type(said, key, value, at, draft);
  }
}

std::string why_no_place(const std::string& key) {
  if (key == "name") return "a link keeps the name that it has: names of NICs are udev's matter";
  if (key == "netns") return "vifchain leaves links in the host's network namespace";
  if (key == "promisc") return "a bridge makes its ports promiscuous by itself";
  return "\"" + key + "\" of a link has no place in a vifchain.toml";
}

void set_attribute(const std::string& key, const std::string& value, const std::string& name,
                   const Said& at, Telling& telling) {
  DraftConfig& draft = telling.draft;
  if (is_one_of(key, "dev up down link")) return;
  if (key == "nomaster") return leave(name, telling);
  if (key == "master") return join(controller_named(value, at, telling), name, at, telling);
  if (key == "mtu") return draft.set_mtu(draft.link(name, at), value, at);
  if (key == "address") return draft.set_mac(draft.link(name, at), value, at);
  draft.lose(at, why_no_place(key), name);
}

void make_vlan(const LinkWords& said, const Said& at, DraftConfig& draft) {
  const auto parent = said.words.value("link");
  if (parent.empty()) return draft.lose(at, "names no link that the VLAN is on", said.name);
  draft.vlan(said.name, parent, told_apart(Words(said.of_type, 0), "id").value("id"), at);
}

// What is said of it, before or after what is said of its type.
void set_attributes(const LinkWords& said, const Said& at, Telling& telling) {
  for (const auto& [key, value] : said.words.options)
    set_attribute(key, value, said.name, at, telling);
}

void add_link(const LinkWords& said, const Said& at, Telling& telling) {
  if (said.type == "dummy") return;  // one that is made a port is told of there
  if (said.type == "vlan") make_vlan(said, at, telling.draft);
  set_of_type(said, at, telling.draft);
  set_attributes(said, at, telling);
}

void set_link(const LinkWords& said, const Said& at, Telling& telling) {
  set_attributes(said, at, telling);
  if (!said.type.empty()) set_of_type(said, at, telling.draft);
}

}  // namespace

void tell_ip_link(Words words, const Said& at, Telling& telling) {
  const auto verb = words.next();
  const bool adds = begins("add", verb), sets = is_one_of(verb, "set se change replace");
  const auto said = link_words(words);
  if ((adds || sets) && said.name.empty()) return telling.draft.lose(at, "names no link");
  if (adds) return add_link(said, at, telling);
  if (sets) return set_link(said, at, telling);
  if (begins("delete", verb)) {
    leave(said.name, telling);
    telling.draft.remove(said.name);
  }
  if (is_one_of(verb, "property xstats afstats"))
    telling.draft.lose(at, "vifchain has nothing for \"ip link " + std::string(verb) + "\"");
}

}  // namespace vifchain::inline convert

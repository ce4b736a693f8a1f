// SPDX-License-Identifier: Apache-2.0
// What of a topology another program's files can say, as text to compare.
#pragma once

#include <stdexcept>
#include <string>

#include "convert/export/exporters.hpp"
#include "edge/parse/toml.hpp"

namespace vifchain {

// The topology of a text that is right.
inline Topology topology_of(const std::string& text) {
  auto read = parse_topology(text);
  if (auto* topology = std::get_if<Topology>(&read)) return std::move(*topology);
  std::string wrong = text;
  for (const auto& mistake : std::get<Diagnostics>(read)) wrong += show(mistake, "toml") + "\n";
  throw std::runtime_error(wrong);
}

// What a link is made of, whoever is told it.
struct Facts {
  std::string text;
  void add(const std::string& key, const std::string& value) {
    text += "  " + key + " " + value + "\n";
  }
};

inline bool is_lost(const Exported& exported, const LinkName& link, const std::string& what) {
  for (const auto& sentence : exported.lost)
    if (sentence.starts_with(link.str() + ": " + what)) return true;
  return false;
}

inline void add_options(Facts& facts, const Link& link, const Options& options,
                        const Exported& exported) {
  for (const auto& [option, value] : options) {
    const std::string key(spec(option).key);
    if (!is_lost(exported, link.name, key + " = ")) facts.add(key, show(option, value));
  }
}

// What of a link decides whether it is born with this option.
inline std::string decided_by(Option option) {
  if (option == Option::bridge_vlan_default_pvid) return "vlan_filtering = ";
  if (option == Option::bond_miimon) return "arp_validate = ";
  return std::string(spec(option).key) + " = ";
}

// With those that it is born with, which go where the option goes that they are for.
inline Options of_kind(const Link& link, const Exported& exported) {
  Options options = options_of(link);
  for (const auto& [option, value] : link.birth.options)
    if (!is_lost(exported, link.name, decided_by(option))) options[option] = value;
  return options;
}

inline std::string facts_of(const Link& link, const Topology& topology, const Exported& exported) {
  Facts facts;
  facts.add(link.name.str(), kind_in_words(link.kind));
  if (const auto* vlan = std::get_if<Vlan>(&link.kind)) {
    facts.add("on", vlan->parent.str() + " " + std::to_string(vlan->id.number()));
    if (!is_lost(exported, link.name, "protocol"))
      facts.add("protocol", std::to_string(static_cast<int>(vlan->protocol)));
  }
  if (link.controller) facts.add("port of", link.controller->str());
  if (link.mtu) facts.add("mtu", std::to_string(*link.mtu));
  if (link.mac) facts.add("mac", link.mac->str());
  add_options(facts, link, of_kind(link, exported), exported);
  add_options(facts, link, link.port, exported);
  if (link.vlans && !is_lost(exported, link.name, "vlans"))
    for (const auto& vlan : *link.vlans)
      facts.add("vlan", std::to_string(vlan.id.number()) + (vlan.pvid ? " pvid" : ""));
  const auto ports = topology.ports.find(link.name);
  if (ports != topology.ports.end())
    for (const auto& port : ports->second) facts.add("port", port.str());
  const auto hosting = topology.hosting.find(link.name);
  if (hosting != topology.hosting.end()) {
    for (const auto& address : hosting->second.addresses) facts.add("address", address.str());
    for (const auto& route : hosting->second.routes) facts.add("route", route.str());
    facts.add("dhcp", std::to_string(static_cast<int>(hosting->second.dhcp)));
  }
  return facts.text;
}

inline std::string facts_of(const Topology& topology, const Exported& exported) {
  std::string text;
  for (const auto& [name, link] : topology.links) text += facts_of(link, topology, exported);
  return text;
}

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// bridge(8): the VLANs and options of bridge ports.
#include <algorithm>

#include "convert/import/script/command_parts.hpp"
#include "convert/import/tool_options.hpp"

namespace vifchain::inline convert {
namespace {

// The VLAN that a new port of its bridge is in (vlan_default_pvid); 0: none.
std::int64_t default_vlan(const std::string& port, const DraftConfig& draft) {
  const auto* bridge = draft.controller_of(port);
  return bridge == nullptr ? 1
                           : integer(bridge->options, Option::bridge_vlan_default_pvid).value_or(1);
}

// A port is in VLAN 1, untagged, from the moment that it joins, unless its bridge has another one
// or it is taken out of it (nbp_vlan_init).
void begin_with_default(DraftLink& port, Telling& telling, const Said& at) {
  const bool first = port.vlans.empty() && !port.pvid;
  if (!first || telling.out_of_default_vlan.contains(port.name)) return;
  const auto id = default_vlan(port.name, telling.draft);
  if (id != 0) telling.draft.set_pvid(port, std::to_string(id), at);
}

void add_vlan(const CommandWords& said, const Said& at, Telling& telling) {
  DraftConfig& draft = telling.draft;
  auto& port = draft.link(said.value("dev"), at);
  begin_with_default(port, telling, at);
  if (said.has("pvid")) return draft.set_pvid(port, said.value("vid"), at);
  if (!said.has("untagged egress")) return draft.add_vlans(port, said.value("vid"), at);
  draft.lose(at, "untagged is the PVID's VLAN alone, all others of a port are tagged", port.name);
}

void remove_vlan(const CommandWords& said, Telling& telling) {
  const auto name = said.value("dev"), vid = said.value("vid");
  if (vid == std::to_string(default_vlan(name, telling.draft)))
    telling.out_of_default_vlan.insert(name);
  auto* port = telling.draft.find(name);
  if (port == nullptr) return;
  const auto id = VlanId::parse(vid);
  if (id && port->pvid == id) port->pvid.reset();
  std::erase_if(port->vlans,
                [&](const auto& range) { return id && range.first == *id && range.second == *id; });
}

void tell_vlan(Words words, const Said& at, Telling& telling) {
  const auto verb = words.next();
  const bool removes = verb.starts_with("d");
  if (verb != "add" && verb != "a" && !removes) return;
  const auto said = told_apart(words, "dev vid", "pvid untagged egress self");
  if (said.has("self"))
    return telling.draft.lose(at, "the VLANs of the bridge itself are not set up by vifchain",
                              said.value("dev"));
  if (said.value("dev").empty() || said.value("vid").empty())
    return telling.draft.lose(at, "names no port or no VLAN");
  if (removes) return remove_vlan(said, telling);
  add_vlan(said, at, telling);
}

void tell_port(Words words, const Said& at, Telling& telling) {
  if (!is_one_of(words.next(), "set s")) return;
  DraftLink* port = nullptr;
  while (!words.at_end()) {
    const auto key = words.next();
    if (key == "self" || key == "master") continue;
    const auto value = words.next();
    if (key == "dev")
      port = &telling.draft.link(value, at);
    else if (port != nullptr)
      set_bridge_port_option(telling.draft, *port, key, value, at);
  }
}

}  // namespace

void tell_bridge(const ScriptCommand& command, Telling& telling) {
  Words words(command.words);
  while (words.peek().starts_with("-")) words.next();
  const auto object = words.next();
  if (object == "vlan" || object == "v") return tell_vlan(words, command.at, telling);
  if (object == "link" || object == "l") return tell_port(words, command.at, telling);
  if (words.peek().empty() || words.peek().starts_with("s")) return;
  telling.draft.lose(command.at, "entries of a bridge's tables have no place in a vifchain.toml");
}

}  // namespace vifchain::inline convert

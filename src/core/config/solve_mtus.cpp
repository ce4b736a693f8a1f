// SPDX-License-Identifier: Apache-2.0
// MTUs of whole chains. A VLAN link cannot have more than the link it is on (vlan_dev_change_mtu),
// a bond gives its ports its own (bond_change_mtu), and a bridge passes on only what its ports can
// carry: a wanted mtu is a need of everything below.
#include "core/config/assemble.hpp"
#include "core/config/complain.hpp"
#include "core/model/links.hpp"
#include "core/model/vlan_name.hpp"
#include "core/text/find.hpp"

namespace vifchain::inline core::inline config {
namespace {

struct Need {
  unsigned mtu = 0;
  std::string of;  // the link or template that has it
};

struct Mtus {
  std::map<LinkName, Written<unsigned>> own;
  std::map<LinkName, Need> needs;
};

void raise(const Topology& topology, const LinkName& name, const Need& need, Mtus& mtus) {
  auto& known = mtus.needs[name];
  if (known.mtu >= need.mtu) return;
  known = need;
  if (const auto* parent = parent_of(topology.links.at(name))) raise(topology, *parent, need, mtus);
  for (const auto& port : value_in(topology.ports, name)) raise(topology, port, need, mtus);
}

template <typename Tables>
void note(const Tables& tables, Mtus& mtus) {
  for (const auto& table : tables)
    if (table.mtu) mtus.own.emplace(*LinkName::parse(table.name), *table.mtu);
}

bool has_table(const Link& link, const Assembly& assembly) {
  return assembly.mentions.at(link.name).text == link.name.str();
}

// The mtu of a NIC or of a VLAN link without a table of its own.
void note_ports(const Draft& draft, const Assembly& assembly, Mtus& mtus, Diagnostics& wrong) {
  for (const auto& table : draft.ports) {
    const auto link = assembly.topology.links.find(*LinkName::parse(table.name));
    if (!table.mtu || link == assembly.topology.links.end()) continue;
    if (has_table(link->second, assembly))
      complain(wrong, table.mtu->place,
               "mtu of " + table.name + " belongs in its own table" +
                   in_line(assembly.mentions.at(link->first).place));
    else
      mtus.own.emplace(link->first, *table.mtu);
  }
}

void note_needs(const Assembly& assembly, Mtus& mtus) {
  const auto& topology = assembly.topology;
  for (const auto& [name, mtu] : mtus.own)
    if (topology.links.contains(name)) raise(topology, name, {mtu.value, name.str()}, mtus);
  for (const auto& port : assembly.template_ports) {
    const auto& pattern = topology.templates[port.index];
    if (pattern.bridge.mtu)
      raise(topology, port.link, {*pattern.bridge.mtu, pattern_of(pattern)}, mtus);
  }
}

// A bridge's MTU sticks only when a change sets it (br_change_mtu): one beside it to be born with.
void set_bridge_mtu(Link& bridge, unsigned mtu) {
  bridge.mtu = mtu;
  bridge.birth.mtu = mtu > 68 ? mtu - 1 : mtu + 1;
}

void set_mtus(const Mtus& mtus, Topology& topology) {
  for (const auto& [name, need] : mtus.needs) {
    Link& link = topology.links.at(name);
    link.mtu = need.mtu;
    if (is<Bridge>(link)) set_bridge_mtu(link, need.mtu);
  }
  for (auto& pattern : topology.templates)
    if (pattern.bridge.mtu) set_bridge_mtu(pattern.bridge, *pattern.bridge.mtu);
}

void check_enough(const Mtus& mtus, Diagnostics& wrong) {
  for (const auto& [name, own] : mtus.own) {
    const Need* need = find_in(mtus.needs, name);
    if (need != nullptr && need->mtu > own.value)
      complain_unexpected(
          wrong, own, "mtu of " + name.str(),
          "at least " + std::to_string(need->mtu) + " for " + need->of + " above it");
  }
}

// What a port of a bond is told apart from its bond does not last.
void check_bond_ports(const Draft& draft, const Mtus& mtus, const Topology& topology,
                      Diagnostics& wrong) {
  for (const auto& table : draft.ports) {
    const Link* port = link_in(topology.links, *LinkName::parse(table.name));
    if (!table.mtu || port == nullptr || !port->controller) continue;
    const auto& bond = topology.links.at(*port->controller);
    if (is<Bond>(bond) && value_in(mtus.needs, bond.name).mtu < table.mtu->value)
      complain(wrong, table.mtu->place,
               "ports have the mtu of their bond; put it in " + file_table(bond));
  }
}

}  // namespace

void solve_mtus(const Draft& draft, Assembly& assembly, Diagnostics& wrong) {
  Mtus mtus;
  note(draft.bonds, mtus);
  note(draft.vlans, mtus);
  note(draft.bridges, mtus);
  note_ports(draft, assembly, mtus, wrong);
  note_needs(assembly, mtus);
  check_enough(mtus, wrong);
  check_bond_ports(draft, mtus, assembly.topology, wrong);
  set_mtus(mtus, assembly.topology);
}

}  // namespace vifchain::inline core::inline config

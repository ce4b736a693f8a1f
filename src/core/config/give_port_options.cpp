// SPDX-License-Identifier: Apache-2.0
// [port.NAME]: options of a port under its controller, VLANs, and the mtu of a NIC.
#include <set>

#include "core/config/assemble.hpp"
#include "core/config/complain.hpp"
#include "core/model/links.hpp"
#include "core/text/nearest.hpp"

namespace vifchain::inline core::inline config {
namespace {

const Link* controller_of(const Actual& links, const Link& link) {
  return link.controller ? &links.at(*link.controller) : nullptr;
}

// Every port, and every link below a VLAN.
std::set<LinkName> describable(const Assembly& assembly) {
  std::set<LinkName> names;
  for (const auto& [name, link] : assembly.topology.links) {
    if (link.controller) names.insert(name);
    if (const auto* parent = parent_of(link)) names.insert(*parent);
  }
  for (const auto& port : assembly.template_ports) names.insert(port.link);
  return names;
}

void complain_no_port(const PortDraft& table, const std::set<LinkName>& names, Diagnostics& wrong) {
  std::vector<std::string_view> known;
  if (is_worth_guessing(wrong))
    for (const auto& name : names) known.push_back(name.str());
  complain(wrong, table, "is not a port of any bond or bridge, and carries no VLAN",
           nearest(table.name, known));
}

std::string what_it_is(const Link& port, const Link* controller) {
  if (controller == nullptr) return port.name.str() + " is not a port of any bond or bridge";
  return port.name.str() + " is a port of " + controller->name.str() + ", " +
         kind_in_words(controller->kind);
}

bool belongs(Owner owner, const Link* controller) {
  if (controller == nullptr) return false;
  return owner == Owner::bridge_port ? is<Bridge>(*controller) : is<Bond>(*controller);
}

void set_option(Option id, const Written<Value>& value, const Link* controller, Link& port,
                Diagnostics& wrong) {
  const auto& option = spec(id);
  const std::string key(option.key);
  if (!belongs(option.owner, controller))
    return complain(wrong, value.place,
                    key + " is for ports of " +
                        (option.owner == Owner::bridge_port ? "bridges" : "bonds") + "; " +
                        what_it_is(port, controller));
  const auto mode = mode_of(*controller).value_or(BondMode::balance_rr);
  if (option.owner == Owner::bond_port && !has_option(mode, option))
    return complain(wrong, value.place,
                    key + " has no effect in mode " +
                        show(Option::bond_mode, static_cast<std::int64_t>(mode)) + " of " +
                        controller->name.str());
  port.port.emplace(id, value.value);
}

std::vector<PortVlan> port_vlans(const PortDraft& table) {
  std::vector<PortVlan> vlans;
  if (table.vlans)
    for (const auto& [first, last] : table.vlans->value)
      for (int id = first.number(); id <= last.number(); ++id)
        vlans.push_back({.id = *VlanId::from(id)});
  if (table.pvid) vlans.push_back({.id = table.pvid->value, .pvid = true, .untagged = true});
  std::sort(vlans.begin(), vlans.end());
  return vlans;
}

void set_vlans(const PortDraft& table, const Link* controller, Link& port, Diagnostics& wrong) {
  if (!table.vlans && !table.pvid) return;
  const bool of_bridge = belongs(Owner::bridge_port, controller);
  if (of_bridge && filters_vlans(options_of(*controller))) {
    port.vlans = port_vlans(table);
    return;
  }
  const std::string why_not = " needs a port of a VLAN-filtering bridge; " +
                              (of_bridge ? "vlan_filtering = true in " + file_table(*controller)
                                         : what_it_is(port, controller));
  if (table.vlans) complain(wrong, table.vlans->place, "vlans" + why_not);
  if (table.pvid) complain(wrong, table.pvid->place, "pvid" + why_not);
}

using QueueOwners = std::map<std::pair<LinkName, std::int64_t>, LinkName>;

// Ports of one bond must have different queues; 0 means none (bond_option_queue_id_set).
void check_queue(const PortDraft& table, const Link& port, QueueOwners& owners,
                 Diagnostics& wrong) {
  const auto queue = integer(table, Option::bond_port_queue_id).value_or(0);
  if (queue == 0 || !port.controller) return;
  const auto [owner, free] = owners.emplace(std::pair(*port.controller, queue), port.name);
  if (!free)
    complain(wrong, written(table, Option::bond_port_queue_id)->place,
             "queue_id " + std::to_string(queue) + " already belongs to " + owner->second.str());
}

}  // namespace

void give_port_options(const Draft& draft, bool complete, Assembly& assembly, Diagnostics& wrong) {
  if (draft.ports.empty()) return;
  const auto names = describable(assembly);
  QueueOwners queues;
  for (const auto& table : draft.ports) {
    const auto name = *LinkName::parse(table.name);
    if (!names.contains(name)) {
      if (complete) complain_no_port(table, names, wrong);
      continue;
    }
    Link& port = assembly.topology.links.at(name);
    const Link* controller = controller_of(assembly.topology.links, port);
    check_queue(table, port, queues, wrong);
    if (controller != nullptr && assembly.doubtful.contains(controller->name)) continue;
    for (const auto& [option, value] : table.options)
      set_option(option, value, controller, port, wrong);
    set_vlans(table, controller, port, wrong);
  }
}

}  // namespace vifchain::inline core::inline config

// SPDX-License-Identifier: Apache-2.0
#include "convert/import/tidy_draft.hpp"

#include <algorithm>
#include <utility>

#include "core/model/vlan_name.hpp"
#include "core/text/printable.hpp"

namespace vifchain::inline convert {
namespace {

// The first bond or bridge that has it as a port, of each port.
std::map<std::string, std::string> controllers_in(const DraftConfig& draft) {
  std::map<std::string, std::string> controllers;
  for (const auto* link : draft.links())
    for (const auto& port : link->ports) controllers.emplace(port, link->name);
  return controllers;
}

// The module's options are those of all bonds, as far as a bond says nothing else and its mode has
// them.
void give_module_options(DraftConfig& draft) {
  const auto& common = draft.every_bond;
  for (const auto* told : draft.links()) {
    if (told->kind != DraftKind::bond) continue;
    DraftLink& bond = *draft.find(told->name);
    const bool own_mode = bond.slb || bond.options.contains(Option::bond_mode);
    if (!own_mode) bond.slb = common.slb;
    const auto& its = own_mode ? bond.options : common.options;
    const auto mode = static_cast<BondMode>(integer(its, Option::bond_mode).value_or(0));
    for (const auto& [option, value] : common.options) {
      if (option == Option::bond_mode ? own_mode : bond.options.contains(option)) continue;
      if (has_option(mode, spec(option))) bond.options[option] = value;
    }
  }
}

// A NIC, or a link that is made elsewhere.
bool is_somebody_elses(const DraftLink& link) {
  return link.kind == DraftKind::unknown && link.name.find('.') == std::string::npos;
}

void hand_up(DraftLink& port, DraftLink& bridge) {
  for (auto& address : std::exchange(port.addresses, {}))
    if (std::ranges::find(bridge.addresses, address) == bridge.addresses.end())
      bridge.addresses.push_back(std::move(address));
  for (auto& route : std::exchange(port.routes, {}))
    if (std::ranges::find(bridge.routes, route) == bridge.routes.end())
      bridge.routes.push_back(std::move(route));
  for (const bool v6 : {false, true})
    if (wants(port.dhcp, v6)) bridge.dhcp = with(bridge.dhcp, v6);
  port.dhcp = Dhcp::off;
  if (const auto ra = std::exchange(port.ra, {})) bridge.ra = ra;
}

// Where the host's addresses are after all has been set up, not where a file first puts them.
void move_hosting(DraftConfig& draft) {
  const auto controllers = controllers_in(draft);
  for (const auto* told : draft.links()) {
    DraftLink& link = *draft.find(told->name);
    if (!link.hosts()) continue;
    const auto above = controllers.find(link.name);
    DraftLink* controller = above == controllers.end() ? nullptr : draft.find(above->second);
    if (controller != nullptr && controller->takes_over && controller->ports.front() == link.name) {
      hand_up(link, *controller);
    } else if (controller != nullptr) {
      draft.warn(link.first,
                 "its addresses are of no use, as it is a port of " + controller->name +
                     ": if this host is to have them, they belong there",
                 controller->name);
      link.addresses.clear();
      link.routes.clear();
      link.dhcp = Dhcp::off;
      link.ra.reset();
    } else if (is_somebody_elses(link)) {
      draft.lose(link.first, link.name +
                                 " carries this host's addresses and is part of no bond and no "
                                 "bridge: it stays with what sets it up today");
      draft.remove(link.name);
    }
  }
}

bool can_stand_in_the_file(const std::string& name) {
  return printable(name) == name;
}

// A name that a TOML cannot have is no name that somebody meant.
void leave_out_unwritable(DraftConfig& draft) {
  const auto is_unwritable = [](const std::string& name) { return !can_stand_in_the_file(name); };
  for (const auto* told : draft.links()) {
    DraftLink& link = *draft.find(told->name);
    std::erase_if(link.ports, is_unwritable);
    const auto primary = link.options.find(Option::bond_primary);
    if (primary != link.options.end() && is_unwritable(std::get<LinkName>(primary->second).str()))
      link.options.erase(Option::bond_primary);
    if (!is_unwritable(link.name) && !(link.parent && is_unwritable(*link.parent))) continue;
    draft.lose(link.first, "\"" + printable(link.name) +
                               "\" is left out: no text (UTF-8) can say " +
                               (is_unwritable(link.name) ? "its name" : "what it is on"));
    draft.remove(told->name);
  }
  if (draft.default_bridge && is_unwritable(*draft.default_bridge)) draft.default_bridge.reset();
}

// Elsewhere in the file LINK.VID stands for that VLAN on that link, and can be no other.
void leave_out_liars(DraftConfig& draft) {
  for (const auto* told : draft.links()) {
    const auto says = split_vlan_name(told->name);
    if (told->kind != DraftKind::vlan || !says || !VlanId::parse(says->digits)) continue;
    const bool lies = (told->parent && *told->parent != says->link) ||
                      (told->vid && VlanId::parse(says->digits) != told->vid);
    if (!lies) continue;
    const std::string name = told->name;
    draft.lose(told->first,
               name + " is VLAN " + (told->vid ? std::to_string(told->vid->number()) : "?") +
                   " on " + told->parent.value_or("?") +
                   ", and its name says another: rename it, then it can be taken over");
    for (const auto* other : draft.links()) draft.remove_port(*draft.find(other->name), name);
    draft.remove(name);
  }
}

constexpr unsigned usual_mtu = 1500;

void say_usual_mtu_below(DraftConfig& draft, const DraftLink& top) {
  for (std::vector<const DraftLink*> above{&top}; !above.empty();) {
    const DraftLink& link = *above.back();
    above.pop_back();
    if (link.kind == DraftKind::bond) continue;  // its ports have its own
    auto below = link.ports;
    if (link.parent) below.push_back(*link.parent);
    for (const auto& name : below) {
      DraftLink* lower = draft.find(name);
      if (lower == nullptr || lower->mtu) continue;
      lower->mtu = usual_mtu;
      above.push_back(lower);
    }
  }
}

// In a vifchain.toml an mtu is one of everything below, too; elsewhere a small one is a link's own.
void keep_small_mtus_apart(DraftConfig& draft) {
  for (const auto* told : draft.links())
    if (told->mtu && *told->mtu < usual_mtu) say_usual_mtu_below(draft, *told);
}

// Whoever else makes a bridge that filters VLANs has all ports in VLAN 1 unless told otherwise
// (br_vlan_init), and vifchain in none.
void keep_default_vlan(DraftConfig& draft) {
  for (const auto* told : draft.links())
    if (filters_vlans(told->options))
      draft.find(told->name)->options.emplace(Option::bridge_vlan_default_pvid, std::int64_t{1});
}

}  // namespace

void tidy(DraftConfig& draft) {
  leave_out_unwritable(draft);
  give_module_options(draft);
  leave_out_liars(draft);
  move_hosting(draft);
  keep_default_vlan(draft);
  keep_small_mtus_apart(draft);
}

}  // namespace vifchain::inline convert

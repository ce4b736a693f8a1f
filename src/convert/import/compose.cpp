// SPDX-License-Identifier: Apache-2.0
#include "convert/import/compose.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "convert/import/document_of.hpp"
#include "convert/import/toml_text.hpp"
#include "core/config/read.hpp"
#include "core/model/topology.hpp"
#include "core/model/vlan_name.hpp"
#include "core/text/printable.hpp"

namespace vifchain::inline convert {
namespace {

bool hosts(const DraftLink& link) {
  return !link.addresses.empty() || !link.routes.empty() || link.dhcp != Dhcp::off ||
         link.ra == true;
}

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
    if (!hosts(link)) continue;
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

// --- what does not fit together -----------------------------------------------------------------

// Messages of the file's reader without its lines, which nobody has seen.
std::string without_lines(std::string text) {
  for (const std::string start : {" (line ", ", in line "})
    for (auto at = text.find(start); at != std::string::npos; at = text.find(start)) {
      auto end = text.find_first_not_of("0123456789", at + start.size());
      if (end != std::string::npos && text[end] == ')') ++end;
      text.erase(at, end == std::string::npos ? end : end - at);
    }
  return text;
}

struct TakenOut {
  std::string table;  // "bond.bond1"
  std::string link;
  std::string text;  // as it would have stood there
};

bool take_from(Node& node, Place place);

// One that has the place in its key, as a whole; or what is in its value.
bool take_from(Table& table, Place place) {
  const auto is_it = [&](const Entry& entry) {
    return entry.place == place || entry.node.place == place;
  };
  if (std::erase_if(table, is_it) > 0) return true;
  return std::ranges::any_of(table, [&](Entry& entry) { return take_from(entry.node, place); });
}

bool take_from(Node& node, Place place) {
  if (auto* table = std::get_if<Table>(&node.value)) return take_from(*table, place);
  auto* array = std::get_if<Array>(&node.value);
  if (array == nullptr) return false;
  if (std::erase_if(*array, [&](const Node& element) { return element.place == place; }) > 0)
    return true;
  return std::ranges::any_of(*array, [&](Node& element) { return take_from(element, place); });
}

bool has(const Node& node, Place place);

bool has(const Entry& entry, Place place) {
  return entry.place == place || has(entry.node, place);
}

bool has(const Node& node, Place place) {
  if (node.place == place) return true;
  if (const auto* table = std::get_if<Table>(&node.value))
    return std::ranges::any_of(*table, [&](const Entry& entry) { return has(entry, place); });
  const auto* array = std::get_if<Array>(&node.value);
  return array != nullptr &&
         std::ranges::any_of(*array, [&](const Node& element) { return has(element, place); });
}

// How the value stood: a key with its value.
std::string text_of(const Table& table, Place place) {
  for (const auto& entry : table)
    if (has(entry, place)) return entry.key + " = " + toml_value(entry.node);
  return {};
}

// Takes what is at the place out of the document; nothing when there is nothing.
std::optional<TakenOut> take_out(Table& document, Place place) {
  for (auto& [kind, kind_place, kind_node] : document) {
    auto& members = std::get<Table>(kind_node.value);
    for (auto& member : members) {
      if (!has(member, place)) continue;
      const bool whole = member.place == place || member.node.place == place ||
                         !std::holds_alternative<Table>(member.node.value);
      TakenOut taken{kind + "." + member.key, member.key, "[" + kind + "." + member.key + "]"};
      if (!whole) taken.text = text_of(std::get<Table>(member.node.value), place);
      take_from(members, place);
      return taken;
    }
  }
  return std::nullopt;
}

void drop_empty(Table& document) {
  std::erase_if(document,
                [](const Entry& entry) { return std::get<Table>(entry.node.value).empty(); });
}

std::string sentence_of(const Diagnostic& wrong, const TakenOut& taken) {
  return "left out " + taken.text + ": " + (wrong.text.empty() ? "" : wrong.text + ": ") +
         without_lines(wrong.message);
}

// Takes what is wrong out of the document and says so; false when that is no part of it.
bool leave_out(const Diagnostic& wrong, Table& document, DraftConfig& draft) {
  const auto taken = take_out(document, wrong.place);
  if (!taken) return false;
  const auto* link = draft.find(taken->link);
  draft.lose(link != nullptr ? Said{link->first.file, link->first.line} : Said{},
             sentence_of(wrong, *taken), taken->link);
  return true;
}

// What one mistake leads to goes with it, so they are left out one by one; of more than this many,
// twice as many with each look.
constexpr std::size_t singly = 16;

// Leaves out what the reader of the file would refuse, and says so.
void settle(Table& document, DraftConfig& draft) {
  std::size_t at_once = 1;
  for (std::size_t looks = 1;; ++looks) {
    drop_empty(document);
    const auto read = read_topology(document);
    const auto* wrong = std::get_if<Diagnostics>(&read);
    if (wrong == nullptr) return;
    if (!leave_out(wrong->front(), document, draft)) {
      // About the whole: then nothing is better than something wrong.
      draft.lose({}, without_lines(wrong->front().message));
      document.clear();
      return;
    }
    for (std::size_t more = 1; more < std::min(at_once, wrong->size()); ++more)
      leave_out((*wrong)[more], document, draft);
    if (looks >= singly) at_once *= 2;
  }
}

// --- fewer words --------------------------------------------------------------------------------

bool same(const Table& a, const Table& b) {
  const auto one = read_topology(a);
  const auto other = read_topology(b);
  const auto* first = std::get_if<Topology>(&one);
  const auto* second = std::get_if<Topology>(&other);
  return first != nullptr && second != nullptr && first->links == second->links;
}

void erase_mtus(Table& document, const std::string& of_kind) {
  for (auto& [kind, place, node] : document) {
    if (kind != of_kind) continue;
    auto& members = std::get<Table>(node.value);
    for (auto& member : members)
      std::erase_if(std::get<Table>(member.node.value),
                    [](const Entry& entry) { return entry.key == "mtu"; });
    if (kind == "port")
      std::erase_if(members,
                    [](const Entry& member) { return std::get<Table>(member.node.value).empty(); });
  }
  drop_empty(document);
}

// A bridge's mtu raises what is below it: where it says it all, nothing below needs to.
void leave_mtus_to_the_bridges(Table& document) {
  for (const char* kind : {"port", "vlan", "bond"}) {
    Table shorter = document;
    erase_mtus(shorter, kind);
    if (same(document, shorter)) document = std::move(shorter);
  }
}

// --- remarks ------------------------------------------------------------------------------------

std::string text_of(const Remark& remark) {
  std::string text;
  if (remark.kind == Remark::Kind::trap) text += "Careful: ";
  if (!remark.at.file.empty()) text += place_of(remark.at) + ": ";
  if (!remark.at.text.empty()) text += remark.at.text + ": ";
  return text + remark.why;
}

// More than anybody reads: files that include each other make any number of them, and a file must
// stay small enough to be read.
constexpr std::size_t most_remarks = 1000;

std::vector<Remark> first_of(std::vector<Remark> remarks) {
  if (remarks.size() <= most_remarks) return remarks;
  const auto more = remarks.size() - most_remarks;
  remarks.resize(most_remarks);
  remarks.push_back({Remark::Kind::lost,
                     {},
                     std::to_string(more) +
                         " more remarks are left out: \"vifchain import --from-kernel\" takes over "
                         "what is there now, whatever these files say",
                     {}});
  return remarks;
}

// The first table of each link: its remarks stand above it.
std::map<std::string, std::string> tables_of_links(const Table& document) {
  std::map<std::string, std::string> tables;
  for (const auto& [kind, place, node] : document)
    for (const auto& member : std::get<Table>(node.value))
      if (std::holds_alternative<Table>(member.node.value))
        tables.emplace(member.key, kind + "." + member.key);
  return tables;
}

// Lines above a table; without a table, of the end of the file.
using Lines = std::map<std::string, std::vector<std::string>>;

Lines lines_of(const std::vector<Remark>& remarks, const Table& document) {
  const auto tables = tables_of_links(document);
  Lines lines;
  for (const auto& remark : remarks) {
    const auto table = tables.find(remark.link);
    auto& above = lines[table == tables.end() ? std::string() : table->second];
    for (auto& line : comment_lines(text_of(remark))) above.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

Composed compose(DraftConfig draft) {
  leave_out_unwritable(draft);
  give_module_options(draft);
  leave_out_liars(draft);
  move_hosting(draft);
  keep_default_vlan(draft);
  keep_small_mtus_apart(draft);
  Table document = document_of(draft);
  settle(document, draft);
  leave_mtus_to_the_bridges(document);
  auto remarks = first_of(draft.remarks());
  Lines lines = lines_of(remarks, document);
  const auto at_the_end = std::exchange(lines[""], {});
  std::string text = toml_text(document, [&](const std::string& table) { return lines[table]; });
  if (!at_the_end.empty() && !text.empty()) text += "\n";
  for (const auto& line : at_the_end) text += line + "\n";
  return {std::move(text), std::move(remarks)};
}

}  // namespace vifchain::inline convert

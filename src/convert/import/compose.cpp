// SPDX-License-Identifier: Apache-2.0
#include "convert/import/compose.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "convert/import/settle_document.hpp"
#include "convert/import/tidy_draft.hpp"
#include "convert/import/toml_text.hpp"
#include "core/model/vlan_name.hpp"
#include "core/plan/dhcp.hpp"

namespace vifchain::inline convert {
namespace {

// --- the document -------------------------------------------------------------------------------

template <class T>
Entry entry(std::string key, T value) {
  return {std::move(key), {}, {std::move(value), {}, {}}};
}

template <class T>
void add(Table& table, std::string key, T value) {
  table.push_back(entry(std::move(key), std::move(value)));
}

template <class List, class Text>
Array strings(const List& list, Text text) {
  Array array;
  for (const auto& element : list) array.push_back({text(element), {}, {}});
  return array;
}

constexpr auto text_of_one = [](const auto& one) { return one.str(); };

std::string text_of(const VidRanges& ranges) {
  std::string text;
  for (const auto& [first, last] : ranges) {
    text += (text.empty() ? "" : ",") + std::to_string(first.number());
    if (last != first) text += "-" + std::to_string(last.number());
  }
  return text;
}

// Ids once each, in order, neighbours together, as foreign files name some twice; but the one that
// goes untagged.
VidRanges tagged_vlans(const DraftLink& port) {
  std::set<VlanId> ids;
  for (const auto& [first, last] : port.vlans)
    for (auto id = first.number(); id <= last.number(); ++id) ids.insert(*VlanId::from(id));
  if (port.pvid) ids.erase(*port.pvid);
  VidRanges ranges;
  for (const auto id : ids)
    if (ranges.empty() || id.number() > ranges.back().second.number() + 1)
      ranges.emplace_back(id, id);
    else
      ranges.back().second = id;
  return ranges;
}

// What vifchain does by itself on a bridge that it makes need not be said.
bool goes_without_saying(const Options& options, Option option, const Value& value) {
  if (value != Value(std::int64_t{0})) return false;
  if (option == Option::bridge_stp) return true;
  if (option == Option::bridge_forward_delay) return integer(options, Option::bridge_stp) != 1;
  return option == Option::bridge_vlan_default_pvid && filters_vlans(options);
}

Entry option_entry(const OptionSpec& option, const Value& value) {
  const std::string key(option.key);
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number != nullptr && option.form != Form::choice) {
    if (option.form == Form::flag) return entry(key, *number != 0);
    if (option.form != Form::seconds) return entry(key, *number);
    if (*number % 100 == 0) return entry(key, *number / 100);
    return entry(key, static_cast<double>(*number) / 100);
  }
  if (const auto* list = std::get_if<std::vector<IpAddress>>(&value))
    return entry(key, strings(*list, text_of_one));
  if (const auto* map = std::get_if<QosMap>(&value))
    return entry(key, strings(*map, [](const auto& one) {
                   return std::to_string(one.first) + ":" + std::to_string(one.second);
                 }));
  return entry(key, show(option.id, value));
}

void add_options(Table& table, const Options& options) {
  for (const auto& [option, value] : options)
    if (!goes_without_saying(options, option, value))
      table.push_back(option_entry(spec(option), value));
}

// --- this host's place on a link ---

bool are_on_link(const DraftLink& link) {
  const auto is_default = [](const Route& route) {
    return route.to.prefix == 0 && route.via &&
           (route.metric == 0 || route.metric == usual_metric6);
  };
  const auto first = std::ranges::find_if(link.routes, is_default);
  return first != link.routes.end() && first->onlink;
}

// All are on the link, or none is: onlink is about all of them.
bool is_gateway(const DraftLink& link, const Route& route) {
  Route usual = route.via ? default_route(*route.via) : Route{};
  usual.onlink = are_on_link(link);
  return route.to.prefix == 0 && route.via && route == usual;
}

Table route_table(const Route& route) {
  Table table{entry("to", route.to.prefix == 0 ? std::string("default") : route.to.str())};
  if (route.via) add(table, "via", route.via->str());
  const std::uint32_t usual = route.to.address.v6 ? usual_metric6 : 0;
  if (route.metric != usual) add(table, "metric", std::int64_t{route.metric});
  if (route.onlink) add(table, "onlink", true);
  return table;
}

void add_routes(Table& table, const DraftLink& link) {
  Array gateways, routes;
  for (const auto& route : link.routes)
    if (is_gateway(link, route))
      gateways.push_back({route.via->str(), {}, {}});
    else
      routes.push_back({route_table(route), {}, {}});
  if (!gateways.empty()) {
    add(table, "gateway", std::move(gateways));
    if (are_on_link(link)) add(table, "onlink", true);
  }
  if (!routes.empty()) add(table, "routes", std::move(routes));
}

void add_common(Table& table, const DraftLink& link, bool with_mac = true) {
  if (link.mtu) add(table, "mtu", std::int64_t{*link.mtu});
  if (link.mac && with_mac) add(table, "mac", link.mac->str());
  if (!link.addresses.empty()) add(table, "addresses", strings(link.addresses, text_of_one));
  add_routes(table, link);
  if (link.dhcp != Dhcp::off)
    add(table, "dhcp",
        std::string(link.dhcp == Dhcp::both   ? "both"
                    : link.dhcp == Dhcp::ipv4 ? "ipv4"
                                              : "ipv6"));
  if (link.ra && link.hosts()) add(table, "ra", *link.ra);
}

// --- tables: nothing where a link needs none ---

using Links = std::vector<const DraftLink*>;

bool is_used(const std::string& name, const Links& links) {
  return std::ranges::any_of(links, [&](const DraftLink* link) {
    return link->parent == name || std::ranges::find(link->ports, name) != link->ports.end();
  });
}

std::optional<Table> controller_table(const DraftLink& link, DraftKind kind) {
  if (link.kind != kind) return std::nullopt;
  Table table{entry("ports", strings(link.ports, std::identity()))};
  if (link.slb) add(table, "mode", std::string("balance-slb"));
  add_options(table, link.options);
  add_common(table, link);
  return table;
}

std::optional<Table> bond_table(const DraftLink& link, const Links& /*all*/) {
  return controller_table(link, DraftKind::bond);
}

std::optional<Table> bridge_table(const DraftLink& link, const Links& /*all*/) {
  return controller_table(link, DraftKind::bridge);
}

bool tells_itself(const DraftLink& link) {
  const auto parts = split_vlan_name(link.name);
  return parts && link.parent && link.vid && parts->link == *link.parent &&
         parts->digits == std::to_string(link.vid->number());
}

// Named LINK.VID and used, a plain one needs no table.
std::optional<Table> vlan_table(const DraftLink& link, const Links& links) {
  const bool implied = link.kind == DraftKind::unknown && split_vlan_name(link.name);
  if (link.kind != DraftKind::vlan && !(implied && (link.mtu || link.hosts()))) return std::nullopt;
  Table table;
  if (!implied && !tells_itself(link)) {
    if (link.parent) add(table, "link", *link.parent);
    if (link.vid) add(table, "id", std::int64_t{link.vid->number()});
  }
  if (link.protocol == VlanProtocol::ieee_802_1ad) add(table, "protocol", std::string("802.1ad"));
  add_options(table, link.options);
  add_common(table, link, false);
  if (table.empty() && is_used(link.name, links)) return std::nullopt;
  return table;
}

// What belongs to a link's place as a port, and the mtu of one that has no table of its own.
std::optional<Table> port_table(const DraftLink& link, const Links& links) {
  if (!is_used(link.name, links)) return std::nullopt;
  Table table;
  const bool no_table = link.kind == DraftKind::unknown && !split_vlan_name(link.name);
  if (no_table && link.mtu) add(table, "mtu", std::int64_t{*link.mtu});
  if (const auto vlans = tagged_vlans(link); !vlans.empty()) add(table, "vlans", text_of(vlans));
  if (link.pvid) add(table, "pvid", std::int64_t{link.pvid->number()});
  add_options(table, link.port_options);
  return table.empty() ? std::nullopt : std::optional(std::move(table));
}

Table vif_table(const DraftConfig& draft) {
  Table table;
  if (draft.default_bridge) add(table, "bridge", *draft.default_bridge);
  if (draft.antispoof == Antispoof::mac) add(table, "antispoof", std::string("mac"));
  if (draft.antispoof == Antispoof::mac_ip) add(table, "antispoof", std::string("mac-ip"));
  return table;
}

struct TableKind {
  const char* kind;
  std::optional<Table> (*table_of)(const DraftLink& link, const Links& links);
};

Table document_of(const DraftConfig& draft) {
  Table document;
  const Links links = draft.links();
  for (const auto& [kind, table_of] :
       {TableKind{"bond", bond_table}, TableKind{"vlan", vlan_table},
        TableKind{"bridge", bridge_table}, TableKind{"port", port_table}}) {
    Table members;
    for (const auto* link : links)
      if (auto table = table_of(*link, links)) add(members, link->name, std::move(*table));
    if (!members.empty()) add(document, kind, std::move(members));
  }
  if (auto table = vif_table(draft); !table.empty()) add(document, "vif", std::move(table));
  if (draft.dhcp_client)
    add(document, "host", Table{entry("dhcp_client", name_of(*draft.dhcp_client))});
  return document;
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
  tidy(draft);
  Table document = document_of(draft);
  settle(document, draft);
  auto remarks = first_of(draft.remarks());
  Lines lines = lines_of(remarks, document);
  const auto at_the_end = std::exchange(lines[""], {});
  std::string text = toml_text(document, [&](const std::string& table) { return lines[table]; });
  if (!at_the_end.empty() && !text.empty()) text += "\n";
  for (const auto& line : at_the_end) text += line + "\n";
  return {std::move(text), std::move(remarks)};
}

}  // namespace vifchain::inline convert

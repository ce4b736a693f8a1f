// SPDX-License-Identifier: Apache-2.0
// Where the rows of KEYS come from: the table of options, and plans on a host with one chain.
#include "key_rows.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "core/plan/desired.hpp"
#include "core/plan/plan.hpp"
#include "link_text.hpp"

namespace vifchain {
namespace {

// A chain of vifchain's with a guest on it, which carries traffic.
constexpr const char* chain =
    "eth0    given in bond1 up mtu=1500\n"
    "eth1    given in bond1 up mtu=1500\n"
    "bond1   bond ours up mtu=1500\n"
    "bond1.3 vlan 3 on bond1 ours in xenbr0 up mtu=1500\n"
    "xenbr0  bridge ours up mtu=1500\n"
    "vif7.0  given in xenbr0 up mtu=1500 mac=fe:ff:ff:ff:ff:ff\n";

const LinkName& link_with(Owner owner) {
  static const LinkName bond = LinkName::parse("bond1").value();
  static const LinkName vlan = LinkName::parse("bond1.3").value();
  static const LinkName bridge = LinkName::parse("xenbr0").value();
  static const LinkName nic = LinkName::parse("eth0").value();
  switch (owner) {
    case Owner::bond:
      return bond;
    case Owner::bridge:
      return bridge;
    case Owner::vlan:
    case Owner::bridge_port:
      return vlan;
    case Owner::bond_port:
      return nic;
  }
  throw std::logic_error("an owner without a link");
}

Options& place_of(Actual& links, Owner owner) {
  Link& link = links.at(link_with(owner));
  return owner == Owner::bond_port || owner == Owner::bridge_port ? link.port : options_of(link);
}

// A mode that has the option; 802.3ad, and of two the one that lets more of the others count.
std::int64_t mode_for(const OptionSpec& option) {
  for (const auto mode :
       {BondMode::lacp, BondMode::active_backup, BondMode::balance_rr, BondMode::balance_tlb})
    if (has_option(mode, option)) return static_cast<std::int64_t>(mode);
  throw std::logic_error(std::string(option.key) + ": no mode has it");
}

// The chain with the values that the kernel gives, and with what `option` needs to count at all.
Actual host_for(const OptionSpec& option) {
  auto links = parse_actual(chain);
  for (const auto& row : all_options())
    if (const auto value = kernel_default(row.id)) place_of(links, row.owner)[row.id] = *value;
  auto& bond = place_of(links, Owner::bond);
  bond[Option::bond_mode] = mode_for(option);
  bond[Option::bond_miimon] = option.id == Option::bond_arp_interval ? 0 : usual_miimon;
  erase_if(bond, [&](const auto& entry) {
    return !has_option(static_cast<BondMode>(mode_for(option)), spec(entry.first));
  });
  return links;
}

struct OtherValue {
  const OptionSpec& option;
  Value operator()(std::int64_t number) const {
    if (option.form == Form::flag) return std::int64_t{1} - number;
    for (const auto& choice : option.choices)
      if (choice.number != number) return choice.number;
    // A hundredth of a second less counts as the same.
    const auto other = number + (option.form == Form::seconds ? 100 : 1);
    return other > option.max ? option.min : other;
  }
  Value operator()(const LinkName&) const { return LinkName::parse("eth1").value(); }
  Value operator()(const Mac&) const { return Mac{{0x02, 0, 0, 0, 0, 0x09}}; }
  Value operator()(const std::vector<IpAddress>&) const {
    return std::vector{IpAddress::parse("192.0.2.1").value()};
  }
  Value operator()(const QosMap&) const { return QosMap{{0, 1}}; }
};

Value first_value(const OptionSpec& option) {
  if (option.form == Form::port) return link_with(Owner::bond_port);
  return option.min;
}

// The file with another value of the option, on a host that has the one before.
struct Change {
  Actual host;
  DesiredChain desired;
};

Change change_of(const OptionSpec& option) {
  Change change{.host = host_for(option), .desired = {}};
  auto& found = place_of(change.host, option.owner);
  found.emplace(option.id, first_value(option));
  Actual file = change.host;
  auto& value = place_of(file, option.owner)[option.id];
  value = std::visit(OtherValue{option}, value);
  for (auto& [name, link] : file)
    if (link.mac != vif_mac) change.desired.links.emplace(name, std::move(link));
  return change;
}

Impact worst_of(const Plan& plan, const OptionSpec& option) {
  if (plan.steps.empty()) throw std::logic_error(std::string(option.key) + ": nothing to do");
  const auto by_impact = [](const Step& a, const Step& b) { return a.impact < b.impact; };
  return std::ranges::max_element(plan.steps, by_impact)->impact;
}

std::string unit_of(const OptionSpec& option) {
  if (option.form == Form::seconds) return " s";
  return option.unit.empty() ? "" : " " + std::string(option.unit);
}

std::string range_of(const OptionSpec& option) {
  return show(option.id, option.min) + " to " + show(option.id, option.max) + unit_of(option);
}

template <typename List, typename Text>
std::string joined(const List& list, const std::string& between, Text text) {
  std::string all;
  for (const auto& element : list) all += (all.empty() ? "" : between) + std::string(text(element));
  return all;
}

std::string values_of(const OptionSpec& option) {
  switch (option.form) {
    case Form::flag:
      return "true | false";
    case Form::number:
    case Form::seconds:
      return range_of(option);
    case Form::choice:
      return joined(option.choices, " | ", [](const Choice& choice) { return choice.name; });
    case Form::mac:
      return "MAC address";
    case Form::port:
      return "name of a port";
    case Form::addresses:
      return "list of addresses";
    case Form::qos_map:
      return "list of \"FROM:TO\"";
  }
  return {};
}

std::string default_of(const OptionSpec& option) {
  const auto value = kernel_default(option.id);
  if (!value) return option.form == Form::port ? "none" : "set by the kernel";
  return show(option.id, *value) + unit_of(option);
}

std::string modes_of(const OptionSpec& option) {
  if (option.modes == all_bond_modes) return {};
  std::vector<std::string_view> modes;
  for (const auto& mode : spec(Option::bond_mode).choices)
    if (has_option(static_cast<BondMode>(mode.number), option)) modes.push_back(mode.name);
  return joined(modes, ", ", [](std::string_view mode) { return mode; });
}

// As troff has it: each hyphen is a minus sign, and may be copied.
std::string escaped(std::string_view text) {
  std::string all;
  for (const char c : text) all += c == '-' ? "\\-" : std::string(1, c);
  return all;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Of the row under the .TP at `from`: its last .br, after which the meaning begins.
std::size_t end_of_row(const std::vector<std::string>& lines, std::size_t from) {
  auto end = from + 1;
  for (auto i = from + 1; i < lines.size() && lines[i] != ".TP" && lines[i].find(".S") != 0; ++i)
    if (lines[i] == ".br") end = i;
  return end;
}

}  // namespace

std::string_view heading_of(Owner owner) {
  switch (owner) {
    case Owner::bond:
      return ".SS Bonds";
    case Owner::vlan:
      return ".SS VLAN links";
    case Owner::bridge:
      return ".SS Bridges";
    case Owner::bridge_port:
      return ".SS Ports of bridges";
    case Owner::bond_port:
      return ".SS Ports of bonds";
  }
  return {};
}

std::string at_guest_start(const OptionSpec& option) {
  auto change = change_of(option);
  keep_traffic(change.desired, change.host);
  return change.desired.notes.empty() ? "live" : "kept, with a warning";
}

std::string at_apply(const OptionSpec& option) {
  const auto change = change_of(option);
  const auto worst = worst_of(make_plan(change.desired.links, change.host), option);
  // br_vlan_set_stats_per_port(), br_mst_set_enabled(): no plan of ours empties a bridge for them.
  if (option.owner == Owner::bridge && option.when == When::no_ports)
    return "refused by the kernel while the bridge has ports";
  switch (worst) {
    case Impact::hot:
      // Nothing goes down, and still some frames that passed before do not, or the other way round.
      return at_guest_start(option) == "live" ? "no interruption"
                                              : "links stay up, guests may lose frames";
    case Impact::link_down:
      return "link goes down";
    case Impact::ports_removed:
      return "ports leave";
    case Impact::recreates:
      return "recreated";
  }
  return {};
}

std::vector<std::string> row_of(const OptionSpec& option) {
  std::vector<std::string> row{".BR " + std::string(option.key) +
                               " \" = " + escaped(values_of(option)) + "\""};
  if (row.front().find("\"FROM") != std::string::npos)
    row.front() = ".BR " + std::string(option.key) + " \" = list of \\(dqFROM:TO\\(dq\"";
  row.push_back("Default: " + escaped(default_of(option)) + ".");
  if (const auto modes = modes_of(option); !modes.empty())
    row.push_back("Modes: " + escaped(modes) + ".");
  if (!option.since.empty()) row.push_back("Since: Linux " + std::string(option.since) + ".");
  row.emplace_back(".br");
  row.push_back("At guest start: " + at_guest_start(option) + ".");
  row.push_back("At apply: " + at_apply(option) + ".");
  row.emplace_back(".br");
  return row;
}

std::string with_rows(std::string_view page) {
  std::string all, heading;
  const auto lines = lines_of(page);
  auto next = all_options().begin();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    all += lines[i] + "\n";
    if (lines[i].starts_with(".SS ") || lines[i].starts_with(".SH ")) heading = lines[i];
    const bool entry = next != all_options().end() && lines[i] == ".TP" && i + 1 < lines.size() &&
                       heading == heading_of(next->owner);
    if (!entry) continue;
    const std::string tag = lines[i + 1] + " ";
    if (!tag.starts_with(".BR " + std::string(next->key) + " "))
      throw std::runtime_error("expected " + std::string(next->key) + ", found " + lines[i + 1]);
    for (const auto& line : row_of(*next)) all += line + "\n";
    i = end_of_row(lines, i);
    ++next;
  }
  if (next != all_options().end())
    throw std::runtime_error("no entry for " + std::string(next->key) + " under " +
                             std::string(heading_of(next->owner)));
  return all;
}

}  // namespace vifchain

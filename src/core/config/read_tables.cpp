// SPDX-License-Identifier: Apache-2.0
#include "core/config/read_tables.hpp"

#include <algorithm>
#include <array>

#include "core/config/complain.hpp"
#include "core/config/read_value.hpp"
#include "core/text/escape.hpp"
#include "core/text/list.hpp"
#include "core/text/nearest.hpp"

namespace vifchain::inline core::inline config {
namespace {

using Reader = void (*)(const Entry&, Draft&, Diagnostics&);

struct Section {
  std::string_view key;
  Reader read;
};
constexpr Section sections[] = {
    {"bond", read_bond}, {"vlan", read_vlan}, {"bridge", read_bridge}, {"port", read_port}};

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// [vlan.bond1.3]: the dot splits the name, TOML then sees a table "3" in a table "bond1".
const Entry* rest_of_split_name(const Table& table) {
  const auto found = std::find_if(table.begin(), table.end(), [](const Entry& entry) {
    return std::holds_alternative<Table>(entry.node.value) && is_number(entry.key);
  });
  return found == table.end() ? nullptr : &*found;
}

void read_member(const Section& section, const Entry& entry, Draft& draft, Diagnostics& wrong) {
  const std::string form = "[" + std::string(section.key) + ".";
  if (!std::holds_alternative<Table>(entry.node.value))
    return complain(wrong, entry, "must be one table, " + form + entry.key + "]");
  if (const Entry* rest = rest_of_split_name(table_of(entry)))
    return complain(
        wrong, rest->place,
        "a name with a dot needs quotes, " + form + quoted(entry.key + "." + rest->key) + "]");
  section.read(entry, draft, wrong);
}

void read_section(const Section& section, const Entry& entry, Draft& draft, Diagnostics& wrong) {
  const auto* members = std::get_if<Table>(&entry.node.value);
  if (members == nullptr)
    return complain(wrong, entry, "must be a table, [" + entry.key + ".NAME]");
  for (const auto& member : *members) read_member(section, member, draft, wrong);
}

void read_top(const Entry& entry, Draft& draft, Diagnostics& wrong) {
  for (const auto& section : sections)
    if (section.key == entry.key) return read_section(section, entry, draft, wrong);
  if (entry.key == "vif") return read_vif(entry, draft, wrong);
  if (entry.key == "host") return read_host(entry, draft, wrong);
  auto near = nearest(entry.key, {"bond", "vlan", "bridge", "port", "vif", "host"});
  std::string sentence = "unknown table " + quoted(entry.key);
  if (near.empty())
    sentence +=
        "; known are [bond.NAME], [vlan.NAME], [bridge.NAME], [port.NAME], [vif] and [host]";
  complain(wrong, entry.place, {}, std::move(sentence), std::move(near));
}

// Other tools' words for our keys.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> other_words{{
    {"slaves", "ports"},
    {"members", "ports"},
    {"interfaces", "ports"},
    {"bridge_ports", "ports"},
    {"num_grat_arp", "num_peer_notif"},
    {"num_unsol_na", "num_peer_notif"},
    {"arp_missed_max", "missed_max"},
    {"stp_state", "stp"},
    {"hello", "hello_time"},
    {"fd", "forward_delay"},
    {"hwaddr", "mac"},
    {"vid", "id"},
    {"parent", "link"},
    {"unicast_flood", "flood"},
}};

std::vector<std::string_view> all_keys(const KnownKeys& known) {
  auto keys = known.own;
  if (known.hosting) keys.insert(keys.end(), hosting_keys().begin(), hosting_keys().end());
  for (const auto& option : all_options())
    if (std::find(known.owners.begin(), known.owners.end(), option.owner) != known.owners.end())
      keys.push_back(option.key);
  return keys;
}

std::string nearest_key(std::string_view written, const std::vector<std::string_view>& keys) {
  for (const auto& [theirs, ours] : other_words)
    if (theirs == written && std::find(keys.begin(), keys.end(), ours) != keys.end())
      return std::string(ours);
  return nearest(written, keys);
}

std::string owners_of(std::string_view key) {
  constexpr const char* owners[] = {"bonds, [bond.NAME]", "VLAN links, [vlan.NAME]",
                                    "bridges, [bridge.NAME]", "ports of bridges, [port.NAME]",
                                    "ports of bonds, [port.NAME]"};  // in the order of Owner
  for (const auto& option : all_options())
    if (option.key == key) return owners[static_cast<std::size_t>(option.owner)];
  return {};
}

// Names that stand for something else in /proc/sys/net (sysctl_dev_name_is_allowed) and
// /sys/class/net, and the loopback link.
bool is_reserved(std::string_view name) {
  return name == "all" || name == "default" || name == "bonding_masters" || name == "lo";
}

}  // namespace

Draft read_tables(const Table& document, Diagnostics& wrong) {
  Draft draft;
  for (const auto& entry : document) read_top(entry, draft, wrong);
  return draft;
}

const Table& table_of(const Entry& entry) {
  return std::get<Table>(entry.node.value);
}

bool read_option_key(Owner owner, const Entry& entry, LinkDraft& link, Diagnostics& wrong) {
  const auto* option = find_option(owner, entry.key);
  if (option == nullptr) return false;
  if (auto value = read_option(*option, entry.node, wrong))
    link.options.emplace(option->id, as_written(std::move(*value), entry.node));
  else
    link.unread.push_back(option->id);
  return true;
}

bool has_key(const Table& table, std::string_view key) {
  return std::ranges::find(table, key, &Entry::key) != table.end();
}

bool read_ports_key(const Entry& entry, std::vector<Word>& ports, Diagnostics& wrong) {
  if (entry.key != "ports") return false;
  if (auto words = read_words("ports", entry.node, wrong)) ports = std::move(*words);
  return true;
}

void unknown_key(const Entry& entry, const KnownKeys& known, Diagnostics& wrong) {
  const auto keys = all_keys(known);
  std::string sentence = "unknown key " + quoted(entry.key) + " in " + known.table;
  const auto elsewhere = owners_of(entry.key);
  if (!elsewhere.empty())
    return complain(wrong, entry.place, sentence + "; it belongs to " + elsewhere);
  if (!is_worth_guessing(wrong)) return complain(wrong, entry.place, std::move(sentence));
  auto near = nearest_key(entry.key, keys);
  if (near.empty()) sentence += "; known are " + joined(keys);
  complain(wrong, entry.place, {}, std::move(sentence), std::move(near));
}

bool right_name(const Entry& entry, Diagnostics& wrong) {
  auto why_not = why_no_name_of_file(entry.key);
  if (why_not.empty() && is_reserved(entry.key)) why_not = "is reserved by the kernel";
  if (why_not.empty()) return true;
  complain(wrong, entry.place, no_link_name(entry.key, why_not));
  return false;
}

}  // namespace vifchain::inline core::inline config

// SPDX-License-Identifier: Apache-2.0
// [vlan.NAME]
#include "core/config/complain.hpp"
#include "core/config/read_tables.hpp"
#include "core/config/read_value.hpp"

namespace vifchain::inline core::inline config {
namespace {

constexpr Choice protocols[] = {{"802.1q", 0x8100}, {"802.1ad", 0x88a8}};

bool read_link(const Entry& entry, VlanDraft& vlan, Diagnostics& wrong) {
  if (entry.key != "link") return false;
  if (auto link = read_string("link", entry.node, wrong))
    vlan.link = Word{std::move(*link), entry.node.place, entry.node.text};
  return true;
}

bool read_id(const Entry& entry, VlanDraft& vlan, Diagnostics& wrong) {
  if (entry.key != "id") return false;
  if (const auto id = read_vlan_id("id", entry.node, wrong))
    vlan.id = Written<VlanId>{*id, entry.node.place, entry.node.text};
  return true;
}

bool read_protocol(const Entry& entry, VlanDraft& vlan, Diagnostics& wrong) {
  if (entry.key != "protocol") return false;
  if (const auto number = read_choice("protocol", protocols, entry.node, wrong))
    vlan.protocol = static_cast<VlanProtocol>(*number);
  return true;
}

bool read_vlan_key(const Entry& entry, VlanDraft& vlan, Diagnostics& wrong) {
  return read_link(entry, vlan, wrong) || read_id(entry, vlan, wrong) ||
         read_protocol(entry, vlan, wrong) || read_option_key(Owner::vlan, entry, vlan, wrong) ||
         read_mtu_key(entry, vlan, wrong) || read_hosting_key(entry, vlan.hosting, wrong);
}

bool has_key(const Table& table, std::string_view key) {
  for (const auto& entry : table)
    if (entry.key == key) return true;
  return false;
}

}  // namespace

void read_vlan(const Entry& entry, Draft& draft, Diagnostics& wrong) {
  VlanDraft vlan;
  vlan.name = entry.key;
  vlan.place = entry.place;
  const KnownKeys known{
      "[vlan." + entry.key + "]", {"link", "id", "protocol", "mtu"}, {Owner::vlan}, true};
  for (const auto& key : table_of(entry))
    if (!read_vlan_key(key, vlan, wrong)) unknown_key(key, known, wrong);
  const bool unread = (!vlan.link && has_key(table_of(entry), "link")) ||
                      (!vlan.id && has_key(table_of(entry), "id"));
  if (right_name(entry, wrong) && !unread) draft.vlans.push_back(std::move(vlan));
}

}  // namespace vifchain::inline core::inline config

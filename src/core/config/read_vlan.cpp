// SPDX-License-Identifier: Apache-2.0
// [vlan.NAME]
#include "core/config/complain.hpp"
#include "core/config/read_tables.hpp"
#include "core/config/read_value.hpp"

namespace vifchain::inline core::inline config {
namespace {

constexpr Choice protocols[] = {{"802.1q", 0x8100}, {"802.1ad", 0x88a8}};

bool read_protocol(const Entry& entry, VlanDraft& vlan, Diagnostics& wrong) {
  if (entry.key != "protocol") return false;
  if (const auto number = read_choice("protocol", protocols, entry.node, wrong))
    vlan.protocol = static_cast<VlanProtocol>(*number);
  return true;
}

bool read_vlan_key(const Entry& entry, VlanDraft& vlan, Diagnostics& wrong) {
  return take_key(entry, "link", read_string, vlan.link, wrong) ||
         take_key(entry, "id", read_vlan_id, vlan.id, wrong) || read_protocol(entry, vlan, wrong) ||
         read_option_key(Owner::vlan, entry, vlan, wrong) ||
         take_key(entry, "mtu", read_mtu, vlan.mtu, wrong) ||
         read_hosting_key(entry, vlan.hosting, wrong);
}

}  // namespace

void read_vlan(const Entry& entry, Draft& draft, Diagnostics& wrong) {
  auto vlan = table_at<VlanDraft>(entry);
  const KnownKeys known{
      "[vlan." + entry.key + "]", {"link", "id", "protocol", "mtu"}, {Owner::vlan}, true};
  for (const auto& key : table_of(entry))
    if (!read_vlan_key(key, vlan, wrong)) unknown_key(key, known, wrong);
  const bool unread = (!vlan.link && has_key(table_of(entry), "link")) ||
                      (!vlan.id && has_key(table_of(entry), "id"));
  if (right_name(entry, wrong) && !unread) draft.vlans.push_back(std::move(vlan));
}

}  // namespace vifchain::inline core::inline config

// SPDX-License-Identifier: Apache-2.0
// [port.NAME]
#include "core/config/complain.hpp"
#include "core/config/read_tables.hpp"
#include "core/config/read_value.hpp"

namespace vifchain::inline core::inline config {
namespace {

// Bits of the mask that br_setport refuses: pause frames are never forwarded
// (BR_GROUPFWD_MACPAUSE).
constexpr std::int64_t pause_bit = 2;

bool read_vlans(const Entry& entry, PortDraft& port, Diagnostics& wrong) {
  if (entry.key != "vlans") return false;
  if (auto vlans = read_vids("vlans", entry.node, wrong))
    port.vlans = Written<VidRanges>{std::move(*vlans), entry.node.place, entry.node.text};
  return true;
}

bool read_pvid(const Entry& entry, PortDraft& port, Diagnostics& wrong) {
  if (entry.key != "pvid") return false;
  if (const auto pvid = read_vlan_id("pvid", entry.node, wrong))
    port.pvid = Written<VlanId>{*pvid, entry.node.place, entry.node.text};
  return true;
}

bool read_port_key(const Entry& entry, PortDraft& port, Diagnostics& wrong) {
  return read_mtu_key(entry, port, wrong) || read_vlans(entry, port, wrong) ||
         read_pvid(entry, port, wrong) || read_option_key(Owner::bridge_port, entry, port, wrong) ||
         read_option_key(Owner::bond_port, entry, port, wrong);
}

// The kernel takes mab only on a locked port that learns (br_setport).
void check_mab(const PortDraft& port, Diagnostics& wrong) {
  if (integer(port, Option::port_mab) != 1) return;
  const bool locked =
      integer(port, Option::port_locked) == 1 || is_unread(port, Option::port_locked);
  if (!locked || integer(port, Option::port_learning) == 0)
    complain(wrong, *written(port, Option::port_mab),
             "mab needs locked = true, and learning left on");
}

void check_port(const PortDraft& port, Diagnostics& wrong) {
  check_mab(port, wrong);
  const auto mask = integer(port, Option::port_group_fwd_mask);
  if (mask && (*mask & pause_bit) != 0)
    complain(wrong, *written(port, Option::port_group_fwd_mask),
             "group_fwd_mask must not have bit 1 (2), pause frames");
  if (port.vlans && port.pvid && contains(port.vlans->value, port.pvid->value))
    complain(
        wrong, *port.pvid,
        "pvid goes untagged; it must not be among the tagged vlans" + in_line(port.vlans->place));
}

}  // namespace

void read_port(const Entry& entry, Draft& draft, Diagnostics& wrong) {
  PortDraft port;
  port.name = entry.key;
  port.place = entry.place;
  const KnownKeys known{
      "[port." + entry.key + "]", {"mtu", "vlans", "pvid"}, {Owner::bridge_port, Owner::bond_port}};
  for (const auto& key : table_of(entry))
    if (!read_port_key(key, port, wrong)) unknown_key(key, known, wrong);
  check_port(port, wrong);
  if (right_name(entry, wrong)) draft.ports.push_back(std::move(port));
}

}  // namespace vifchain::inline core::inline config

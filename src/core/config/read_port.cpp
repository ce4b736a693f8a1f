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

bool read_port_key(const Entry& entry, PortDraft& port, Diagnostics& wrong) {
  return take_key(entry, "mtu", read_mtu, port.mtu, wrong) ||
         take_key(entry, "vlans", read_vids, port.vlans, wrong) ||
         take_key(entry, "pvid", read_vlan_id, port.pvid, wrong) ||
         read_option_key(Owner::bridge_port, entry, port, wrong) ||
         read_option_key(Owner::bond_port, entry, port, wrong);
}

// The kernel takes mab only on a locked port that learns (br_setport).
void check_mab(const PortDraft& port, Diagnostics& wrong) {
  if (integer(port, Option::port_mab) != 1) return;
  const bool locked =
      integer(port, Option::port_locked) == 1 || is_unread(port, Option::port_locked);
  if (!locked || integer(port, Option::port_learning) == 0)
    complain(wrong, written(port, Option::port_mab)->place,
             "mab needs locked = true, and learning left on");
}

void check_port(const PortDraft& port, Diagnostics& wrong) {
  check_mab(port, wrong);
  const auto mask = integer(port, Option::port_group_fwd_mask);
  if (mask && (*mask & pause_bit) != 0)
    complain_unexpected(wrong, *written(port, Option::port_group_fwd_mask), "group_fwd_mask",
                        "bit 2 (pause frames) unset");
  if (port.vlans && port.pvid && contains(port.vlans->value, port.pvid->value))
    complain_unexpected(wrong, *port.pvid, "pvid",
                        "an id outside the tagged vlans" + in_line(port.vlans->place));
}

}  // namespace

void read_port(const Entry& entry, Draft& draft, Diagnostics& wrong) {
  auto port = table_at<PortDraft>(entry);
  const KnownKeys known{
      "[port." + entry.key + "]", {"mtu", "vlans", "pvid"}, {Owner::bridge_port, Owner::bond_port}};
  for (const auto& key : table_of(entry))
    if (!read_port_key(key, port, wrong)) unknown_key(key, known, wrong);
  check_port(port, wrong);
  if (right_name(entry, wrong)) draft.ports.push_back(std::move(port));
}

}  // namespace vifchain::inline core::inline config

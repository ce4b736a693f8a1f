// SPDX-License-Identifier: Apache-2.0
// What the options of one bridge say about each other (net/bridge/br_netlink.c, br_stp.c).
#include "core/config/complain.hpp"
#include "core/config/read_tables.hpp"

namespace vifchain::inline core::inline config {
namespace {

// BR_GROUPFWD_RESTRICTED: STP, pause and LACP frames are never forwarded.
constexpr std::int64_t restricted_bits = 7;

// BR_MIN_FORWARD_DELAY and BR_MAX_FORWARD_DELAY bind while STP is on (br_set_forward_delay).
void check_forward_delay(const BridgeDraft& bridge, Diagnostics& wrong) {
  const auto delay = integer(bridge, Option::bridge_forward_delay);
  if (!delay || integer(bridge, Option::bridge_stp) != 1) return;
  if (*delay < 200 || *delay > 3000)
    complain_unexpected(
        wrong, *written(bridge, Option::bridge_forward_delay), "forward_delay",
        "2 to 30 seconds while stp is on" + in_line(written(bridge, Option::bridge_stp)->place));
}

void check_fwd_mask(const BridgeDraft& bridge, Diagnostics& wrong) {
  const auto mask = integer(bridge, Option::bridge_group_fwd_mask);
  if (mask && (*mask & restricted_bits) != 0)
    complain_unexpected(wrong, *written(bridge, Option::bridge_group_fwd_mask), "group_fwd_mask",
                        "bits 1, 2 and 4 (STP, pause and LACP frames) unset");
}

// br_changelink: a link-local group, and none of those that 802.3x, 802.3ad and 802.1X use.
void check_group_addr(const BridgeDraft& bridge, Diagnostics& wrong) {
  const auto* address = written(bridge, Option::bridge_group_addr);
  if (address == nullptr) return;
  const auto& bytes = std::get<Mac>(address->value).bytes;
  const auto last = bytes[5];
  const Mac group{{0x01, 0x80, 0xc2, 0x00, 0x00, last}};
  if (Mac{bytes} != group || last > 0x0f || (last >= 1 && last <= 3))
    complain_unexpected(wrong, *address, "group_addr",
                        "01:80:c2:00:00:00 or 01:80:c2:00:00:04 to 01:80:c2:00:00:0f");
}

// br_multicast_toggle_vlan_snooping
void check_vlan_snooping(const BridgeDraft& bridge, Diagnostics& wrong) {
  const bool filters = integer(bridge, Option::bridge_vlan_filtering) == 1 ||
                       is_unread(bridge, Option::bridge_vlan_filtering);
  if (integer(bridge, Option::bridge_mcast_vlan_snooping) == 1 && !filters)
    complain(wrong, written(bridge, Option::bridge_mcast_vlan_snooping)->place,
             "mcast_vlan_snooping needs vlan_filtering = true");
}

}  // namespace

void check_bridge(const BridgeDraft& bridge, Diagnostics& wrong) {
  check_forward_delay(bridge, wrong);
  check_fwd_mask(bridge, wrong);
  check_group_addr(bridge, wrong);
  check_vlan_snooping(bridge, wrong);
}

}  // namespace vifchain::inline core::inline config

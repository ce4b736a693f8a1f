// SPDX-License-Identifier: Apache-2.0
// rtnetlink requests, begun.
#pragma once

#include <linux/rtnetlink.h>
#include <net/if.h>

#include "edge/netlink/attributes.hpp"
#include "edge/netlink/rtnl.hpp"

namespace vifchain::inline edge::inline netlink {

// Room for a bridge with all of its options (some 700 bytes), with plenty to spare.
inline constexpr std::size_t usual_size = 2048;

// A request with its body, to which attributes may be added up to `size` bytes in all.
template <typename Body>
Message new_message(int type, int flags, const Body& body, std::size_t size = usual_size) {
  Message message(nlmsg_alloc_size(NLMSG_ALIGN(size)));
  if (!message || nlmsg_put(message.get(), NL_AUTO_PORT, NL_AUTO_SEQ, type, 0, flags) == nullptr ||
      nlmsg_append(message.get(), const_cast<Body*>(&body), sizeof body, NLMSG_ALIGNTO) < 0)
    throw Error(ENOMEM, "writing a rtnetlink request");
  return message;
}

inline ifinfomsg link_body(unsigned index) {
  ifinfomsg body{};
  body.ifi_index = static_cast<int>(index);
  return body;
}

inline ifinfomsg flags_body(unsigned index, bool up) {
  ifinfomsg body = link_body(index);
  body.ifi_flags = up ? IFF_UP : 0;
  body.ifi_change = IFF_UP;
  return body;
}

// Of a link's queueing discipline or filter (linux/pkt_sched.h).
inline tcmsg traffic_body(unsigned index, std::uint32_t parent, std::uint32_t handle = 0) {
  tcmsg body{};
  body.tcm_family = AF_UNSPEC;
  body.tcm_ifindex = static_cast<int>(index);
  body.tcm_parent = parent;
  body.tcm_handle = handle;
  return body;
}

}  // namespace vifchain::inline edge::inline netlink

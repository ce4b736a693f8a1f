// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/ingress_filters.hpp"

#include <linux/pkt_sched.h>
#include <net/if.h>

#include <cerrno>

#include "edge/netlink/new_message.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

// Both have the same handle (ingress_init, clsact_init in sch_ingress.c).
std::set<unsigned> links_with_ingress(Rtnl& rtnl) {
  const Answer answer =
      rtnl.exchange(new_message(RTM_GETQDISC, NLM_F_DUMP, traffic_body(0, 0), 256));
  std::set<unsigned> links;
  if (answer.error == EOPNOTSUPP) return links;  // a kernel without queueing disciplines
  if (answer.error != 0)
    throw Error(answer.error, "reading the queueing disciplines", answer.words);
  for (const auto* message : messages_of(answer)) {
    const auto& body = *static_cast<const tcmsg*>(nlmsg_data(message));
    if (body.tcm_handle == TC_H_MAKE(TC_H_INGRESS, 0))
      links.insert(static_cast<unsigned>(body.tcm_ifindex));
  }
  return links;
}

bool has_filters(Rtnl& rtnl, unsigned index) {
  const auto parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS);
  const Answer answer =
      rtnl.exchange(new_message(RTM_GETTFILTER, NLM_F_DUMP, traffic_body(index, parent), 256));
  return answer.error == 0 && !messages_of(answer).empty();
}

}  // namespace

std::set<LinkName> read_ingress_filters(const std::set<LinkName>& links, const Patience& patience) {
  Rtnl rtnl(patience);
  const auto candidates = links_with_ingress(rtnl);
  std::set<LinkName> filtered;
  if (candidates.empty()) return filtered;
  for (const auto& name : links) {
    const unsigned index = if_nametoindex(name.str().c_str());
    if (candidates.contains(index) && has_filters(rtnl, index)) filtered.insert(name);
  }
  return filtered;
}

}  // namespace vifchain::inline edge::inline kernel

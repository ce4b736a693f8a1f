// SPDX-License-Identifier: Apache-2.0
// What is stacked on the links of this network namespace, here and in others; and what else they
// are called.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/plan/preflight/preflight.hpp"
#include "edge/kernel/kernel.hpp"

struct nlmsghdr;

namespace vifchain::inline edge::inline kernel {

struct LinkUppers {
  std::map<LinkName, unsigned> indices;      // every link here
  std::map<LinkName, LinkName> other_names;  // alternative name → name; those that a link may have
  std::vector<Upper> uppers;                 // VLAN links, macvlan and their like
};

// The index of the link here that this one takes frames from (RTM_NEWLINK); nothing for VLAN links,
// which Link tells, and for links that take none.
std::optional<unsigned> carrier_of(const nlmsghdr& link_message);

// A link that was moved to another namespace is seen if that has an id here, as the kernel gives it
// one at the move (dev_change_net_namespace), and if this process may look there (CAP_NET_ADMIN of
// it). Throws Error when not even the links here can be read.
LinkUppers read_link_uppers(const Patience& patience);

}  // namespace vifchain::inline edge::inline kernel

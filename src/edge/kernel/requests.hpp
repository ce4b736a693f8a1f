// SPDX-License-Identifier: Apache-2.0
// Questions and steps as rtnetlink requests.
#pragma once

#include <vector>

#include "core/plan/plan.hpp"
#include "edge/kernel/options.hpp"
#include "edge/netlink/rtnl.hpp"

namespace vifchain::inline edge::inline kernel {

Message ask_link(const LinkName& name);
Message ask_link(unsigned index);
Message ask_all_links(bool statistics = false);

// Of one link, or with index 0 of all.
Message ask_addresses(unsigned index);
Message ask_vlans(unsigned index);
Message ask_fdb(unsigned index);
Message ask_fdb_entry(unsigned index, const FdbEntry& entry);

// Puts the link into a netdev group; among those of ours that leave, and back among those that
// stay; and deletes all links of a group.
Message set_group(unsigned index, std::uint32_t group);
Message set_leaving(unsigned index);
Message set_staying(unsigned index);
Message delete_group(std::uint32_t group);

// The links whose index the requests for this step carry: what it works on, and for a link to be
// made the ones it is stacked on or joins.
std::vector<LinkName> links_addressed_by(const Op& op);

// The requests that perform one step, each to be acknowledged: one, but more where VLANs or
// several addresses change. `index_of` knows every link of links_addressed_by.
std::vector<Message> requests_for(const Op& op, const IndexOf& index_of);

}  // namespace vifchain::inline edge::inline kernel

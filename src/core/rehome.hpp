// Where this host's own addresses and routes live once a wish is true.
#pragma once

#include <map>
#include <vector>

#include "core/dhcp.hpp"
#include "core/hosting.hpp"
#include "core/link.hpp"

namespace vifchain {

// The links of the wish whose routes matter to rehome(): those that carry addresses, or are to.
std::vector<LinkName> links_to_rehome(const Desired& wish, const Actual& actual,
                                      const std::map<LinkName, Hosting>& hosting);

// Completes the wish: nothing of this host is deaf or lost when it is true.
// - A link with a Hosting has those addresses and routes; of the others it has, it keeps what is
// not
//   marked as ours.
// - A link that carries addresses and is to become a port hands them and its routes to the link at
//   the top of what it becomes part of; that, and what lies between, is made with its MAC, so that
//   neither switch nor neighbours notice.
// - What is not marked as ours on a bridge or bond that is to go, goes to a port of it that stays:
//   the one whose MAC it has, or else the first.
// - What a DHCP client leaves behind is gone.
// `actual` has addresses, and routes of links_to_rehome().
void rehome(Desired& wish, const Actual& actual, const std::map<LinkName, Hosting>& hosting,
            const std::map<LinkName, DhcpLeavings>& left = {});

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// What of a link goes elsewhere when its NIC does.
#pragma once

#include "core/model/hosting.hpp"
#include "core/model/link.hpp"
#include "core/plan/dhcp.hpp"

namespace vifchain::inline core::inline plan {

// Whether it is taken along nowhere: vifchain's own, which the file gives anew where it is to be,
// and what a client leaves that ends.
bool ends(const LinkAddress& address, const DhcpLeavings& left);
bool ends(const Route& route, const DhcpLeavings& left);

// The link with those of its addresses and routes alone that leave it: what the file does not name
// there, be it in words or by a way to get it, and of what routers gave only what can live where
// it goes.
Link what_leaves(const Link& link, const Hosting& named, const DhcpLeavings& left, bool ra_goes);

// `link` is to have what `have` has, without that and what ends.
void keep_the_rest(Link& link, const Link& have, const Link& leaving, const DhcpLeavings& left);

}  // namespace vifchain::inline core::inline plan

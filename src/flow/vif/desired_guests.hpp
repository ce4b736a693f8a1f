// SPDX-License-Identifier: Apache-2.0
// What the policies of the file want of the ports of guests that run.
#pragma once

#include <map>
#include <set>
#include <string>

#include "core/model/topology.hpp"
#include "core/model/vif_event.hpp"
#include "edge/filter/filter.hpp"
#include "edge/kernel/link_names.hpp"
#include "edge/store/store.hpp"

namespace vifchain::inline flow::inline vif {

// Where it is asked for.
struct GuestSources {
  Store& store;
  LinkNames& names;
  const std::string& sysfs;
};

struct DesiredGuests {
  Desired ports;  // by link: port options, static MACs, filter and rate; all else stays
  std::map<LinkName, std::string> odd;  // why what is wanted of a port cannot be had or told
};

// Of every connected vif of this domain, and every emulated NIC beside one, that is a port of one
// of these bridges (of any, where none is named), by the policy of the bridge that it is on,
// whether the file makes that or somebody else. `now` has every link. Vifs that are being connected
// are not among them, and links without a backend directory are nobody's.
DesiredGuests desired_guests(const GuestSources& sources, const Topology& topology,
                             const Actual& now, const std::set<LinkName>& bridges = {});

// That of the bridge, by whichever declaration of the file makes it; the file's own for one of
// others.
VifPolicy policy_on(const Topology& topology, const LinkName& bridge);

// The vif that the port belongs to, by its xenbus device or by a name that it has or had; nothing
// for a link that is nobody's. `owner` is what the kernel or the device model called it.
struct PortOwner {
  VifId vif;
  LinkName owner;
};
std::optional<PortOwner> owner_of_port(const LinkName& link, LinkNames& names,
                                       const std::string& sysfs);

}  // namespace vifchain::inline flow::inline vif

// Ports of guests that run, as the policies of the file have them.
#pragma once

#include <set>
#include <vector>

#include "core/topology.hpp"
#include "flow/site.hpp"

namespace vifchain {

// What is wanted of all ports of guests on these bridges, or on all: see guest_wishes(). Where none
// is named, filters of links that are not there are to go as well: such a link is wanted with no
// filter. `notes` is told what cannot be had or known.
Desired guests_by_file(Site& site, const Topology& topology, const Actual& now,
                       const std::set<LinkName>& bridges, std::vector<std::string>& notes);

// Whether a link of a wish is a guest's port that is to stay where it is, or one that is gone.
bool is_guest_wish(const Link& want, const Actual& now);

// The steps that make the ports as they are wanted; `now` has filters, rates and static MACs.
std::vector<Step> plan_guests(const Desired& guests, const Actual& now);

enum class Mended : std::uint8_t { all, but_busy };

// Makes the ports as they are wanted, each under the lock of its vif, read anew and read back.
// Those that have gone meanwhile are passed over, and so are those that another run is at: it sees
// to them. `mended` is called for each that had to be changed. Throws Error, Refusal or
// Interrupted; then all are as they were.
Mended mend_guests(Site& site, const Desired& guests,
                   const std::function<void(const LinkName& port, const Plan& done)>& mended = {});

}  // namespace vifchain

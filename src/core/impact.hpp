// Which guests would notice a plan.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/plan.hpp"

namespace vifchain {

// Whether the link is a guest's port: on a bridge, nobody's by the file, with the MAC that every
// vif has here.
bool is_guest_port(const Link& link);

// Ports of bridges that are to be made anew, or whose controller is taken down on the way: the wish
// has them where and as they are, so that no guest is left without.
void keep_guests(Desired& wish, const Actual& actual);

// The guests' ports whose traffic stops for a moment, or longer, with this step.
std::set<LinkName> guests_noticing(const Step& step, const Actual& before);

// "needs ports removed", for people; empty for a hot step.
std::string impact_in_words(Impact impact);

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// Filters of guests' ports beside the one port that a run is about.
#pragma once

#include <functional>
#include <string>

#include "edge/base/log.hpp"
#include "edge/filter/filter.hpp"
#include "edge/kernel/kernel.hpp"
#include "flow/vif/desired_guests.hpp"

namespace vifchain::inline flow::inline vif {

// What every connected vif of this domain that is on a bridge now wants by the file and by
// xenstore; off where it wants none. A warning in the log, and nothing, where not all of it can be
// read. A file that is not there has no filters.
PortFilters wanted_filters(const GuestSources& sources, const std::string& config, Kernel& kernel,
                           Log& log);

// Renames a link, by `rename`, that has or may have a filter of this owner: it has it under both
// names meanwhile.
void behind_filter(Filter& filter, const std::string& owner, const LinkName& from,
                   const LinkName& to, const std::function<void()>& rename);

}  // namespace vifchain::inline flow::inline vif

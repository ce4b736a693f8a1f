// Filters of guests' ports beside the one port that a run is about.
#pragma once

#include <functional>
#include <map>

#include "flow/site.hpp"

namespace vifchain {

// The table of filters is made anew: with what every connected vif of this domain wants by the file
// and by xenstore, and where that cannot be told, with what the kernel or the records still say. A
// warning in the log, no exception, where not all of it can be read.
void make_filters_anew(Site& site);

// Renames a link, by `rename`, that has or may have a filter of this owner: it has it under both
// names meanwhile.
void behind_filter(Filter& filter, const std::string& owner, const LinkName& from,
                   const LinkName& to, const std::function<void()>& rename);

}  // namespace vifchain

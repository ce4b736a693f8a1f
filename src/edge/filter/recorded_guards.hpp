// The filters of all ports, as recorded on disk (edge/filter/filter_records.hpp), for those who
// only look.
#pragma once

#include <map>
#include <string>

#include "core/guard.hpp"
#include "edge/filter/filter.hpp"

namespace vifchain {

// By the kernel's own name of the port. Takes no lock, so a filter that is just being changed may
// be in it as it was or as it will be. Empty where the records may not be read, or there are none.
std::map<std::string, Guard> recorded_guards(const std::string& folder = filter_folder);

}  // namespace vifchain

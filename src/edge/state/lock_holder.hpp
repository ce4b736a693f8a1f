// SPDX-License-Identifier: Apache-2.0
// Who has a lock that somebody waits for.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace vifchain::inline edge::inline state {

// ", held by process 812 (vif-chain)", and where it cannot go on, ", held by process 812
// (vif-chain, which is stopped)": the process that has the file of `descriptor` open with a lock on
// it, by flock(2) or F_OFD_SETLK, as /proc has it; of the latter one that covers `byte`, where that
// is said. A process that inherited the open file of one that has ended holds its lock as well.
// Empty when nobody does, or nobody that may be seen. Looks at every process of the host, so it is
// for those alone who have waited in vain.
std::string holder_in_words(int descriptor, std::optional<off_t> byte = std::nullopt);

}  // namespace vifchain::inline edge::inline state

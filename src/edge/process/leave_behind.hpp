// A process that goes on after this one has answered.
#pragma once

#include <chrono>

namespace vifchain {

// Returns false at once in the process that called, whose answer waits for nothing. Returns true
// `after` this time in another one, which has no parent that waits for it, no terminal, no open
// files, a session of its own, and the usual signals. False alone when there can be no such
// process.
[[nodiscard]] bool leave_behind(std::chrono::seconds after);

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// A process that goes on after this one has answered.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace vifchain::inline edge::inline process {

// Returns false at once in the process that called, whose answer waits for nothing. Returns true
// `after` this time in another one, which has no parent that waits for it, no terminal, no open
// files but these, a session of its own, and the usual signals. `kept` are its descriptors 3, 4 and
// so on there, and stay open through exec(3). False alone when there can be no such process.
[[nodiscard]] bool leave_behind(std::chrono::seconds after, const std::vector<int>& kept = {});

// Returns at once, whatever happens; a process as of leave_behind() does the work `after` this
// time, and then ends. There is one for each `file` at a time, however often this is called: where
// it waits already its time begins anew, and where it is at work it will wait and work once more.
// It holds a flock(2) on the file, its only open one, in which stands when the last call was. Where
// there can be no such file each call has a process of its own, and where there can be no process
// the work is never done.
void leave_one_behind(const std::string& file, std::chrono::seconds after,
                      const std::function<void()>& work);

}  // namespace vifchain::inline edge::inline process

// SPDX-License-Identifier: Apache-2.0
// A program that is started, and then goes on by itself.
#pragma once

#include <string>
#include <vector>

namespace vifchain::inline edge::inline process {

// The program runs in a session of its own, without terminal, with no open files but /dev/null, and
// nobody waits for it. `words` are its argv, the first its path; `environment` is NAME=VALUE,
// nothing else. Throws Error when it could not be run.
void start_in_background(const std::vector<std::string>& words,
                         const std::vector<std::string>& environment);

}  // namespace vifchain::inline edge::inline process

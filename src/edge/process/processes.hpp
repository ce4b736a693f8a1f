// SPDX-License-Identifier: Apache-2.0
// Processes of this host, as /proc has them.
#pragma once

#include <string>
#include <vector>

namespace vifchain::inline edge::inline process {

struct Process {
  int pid = 0, parent = 0;
  std::vector<std::string> words;  // its command line; empty: none, or a thread of the kernel's
};

// All processes in the network namespace of this one, as far as it may be read whose they are:
// without privileges those of other users count as well.
std::vector<Process> processes_here();

// One of them; without words when it is not there any more, or has ended and nobody has noticed.
Process process_of(int pid);

}  // namespace vifchain::inline edge::inline process

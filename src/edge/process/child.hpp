// SPDX-License-Identifier: Apache-2.0
// A program that is run to its end, and of which nothing is left when it fails.
#pragma once

#include <string>
#include <vector>

#include "edge/process/deadline.hpp"

namespace vifchain::inline edge::inline process {

struct ChildProgram {
  std::vector<std::string> words;        // argv; the first is its path
  std::vector<std::string> environment;  // NAME=VALUE, nothing else
  std::string output;   // stdout and stderr are appended to this file; lost if it cannot be opened
  int descriptor = -1;  // stays open in it; -1: none but 0 (from /dev/null), 1 and 2 do
};

// Runs the program and returns its exit code, 128 + N when signal N ended it, 127 when it could not
// be run at all. After 0, what it left in the background goes on as it likes. After anything else,
// when the deadline's check() throws (which is passed on), and when this process dies in whatever
// way, it and all that descends from it is killed, also what has made itself a group or a session
// of its own (as far as the kernel tells children, CONFIG_PROC_CHILDREN). Throws Error when there
// can be no new process.
int run_child(const ChildProgram& program, const Deadline& deadline);

}  // namespace vifchain::inline edge::inline process

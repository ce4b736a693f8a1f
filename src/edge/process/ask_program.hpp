// SPDX-License-Identifier: Apache-2.0
// A program that is asked a question on its standard input, and answers on its standard output.
#pragma once

#include <string>
#include <vector>

#include "edge/process/deadline.hpp"

namespace vifchain::inline edge::inline process {

struct ProgramAnswer {
  int exit_code = 0;   // 128 + N when signal N ended it, 127 when it could not be run at all
  std::string output;  // what it printed
  std::string errors;  // the end of what it complained
};

// Runs the program, found in $PATH, with the environment of this process, and gives it `question`.
// When the deadline's check() throws, which is passed on, and when it prints more than
// `most_output` bytes, it is killed with all of its process group; so it is when it is left alone.
// Throws Error when there can be no process, or it prints too much.
ProgramAnswer ask_program(const std::vector<std::string>& words, const std::string& question,
                          std::size_t most_output, const Deadline& deadline);

}  // namespace vifchain::inline edge::inline process

// SPDX-License-Identifier: Apache-2.0
// Shell text as the simple commands that it comes to, as far as that can be said without running
// anything: quotes, variables, loops, branches and functions are followed, and what only a run
// would tell (a command's output, a file) is unknown. Bounded for whatever text it is given.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "convert/import/draft_config.hpp"
#include "convert/import/script/command.hpp"

namespace vifchain::inline convert {

struct ShellText {
  std::string file;
  std::string_view text;
  unsigned first_line = 1;                  // where in the file it begins
  std::string name = {};                    // $0
  std::vector<std::string> arguments = {};  // $1 and on
  std::map<std::string, std::string> variables = {};
};

struct ShellRead {
  std::vector<ScriptCommand> commands;  // in the order in which they would run
  std::vector<Remark> remarks;          // what could not be followed, and what depends on a run
};

// Commands that run only under a condition that cannot be known are there, with a remark where that
// makes a difference; those after `exit` and of a function that nobody calls are not.
ShellRead read_shell(const ShellText& script);

}  // namespace vifchain::inline convert

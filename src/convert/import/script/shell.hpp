// SPDX-License-Identifier: Apache-2.0
// Shell text as the simple commands that it comes to, as far as that can be said without running
// anything: quotes, variables, loops over words, branches and functions are followed; what only a
// run would tell (a command's output, a file) is unknown, and so is what arithmetic, arrays, brace
// expansion, while and their like come to. Bounded for whatever text it is given.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "convert/import/draft_config.hpp"
#include "convert/import/script/command.hpp"

namespace vifchain::inline convert {

struct ShellText {
  std::string file = {};
  Said at = {};  // a line of something else that all of it stands in; else it has lines of its own
  std::string_view text = {};
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

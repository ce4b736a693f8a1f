// SPDX-License-Identifier: Apache-2.0
// What a subcommand of vifchain is.
#pragma once

#include <functional>

#include "cli/gather/common.hpp"

namespace CLI {
class App;
}

namespace vifchain::inline cli {

// Does what was asked, once the words are read; the exit code. What it throws is printed, and the
// exit code is 1 then.
using Run = std::function<int()>;

struct Command {
  const char* name;
  const char* summary;  // one line of --help
  const char* page;     // the manual that tells the rest
  // Tells `app` which words there are. They, and `common`, have their values when the result runs.
  Run (*declare)(CLI::App& app, const Common& common);
};

}  // namespace vifchain::inline cli

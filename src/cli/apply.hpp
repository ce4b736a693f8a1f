// vifchain apply: the host as the file says.
#pragma once

#include "cli/command.hpp"

namespace vifchain {

// --confirm SECONDS, --allow-disrupt and --json.
Run declare_apply(CLI::App& app, const Common& common);

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// vifchain apply: the host as the file says.
#pragma once

#include "cli/command.hpp"

namespace vifchain::inline cli {

// --confirm SECONDS, --allow-disrupt and --json.
Run declare_apply(CLI::App& app, const Common& common);

}  // namespace vifchain::inline cli

// SPDX-License-Identifier: Apache-2.0
// vifchain up: some chains as the file says.
#pragma once

#include "cli/command.hpp"

namespace vifchain::inline cli {

// BRIDGE…, --port LINK for one that the file does not know, --allow-disrupt.
Run declare_up(CLI::App& app, const Common& common);

}  // namespace vifchain::inline cli

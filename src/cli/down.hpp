// SPDX-License-Identifier: Apache-2.0
// vifchain down: some chains, or all, taken away.
#pragma once

#include "cli/command.hpp"

namespace vifchain::inline cli {

// BRIDGE… or --all, and --force.
Run declare_down(CLI::App& app, const Common& common);

}  // namespace vifchain::inline cli

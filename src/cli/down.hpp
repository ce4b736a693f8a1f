// vifchain down: some chains, or all, taken away.
#pragma once

#include "cli/command.hpp"

namespace vifchain {

// BRIDGE… or --all, and --force.
Run declare_down(CLI::App& app, const Common& common);

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// vifchain plan: what apply would do.
#pragma once

#include "cli/command.hpp"

namespace vifchain::inline cli {

// [BRIDGE…] and --json. Exits with 0 when there is nothing to do, with 2 when there is.
Run declare_plan(CLI::App& app, const Common& common);

}  // namespace vifchain::inline cli

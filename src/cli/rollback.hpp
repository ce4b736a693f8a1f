// SPDX-License-Identifier: Apache-2.0
// vifchain rollback: what was applied is put back.
#pragma once

#include "cli/command.hpp"

namespace vifchain::inline cli {

Run declare_rollback(CLI::App& app, const Common& common);

}  // namespace vifchain::inline cli

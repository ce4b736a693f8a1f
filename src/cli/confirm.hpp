// SPDX-License-Identifier: Apache-2.0
// vifchain confirm: what was applied stays.
#pragma once

#include "cli/command.hpp"

namespace vifchain::inline cli {

// No words.
Run declare_confirm(CLI::App& app, const Common& common);

}  // namespace vifchain::inline cli

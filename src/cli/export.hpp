// SPDX-License-Identifier: Apache-2.0
// vifchain export: the file in other programs' words.
#pragma once

#include "cli/command.hpp"

namespace vifchain::inline cli {

Run declare_export(CLI::App& app, const Common& common);

}  // namespace vifchain::inline cli

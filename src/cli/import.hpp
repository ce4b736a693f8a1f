// SPDX-License-Identifier: Apache-2.0
// vifchain import: a vifchain.toml out of what a host has today.
#pragma once

#include "cli/command.hpp"

namespace vifchain::inline cli {

Run declare_import(CLI::App& app, const Common& common);

}  // namespace vifchain::inline cli

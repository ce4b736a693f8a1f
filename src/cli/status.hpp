// SPDX-License-Identifier: Apache-2.0
// vifchain status: the chains of this host as they are, and what is wrong with them.
#pragma once

#include "cli/command.hpp"

namespace vifchain::inline cli {

Run declare_status(CLI::App& app, const Common& common);

}  // namespace vifchain::inline cli

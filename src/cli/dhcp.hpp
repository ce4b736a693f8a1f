// SPDX-License-Identifier: Apache-2.0
// vifchain dhcp
#pragma once

#include "cli/command.hpp"

namespace vifchain::inline cli {

Run declare_dhcp(CLI::App& app, const Common& common);

}  // namespace vifchain::inline cli

// SPDX-License-Identifier: Apache-2.0
// vifchain nic: a NIC that has come joins the chains that miss it.
#pragma once

#include "cli/command.hpp"

namespace vifchain::inline cli {

// NIC. Exits with 3 when a chain of it still cannot stand.
Run declare_nic(CLI::App& app, const Common& common);

}  // namespace vifchain::inline cli

// SPDX-License-Identifier: Apache-2.0
// vifchain check: is the file right, does this host get in its way, and would guests find their
// places?
#pragma once

#include "cli/command.hpp"

namespace vifchain::inline cli {

// [FILE], --file-only, --json; --domain GUEST.cfg…, --all; --on HOST GUEST…; --vifs -. Exits with 1
// also when the kernel would refuse what the file wants, or there is an obstacle for a guest.
Run declare_check(CLI::App& app, const Common& common);

}  // namespace vifchain::inline cli

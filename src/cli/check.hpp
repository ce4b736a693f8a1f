// vifchain check: is the file right, and does this host get in its way?
#pragma once

#include "cli/command.hpp"

namespace vifchain {

// [FILE] and --file-only. Exits with 1 also when the kernel would refuse what the file wants.
Run declare_check(CLI::App& app, const Common& common);

}  // namespace vifchain

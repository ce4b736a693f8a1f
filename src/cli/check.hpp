// vifchain check: is the file right?
#pragma once

#include "cli/command.hpp"

namespace vifchain {

// [FILE].
Run declare_check(CLI::App& app, const Common& common);

}  // namespace vifchain

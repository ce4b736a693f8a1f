// vifchain confirm: what was applied stays.
#pragma once

#include "cli/command.hpp"

namespace vifchain {

// No words.
Run declare_confirm(CLI::App& app, const Common& common);

}  // namespace vifchain

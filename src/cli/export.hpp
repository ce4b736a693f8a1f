// vifchain export: the file in other programs' words.
#pragma once

#include "cli/command.hpp"

namespace vifchain {

Run declare_export(CLI::App& app, const Common& common);

}  // namespace vifchain

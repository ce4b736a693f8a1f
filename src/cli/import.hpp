// vifchain import: a vifchain.toml out of what a host has today.
#pragma once

#include "cli/command.hpp"

namespace vifchain {

Run declare_import(CLI::App& app, const Common& common);

}  // namespace vifchain

// vifchain dhcp
#pragma once

#include "cli/command.hpp"

namespace vifchain {

Run declare_dhcp(CLI::App& app, const Common& common);

}  // namespace vifchain

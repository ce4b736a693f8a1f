// vifchain rollback: what was applied is put back.
#pragma once

#include "cli/command.hpp"

namespace vifchain {

Run declare_rollback(CLI::App& app, const Common& common);

}  // namespace vifchain

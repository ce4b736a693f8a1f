// vifchain graph: the chains of this host as a picture.
#pragma once

#include "cli/command.hpp"

namespace vifchain {

Run declare_graph(CLI::App& app, const Common& common);

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// vifchain graph: the chains of this host as a picture.
#pragma once

#include "cli/command.hpp"

namespace vifchain::inline cli {

Run declare_graph(CLI::App& app, const Common& common);

}  // namespace vifchain::inline cli

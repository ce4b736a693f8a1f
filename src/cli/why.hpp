// SPDX-License-Identifier: Apache-2.0
// vifchain why: what was asked, planned and done with a link, and what is in its way.
#pragma once

#include "cli/command.hpp"

namespace vifchain::inline cli {

Run declare_why(CLI::App& app, const Common& common);

}  // namespace vifchain::inline cli

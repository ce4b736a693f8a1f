// SPDX-License-Identifier: Apache-2.0
// vifchain apply --boot: whatever can stand does, and nothing stops the rest.
#pragma once

#include <chrono>

#include "cli/command.hpp"

namespace vifchain::inline cli {

// Waits so long for the file's NICs. 0: all of the file stands; 3: something was left out, which is
// named; nothing is applied, and it is 3, when the file was put back unconfirmed. Throws when the
// file is wrong, or nothing could be done at all.
int apply_at_boot(std::chrono::seconds wait, const Common& common);

}  // namespace vifchain::inline cli

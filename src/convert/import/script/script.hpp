// SPDX-License-Identifier: Apache-2.0
// A script that something else calls, with the arguments that it is given.
#pragma once

#include <string>
#include <vector>

#include "convert/import/script/command.hpp"
#include "core/text/source.hpp"

namespace vifchain::inline convert {

// Tells what the script does. `telling` goes on from one script to the next.
void tell_script(const SourceFile& file, const std::vector<std::string>& arguments,
                 Telling& telling);

// Whether it is the network-bridge that came with Xen, or another script of Xen's own: those do
// what they are told by whoever calls them.
bool is_xens_own(const SourceFile& file);

}  // namespace vifchain::inline convert

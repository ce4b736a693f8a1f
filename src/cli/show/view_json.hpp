// SPDX-License-Identifier: Apache-2.0
// A view for machines; vifchain-json(7) says what is in it.
#pragma once

#include <string>

#include "cli/gather/look.hpp"

namespace vifchain::inline cli {

// One JSON document (RFC 8259). `indent`: blanks for each level; -1: all of it in one line.
std::string json_of(const Looked& looked, const View& view, const std::string& config, int indent);

}  // namespace vifchain::inline cli

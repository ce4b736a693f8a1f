// SPDX-License-Identifier: Apache-2.0
// Lines of a stanza that have no place in a vifchain.toml.
#pragma once

#include <string>

#include "convert/import/draft_config.hpp"
#include "convert/import/files/ifupdown_stanzas.hpp"

namespace vifchain::inline convert {

// A remark with what has its place instead, or that nobody knows the key.
void lose_line(const IfupLine& line, const std::string& link, DraftConfig& draft);

}  // namespace vifchain::inline convert

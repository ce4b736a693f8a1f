// SPDX-License-Identifier: Apache-2.0
// A document as the text of a TOML file, laid out as a person would.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/document.hpp"

namespace vifchain::inline convert {

// Lines to stand as comments above the table of that name ("bond.bond1"); without the "# ".
using Comments = std::function<std::vector<std::string>(const std::string& table)>;

// Tables of two levels ("bond" with its "bond1") and of one ("vif"), with their values; tables
// within those are written inline. Strings are escaped as TOML wants it.
std::string toml_text(const Table& document, const Comments& comments);

// A value alone: `"802.3ad"`, `["eth0", "eth3"]`, `{ to = "…", via = "…" }`.
std::string toml_value(const Node& node);

// Text as comment lines behind `indent`: no control characters, none longer than a screen is wide
// where that can be.
std::vector<std::string> comment_lines(const std::string& text, std::string_view indent = {});

}  // namespace vifchain::inline convert

// SPDX-License-Identifier: Apache-2.0
// The rows of vifchain.toml(5), KEYS: what the table of options knows of a key, and what the
// planner does where its value changes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model/option.hpp"

namespace vifchain {

// The heading (.SS) under which the keys of `owner` are.
std::string_view heading_of(Owner owner);

// What becomes of a changed value when a guest starts: "live", or "kept, with a warning".
std::string at_guest_start(const OptionSpec& option);

// What it costs at `vifchain apply`: "no interruption", "link goes down", "ports leave" …
std::string at_apply(const OptionSpec& option);

// The lines of the page between the key's .TP and its meaning, which is people's work.
std::vector<std::string> row_of(const OptionSpec& option);

// The page with each row as row_of() has it, and all else as it was. Throws what is missing: each
// option has an entry under the heading of its owner, in the order of the table.
std::string with_rows(std::string_view page);

}  // namespace vifchain

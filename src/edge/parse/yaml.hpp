// SPDX-License-Identifier: Apache-2.0
// YAML texts, as netplan has them, as documents that know where each value was written.
#pragma once

#include <string_view>
#include <variant>

#include "core/text/document.hpp"

namespace vifchain::inline edge::inline parse {

// The mapping that `text` is (several documents: one after the other in one table); or what keeps
// it from being one. Every scalar is a string, as written; a sequence is an Array, a mapping a
// Table. No value is nested deeper than 32, and an alias stands for its anchor as long as all of it
// stays small.
std::variant<Table, Diagnostics> parse_yaml(std::string_view text);

}  // namespace vifchain::inline edge::inline parse

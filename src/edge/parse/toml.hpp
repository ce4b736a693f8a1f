// SPDX-License-Identifier: Apache-2.0
// The configuration file: TOML text to a document with places, and on to a topology.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "core/model/topology.hpp"
#include "core/text/document.hpp"

namespace vifchain::inline edge::inline parse {

// The tables of `text`, in the order written; or what keeps it from being TOML. The first syntax
// error ends the reading, so there is one at most. Columns count bytes, from 1.
std::variant<Table, Diagnostics> parse_document(std::string_view text);

// The topology that `text` describes, or everything that is wrong with it.
std::variant<Topology, Diagnostics> parse_topology(std::string_view text);

// The bytes of the file at `path`, or enough of them to see that it is too large. Throws Error when
// it cannot be read.
std::string config_text(const std::string& path);

// The topology in the file at `path`. Throws Error when the file cannot be read.
std::variant<Topology, Diagnostics> load_topology(const std::string& path);

}  // namespace vifchain::inline edge::inline parse

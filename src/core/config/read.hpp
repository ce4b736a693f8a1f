// SPDX-License-Identifier: Apache-2.0
// The administrator's file: from its tables to what is wanted. The one header of this room that
// others need.
#pragma once

#include <variant>

#include "core/model/topology.hpp"
#include "core/text/document.hpp"

namespace vifchain::inline core::inline config {

// The topology, or everything that is wrong with the document, in the order of the file.
std::variant<Topology, Diagnostics> read_topology(const Table& document);

}  // namespace vifchain::inline core::inline config

// SPDX-License-Identifier: Apache-2.0
// Where a host is otherwise than its file says: for every link, in words.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/model/topology.hpp"

namespace vifchain::inline core::inline view {

// The bridges of a stack: those that the file declares in its order, then those that its templates
// made, by name.
std::vector<LinkName> bridges_in_order(const Topology& topology, const Stack& stack);

// The links whose routes matter to differences_from().
std::vector<LinkName> links_with_routes(const Topology& topology, const Actual& there);

// What is said of a link that is missing.
inline constexpr const char* not_there = "missing";

// For each link that is not as the file says, what is otherwise, and what stands in the way of
// repairing it; `stack` is the whole of the file: "mtu: expected 9000, found 1500", "missing".
std::map<LinkName, std::vector<std::string>> differences_from(const Topology& topology,
                                                              const Stack& stack,
                                                              const Actual& there);

}  // namespace vifchain::inline core::inline view

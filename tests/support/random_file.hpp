// SPDX-License-Identifier: Apache-2.0
// Random vifchain.toml texts, all of them right.
#pragma once

#include <string>
#include <vector>

#include "random_links.hpp"

namespace vifchain {

// One by line, so that a failing one can be made smaller by leaving lines out.
using Lines = std::vector<std::string>;

std::string text_of(const Lines& lines);

// Bonds, VLAN links and bridges with any options, ports of VLAN-filtering bridges, this host's own
// addresses. What does not fit together is left out again.
Lines random_file(std::uint64_t seed);

}  // namespace vifchain

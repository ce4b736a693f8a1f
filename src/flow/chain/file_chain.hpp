// SPDX-License-Identifier: Apache-2.0
// The chain of one bridge as the file has it, kept or read.
#pragma once

#include <optional>

#include "core/model/topology.hpp"
#include "flow/run/env.hpp"

namespace vifchain::inline flow::inline chain {

// Nothing for a bridge that the file does not make, and without a file. Throws Refusal when the
// file is wrong.
std::optional<Chain> chain_in_file(Env& env, const LinkName& bridge);

}  // namespace vifchain::inline flow::inline chain

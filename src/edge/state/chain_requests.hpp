// SPDX-License-Identifier: Apache-2.0
// Which chains people said should stand, or not, since the machine was booted: a line for each in
// FOLDER/requests. Without a word a chain is wanted as long as a guest is on it.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/model/name.hpp"

namespace vifchain::inline edge::inline state {

enum class ChainRequest { stands, stays_down };

// By the link at the top of the chain. What cannot be read is not there.
std::map<LinkName, ChainRequest> chain_requests(const std::string& folder);

// From now on these are asked for so, or nothing is said of them; others stay as they are. Not
// being able to keep it is no error.
void record_chain_requests(const std::string& folder,
                           const std::map<LinkName, std::optional<ChainRequest>>& changes);

}  // namespace vifchain::inline edge::inline state

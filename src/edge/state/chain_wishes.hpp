// SPDX-License-Identifier: Apache-2.0
// Which chains people said should stand, or not, since the machine was booted: a line for each in
// FOLDER/wishes. Without a word a chain is wanted as long as a guest is on it.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/model/name.hpp"

namespace vifchain::inline edge::inline state {

enum class KeptWish { stands, stays_down };

// By the link at the top of the chain. What cannot be read is not there.
std::map<LinkName, KeptWish> kept_wishes(const std::string& folder);

// From now on these are wished for so, or nothing is said of them; others stay as they are. Not
// being able to keep it is no error.
void keep_wishes(const std::string& folder,
                 const std::map<LinkName, std::optional<KeptWish>>& changes);

}  // namespace vifchain::inline edge::inline state

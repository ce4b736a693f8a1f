// SPDX-License-Identifier: Apache-2.0
// Sets of VLAN ids as the file writes them: "100-199,300".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/name.hpp"

namespace vifchain::inline core::inline model {

// Inclusive ranges; ascending and disjoint where nothing else is said.
using VidRanges = std::vector<std::pair<VlanId, VlanId>>;

// Appends the ranges of `text`, in the order written. Returns why the text is wrong, as half a
// sentence, or nothing; after a mistake `ranges` is as it was.
std::string append_vids(std::string_view text, VidRanges& ranges);

// Puts the ranges in order. Returns why they cannot be: an id that is in two of them; or nothing.
std::string put_in_order(VidRanges& ranges);

bool contains(const VidRanges& ranges, VlanId id);

// The first id that is in both, or nothing.
std::optional<VlanId> first_common(const VidRanges& a, const VidRanges& b);

}  // namespace vifchain::inline core::inline model

// SPDX-License-Identifier: Apache-2.0
// The findings that a file can say are no news.
#pragma once

#include <span>
#include <string_view>

namespace vifchain::inline core::inline model {

// The words that a finding can have.
std::span<const std::string_view> acceptable_findings();

}  // namespace vifchain::inline core::inline model

// SPDX-License-Identifier: Apache-2.0
// What the preflight found, for people and for machines.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/plan/preflight/preflight.hpp"

namespace vifchain::inline cli {

// "note", "warning", "obstacle"; and with a colon behind it, in its colour.
std::string weight_word(Weight weight);
std::string weight_heading(Weight weight, bool colour);

// A line for each that is at least of this weight.
std::string findings_text(const std::vector<Finding>& findings, Weight least, bool colour);

// A list of objects, as vifchain-json(7) describes them.
nlohmann::ordered_json findings_json(const std::vector<Finding>& findings);

// Prints the warnings. Throws Refusal when the kernel would refuse something, with all of that.
void warn_or_refuse(const std::vector<Finding>& findings, bool colour);

}  // namespace vifchain::inline cli

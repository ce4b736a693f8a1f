// SPDX-License-Identifier: Apache-2.0
// What the preflight found, for people and for machines.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/plan/preflight/preflight.hpp"

namespace vifchain::inline cli {

// "note", "warning", "obstacle", as JSON has it. People read "error" for the last.
std::string weight_word(Weight weight);

// A line with its level in its colour, and one for its hint.
std::string finding_lines(Weight weight, std::string_view finding, bool colour,
                          const std::string& indent = {});

// A line for each that is at least of this weight.
std::string findings_text(const std::vector<Finding>& findings, Weight least, bool colour);

// A list of objects, as vifchain-json(7) describes them.
nlohmann::ordered_json findings_json(const std::vector<Finding>& findings);

// Prints the warnings. Throws Refusal when the kernel would refuse something, with all of that.
void warn_or_refuse(const std::vector<Finding>& findings, bool colour);

}  // namespace vifchain::inline cli

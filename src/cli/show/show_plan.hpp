// SPDX-License-Identifier: Apache-2.0
// A plan for people and for machines.
#pragma once

#include <string>

#include "cli/show/show_window.hpp"
#include "core/plan/preflight/preflight.hpp"
#include "flow/host/plan_host.hpp"

namespace vifchain::inline cli {

// Each step with its reason, and who would notice; then how many there are, and notes. What stands
// in the way instead, where something does.
std::string plan_text(const HostPlan& plan, bool colour);

// The same as JSON, with what the preflight found and a change that is open, as vifchain-json(7)
// describes it.
std::string plan_json(const HostPlan& plan, const std::string& config,
                      const std::vector<Finding>& findings,
                      const std::optional<WindowNow>& window = {});

// "3 steps, 1 interrupts guests".
std::string steps_in_words(const HostPlan& plan);

}  // namespace vifchain::inline cli

// SPDX-License-Identifier: Apache-2.0
// What one vifchain asks another about vifs, and what that answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/guests/check.hpp"

namespace vifchain::inline cli {

// Everything that matters on another host; not what was remarked here.
std::string question_about(const std::vector<WantedVif>& vifs);

// Throws Refusal for a text that is no question, or one about more than 4096 vifs.
std::vector<WantedVif> read_question(std::string_view text);

struct VifsAnswer {
  std::string config;  // the file that it went by
  CheckedVifs checked;
};
std::string answer_text(const VifsAnswer& answer);

// Nothing for a text that is no answer about so many vifs. Every text in it is fit for a terminal.
std::optional<VifsAnswer> read_answer(std::string_view text, std::size_t vifs);

}  // namespace vifchain::inline cli

// SPDX-License-Identifier: Apache-2.0
#include "cli/show/show_findings.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/text/printable.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline cli {

std::string weight_word(Weight weight) {
  switch (weight) {
    case Weight::note:
      return "note";
    case Weight::warning:
      return "warning";
    case Weight::obstacle:
      return "obstacle";
  }
  return {};
}

std::string weight_heading(Weight weight, bool colour) {
  const std::string text = weight_word(weight) + ": ";
  if (!colour || weight == Weight::note) return text;
  constexpr const char *red = "\033[31m", *yellow = "\033[33m", *plain = "\033[0m";
  return (weight == Weight::obstacle ? red : yellow) + text + plain;
}

std::string findings_text(const std::vector<Finding>& findings, Weight least, bool colour) {
  std::string text;
  for (const auto& finding : findings)
    if (finding.weight >= least)
      text += weight_heading(finding.weight, colour) + printable(finding.text) + "\n";
  return text;
}

nlohmann::ordered_json findings_json(const std::vector<Finding>& findings) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& finding : findings)
    list.push_back({{"link", finding.link.str()},
                    {"weight", weight_word(finding.weight)},
                    {"text", finding.text}});
  return list;
}

void warn_or_refuse(const std::vector<Finding>& findings, bool colour) {
  const auto obstacles = obstacles_in_words(findings);
  if (!obstacles.empty()) throw Refusal(obstacles + "; nothing was changed");
  std::fputs(findings_text(findings, Weight::warning, colour).c_str(), stdout);
}

}  // namespace vifchain::inline cli

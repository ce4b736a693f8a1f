// SPDX-License-Identifier: Apache-2.0
#include "cli/show/show_findings.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/text/printable.hpp"
#include "core/text/problem.hpp"
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

namespace {

std::string weight_heading(Weight weight, bool colour) {
  const std::string text = (weight == Weight::obstacle ? "error" : weight_word(weight)) + ": ";
  if (!colour || weight == Weight::note) return text;
  constexpr const char *red = "\033[31m", *yellow = "\033[33m", *plain = "\033[0m";
  return (weight == Weight::obstacle ? red : yellow) + text + plain;
}

}  // namespace

std::string finding_lines(Weight weight, std::string_view finding, bool colour,
                          const std::string& indent) {
  const auto [what, hint] = parts_of(finding);
  return indent + weight_heading(weight, colour) + printable(what) + "\n" +
         (hint.empty() ? "" : indent + "hint: " + printable(hint) + "\n");
}

std::string findings_text(const std::vector<Finding>& findings, Weight least, bool colour) {
  std::string text;
  for (const auto& finding : findings)
    if (finding.weight >= least) text += finding_lines(finding.weight, finding.text, colour);
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
  if (const auto obstacles = obstacles_in_words(findings); !obstacles.empty())
    throw Refusal(obstacles);
  std::fputs(findings_text(findings, Weight::warning, colour).c_str(), stdout);
}

}  // namespace vifchain::inline cli

// SPDX-License-Identifier: Apache-2.0
#include "cli/show/show_plan.hpp"

#include <nlohmann/json.hpp>

#include "cli/show/complain.hpp"
#include "cli/show/json_text.hpp"
#include "cli/show/show_findings.hpp"
#include "core/plan/impact.hpp"
#include "core/text/list.hpp"
#include "core/text/printable.hpp"

namespace vifchain::inline cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* red = "\033[31m";
constexpr const char* dim = "\033[2m";
constexpr const char* plain = "\033[0m";

std::string in_colour(const std::string& text, const char* colour, bool wanted) {
  const auto safe = printable(text);
  return wanted ? colour + safe + plain : safe;
}

std::vector<std::string> guests_of(const Step& step, const Guests& all) {
  std::vector<std::string> names;
  for (const auto& guest : all.noticing(step)) names.push_back(guest.str());
  return names;
}

std::string line_of(const Step& step, const Desired& desired, const Guests& all, bool colour) {
  const auto guests = guests_of(step, all);
  std::string text = "  " + printable(describe(step.op));
  if (const auto impact = impact_in_words(step, desired); !impact.empty())
    text += " [" + impact + "]";
  text += "\n      " + in_colour(step.because, dim, colour);
  if (!guests.empty()) text += "\n      " + in_colour("interrupts " + listed(guests), red, colour);
  return text + "\n";
}

template <typename Change>
std::string lines_of(const std::vector<Change>& changes, bool colour) {
  std::string text;
  for (const auto& change : changes)
    text += "  " + printable(describe(change)) + "\n      " +
            in_colour(change.because, dim, colour) + "\n";
  return text;
}

std::string impact_word(Impact impact) {
  switch (impact) {
    case Impact::hot:
      return "hot";
    case Impact::link_down:
      return "link_down";
    case Impact::ports_removed:
      return "ports_removed";
    case Impact::recreates:
      return "recreates";
  }
  return {};
}

Json dhcp_json(const DhcpPlan& plan) {
  Json list = Json::array();
  const auto add = [&](const LinkName& link, bool v6, const char* change, const std::string& step,
                       const std::string& because) {
    list.push_back({{"link", link.str()},
                    {"family", v6 ? "ipv6" : "ipv4"},
                    {"change", change},
                    {"step", step},
                    {"because", because}});
  };
  for (const auto& stop : plan.stops)
    add(*stop.client.link, stop.client.v6, "stop", describe(stop), stop.because);
  for (const auto& start : plan.starts)
    add(start.link, start.v6, "start", describe(start), start.because);
  return list;
}

}  // namespace

std::string steps_in_words(const HostPlan& plan) {
  const auto& steps = plan.plan.steps;
  const Guests guests(plan.before);
  std::size_t noticed = 0;
  for (const auto& step : steps) noticed += guests.noticing(step).empty() ? 0 : 1;
  const std::size_t all = number_of_steps(plan);
  std::string text = all == 1 ? "1 step" : std::to_string(all) + " steps";
  if (noticed > 0)
    text += ", " + std::to_string(noticed) +
            (noticed == 1 ? " interrupts guests" : " interrupt guests");
  return text;
}

std::string plan_text(const HostPlan& plan, bool colour) {
  std::string text;
  const Guests guests(plan.before);
  for (const auto& [name, reason] : plan.plan.conflicts)
    text += finding_lines(Weight::obstacle, name.str() + ": " + reason, colour);
  const bool can_be = plan.plan.conflicts.empty();
  if (can_be) text += lines_of(plan.dhcp.stops, colour);
  for (const auto& step : plan.plan.steps) text += line_of(step, plan.desired, guests, colour);
  if (can_be) text += lines_of(plan.dhcp.starts, colour);
  for (const auto& note : plan.notes) text += told("note", note);
  if (!can_be) return text;
  return text + (plan.nothing_to_do() ? "Nothing to do.\n" : steps_in_words(plan) + "\n");
}

std::string plan_json(const HostPlan& plan, const std::string& config,
                      const std::vector<Finding>& findings,
                      const std::optional<WindowNow>& window) {
  Json json{{"config", config}, {"steps", Json::array()}};
  const Guests guests(plan.before);
  for (const auto& step : plan.plan.steps)
    json["steps"].push_back({{"link", target_of(step.op).str()},
                             {"step", describe(step.op)},
                             {"because", step.because},
                             {"impact", impact_word(step.impact)},
                             {"guests", guests_of(step, guests)}});
  json["dhcp"] = dhcp_json(plan.plan.conflicts.empty() ? plan.dhcp : DhcpPlan{});
  json["conflicts"] = Json::array();
  for (const auto& [name, reason] : plan.plan.conflicts)
    json["conflicts"].push_back({{"link", name.str()}, {"reason", reason}});
  json["findings"] = findings_json(findings);
  json["notes"] = plan.notes;
  if (window) json["window"] = window_json(*window);
  return json_text(json, 2);
}

}  // namespace vifchain::inline cli

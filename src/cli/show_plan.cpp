#include "cli/show_plan.hpp"

#include <nlohmann/json.hpp>

#include "core/impact.hpp"
#include "core/words.hpp"

namespace vifchain {
namespace {

constexpr const char* red = "\033[31m";
constexpr const char* dim = "\033[2m";
constexpr const char* plain = "\033[0m";

std::string in_colour(const std::string& text, const char* colour, bool wanted) {
  return wanted ? colour + text + plain : text;
}

std::vector<std::string> guests_of(const Step& step, const HostPlan& plan) {
  std::vector<std::string> names;
  for (const auto& guest : guests_noticing(step, plan.before)) names.push_back(guest.str());
  return names;
}

std::string line_of(const Step& step, const HostPlan& plan, bool colour) {
  const auto guests = guests_of(step, plan);
  std::string text = (guests.empty() ? "  " : in_colour("! ", red, colour)) + describe(step.op);
  std::string why = step.because;
  if (step.impact != Impact::hot) why += "; " + impact_in_words(step.impact);
  text += "\n      " + in_colour(why, dim, colour);
  if (!guests.empty())
    text += "\n      " + in_colour(listed(guests) + " would notice", red, colour);
  return text + "\n";
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

}  // namespace

std::string steps_in_words(const HostPlan& plan) {
  const auto& steps = plan.plan.steps;
  std::size_t noticed = 0;
  for (const auto& step : steps) noticed += guests_noticing(step, plan.before).empty() ? 0 : 1;
  std::string text = steps.size() == 1 ? "1 step" : std::to_string(steps.size()) + " steps";
  if (noticed > 0) text += ", " + std::to_string(noticed) + " of which guests would notice";
  return text;
}

std::string plan_text(const HostPlan& plan, bool colour) {
  std::string text;
  for (const auto& [name, reason] : plan.plan.conflicts)
    text += in_colour(name.str() + ": " + reason, red, colour) + "\n";
  for (const auto& step : plan.plan.steps) text += line_of(step, plan, colour);
  for (const auto& note : plan.notes) text += "(" + note + ")\n";
  if (!plan.plan.conflicts.empty()) return text;
  return text + (plan.plan.steps.empty() ? "Nothing to do.\n" : steps_in_words(plan) + "\n");
}

std::string plan_json(const HostPlan& plan, const std::string& config) {
  using Json = nlohmann::ordered_json;
  Json json{{"config", config}, {"steps", Json::array()}};
  for (const auto& step : plan.plan.steps)
    json["steps"].push_back({{"link", target_of(step.op).str()},
                             {"step", describe(step.op)},
                             {"because", step.because},
                             {"impact", impact_word(step.impact)},
                             {"guests", guests_of(step, plan)}});
  json["conflicts"] = Json::array();
  for (const auto& [name, reason] : plan.plan.conflicts)
    json["conflicts"].push_back({{"link", name.str()}, {"reason", reason}});
  json["notes"] = plan.notes;
  return json.dump(2);
}

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
#include "cli/show/show_window.hpp"

#include "core/view/words.hpp"

namespace vifchain::inline cli {
namespace {

constexpr std::size_t most_lines = 20;

}  // namespace

std::string window_text(const std::optional<WindowNow>& window) {
  if (!window) return {};
  std::string text = "\n" + printable(window->sentence) + ".\n";
  if (!window->undoes.empty()) text += "A rollback would:\n";
  for (std::size_t i = 0; i < window->undoes.size() && i < most_lines; ++i)
    text += "  " + printable(window->undoes[i]) + "\n";
  if (window->undoes.size() > most_lines)
    text += "  and " + std::to_string(window->undoes.size() - most_lines) + " more steps\n";
  return text;
}

nlohmann::ordered_json window_json(const WindowNow& window) {
  nlohmann::ordered_json json{{"state", window.state}};
  if (window.left) json["seconds_left"] = *window.left;
  if (window.opened)
    json["opened"] = {{"pid", window.opened->pid},
                      {"user", printable(window.opened->user)},
                      {"terminal", printable(window.opened->terminal)},
                      {"command", printable(window.opened->command)},
                      {"time", window.opened->time}};
  json["watched"] = window.watched;
  json["undoes"] = nlohmann::ordered_json::array();
  for (const auto& step : window.undoes) json["undoes"].push_back(printable(step));
  json["failed_tries"] = window.tries;
  if (!window.trouble.empty()) json["trouble"] = printable(window.trouble);
  json["text"] = printable(window.sentence);
  return json;
}

}  // namespace vifchain::inline cli

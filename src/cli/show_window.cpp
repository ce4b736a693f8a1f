#include "cli/show_window.hpp"

#include <algorithm>

#include "core/view/words.hpp"
#include "flow/go_back.hpp"

namespace vifchain {
namespace {

// By Phase.
constexpr std::array states{"changing", "undoing", "waiting", "confirmed", "going back"};
constexpr std::size_t most_lines = 20;

WindowNow now_of(Kernel& kernel, const Places& places, const WayBack& way) {
  WindowNow window{.state = states.at(static_cast<std::size_t>(way.phase)),
                   .opened = way.opened,
                   .watched = is_watched(places),
                   .tries = way.tries,
                   .trouble = way.trouble};
  window.sentence = "A change " + opened_in_words(way) + ": " + state_in_words(way, window.watched);
  if (way.phase == Phase::waiting)
    window.left = std::max<std::int64_t>(0, (time_left(way) + 999) / 1000);
  if (way.phase != Phase::confirmed) window.undoes = undone_in_words(kernel, way);
  return window;
}

}  // namespace

std::optional<WindowNow> window_now(Kernel& kernel, const Places& places) {
  if (!is_change_open(places)) return std::nullopt;
  try {
    const auto way = open_change(places);
    if (!way) return std::nullopt;
    return now_of(kernel, places, *way);
  } catch (const std::runtime_error& error) {
    return WindowNow{.state = "unknown",
                     .sentence = std::string("A change waits to be confirmed or is put back, and "
                                             "more cannot be told: ") +
                                 error.what()};
  }
}

std::string window_text(const std::optional<WindowNow>& window) {
  if (!window) return {};
  std::string text = "\n" + printable(window->sentence) + ".\n";
  if (!window->undoes.empty()) text += "Going back would:\n";
  for (std::size_t i = 0; i < window->undoes.size() && i < most_lines; ++i)
    text += "  " + printable(window->undoes[i]) + "\n";
  if (window->undoes.size() > most_lines)
    text += "  and " + std::to_string(window->undoes.size() - most_lines) + " steps more\n";
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

}  // namespace vifchain

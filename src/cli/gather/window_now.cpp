// SPDX-License-Identifier: Apache-2.0
#include "cli/gather/window_now.hpp"

#include <algorithm>

#include "flow/host/go_back.hpp"

namespace vifchain::inline cli {
namespace {

// By Phase.
constexpr std::array states{"changing", "undoing", "waiting", "confirmed", "going back"};

WindowNow now_of(Kernel& kernel, const Places& places, const RollbackRecord& way) {
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
                     .sentence = std::string("A change is pending confirmation or rollback; its "
                                             "record cannot be read: ") +
                                 error.what()};
  }
}

}  // namespace vifchain::inline cli

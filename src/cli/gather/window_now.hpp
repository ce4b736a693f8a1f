// SPDX-License-Identifier: Apache-2.0
// The change that is open, if one is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flow/host/changes.hpp"

namespace vifchain::inline cli {

struct WindowNow {
  std::string state = {};  // "changing", "undoing", "waiting", "confirmed", "going back"; "unknown"
  std::string sentence = {};  // who opened it, and what ends it; or why that cannot be told
  std::optional<std::int64_t> left = {};  // seconds, while it waits
  std::optional<Opener> opened = {};
  bool watched = false;                  // somebody looks after it
  std::vector<std::string> undoes = {};  // what going back would do now, a step each
  std::int64_t tries = 0;                // to go back, that failed
  std::string trouble = {};              // why the last did
};

// Nothing when no change is open. Only root may read more than that one is.
std::optional<WindowNow> window_now(Kernel& kernel, const Places& places);

}  // namespace vifchain::inline cli

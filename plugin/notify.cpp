// SPDX-License-Identifier: Apache-2.0
#include "notify.hpp"

#include <systemd/sd-daemon.h>
#include <time.h>

#include <algorithm>
#include <cstdint>

namespace vifchain::inline plugin {
namespace {

// CLOCK_MONOTONIC, which MONOTONIC_USEC= is by.
std::uint64_t monotonic_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

}  // namespace

void notify_ready() {
  sd_notify(0, "READY=1");
}

void notify_reloading() {
  const std::string words = "RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_now());
  sd_notify(0, words.c_str());
}

void notify_stopping() {
  sd_notify(0, "STOPPING=1");
}

// A line that ends would begin another assignment.
void notify_status(const std::string& text) {
  std::string words = "STATUS=" + text;
  std::ranges::replace(words, '\n', ' ');
  sd_notify(0, words.c_str());
}

void notify_alive() {
  sd_notify(0, "WATCHDOG=1");
}

std::optional<std::chrono::microseconds> watchdog_pause() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
  return std::chrono::microseconds(microseconds / 2);
}

}  // namespace vifchain::inline plugin

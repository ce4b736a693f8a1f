// SPDX-License-Identifier: Apache-2.0
// Where there is no libsystemd: nobody to notify, and no journal.
#include "journal.hpp"
#include "notify.hpp"

namespace vifchain::inline plugin {

bool journal_listens() {
  return false;
}

bool tell_journal(Level /*level*/, std::string_view /*text*/) {
  return false;
}

About::About(std::string_view /*words*/) {}
About::~About() = default;

void notify_ready() {}
void notify_reloading() {}
void notify_stopping() {}
void notify_status(const std::string& /*text*/) {}
void notify_alive() {}

std::optional<std::chrono::microseconds> watchdog_pause() {
  return std::nullopt;
}

}  // namespace vifchain::inline plugin

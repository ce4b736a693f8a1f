// SPDX-License-Identifier: Apache-2.0
// What the service manager is told (sd_notify(3)). Without one, no $NOTIFY_SOCKET, nothing happens.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace vifchain::inline plugin {

// All that was there at the start has been looked at, or the reload is over.
void notify_ready();

// The file is read anew; notify_ready() ends it, whether the file was right or not.
void notify_reloading();

// It ends, because it was told to.
void notify_stopping();

// One line that `systemctl status` shows.
void notify_status(const std::string& text);

// The loop goes round.
void notify_alive();

// How often notify_alive() is to be called; nothing where nobody watches. Half of what the manager
// allows (WatchdogSec=), as sd_watchdog_enabled(3) advises.
std::optional<std::chrono::microseconds> watchdog_pause();

}  // namespace vifchain::inline plugin

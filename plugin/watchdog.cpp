// SPDX-License-Identifier: Apache-2.0
#include "watchdog.hpp"

#include "notify.hpp"

namespace vifchain::inline plugin {

Watchdog::Watchdog(boost::asio::io_context& loop) : pause_(watchdog_pause()), timer_(loop) {
  if (pause_) wait();
}

void Watchdog::wait() {
  timer_.expires_after(*pause_);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    notify_alive();
    wait();
  });
}

}  // namespace vifchain::inline plugin

// SPDX-License-Identifier: Apache-2.0
// Telling the service manager that the loop goes round.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <optional>

namespace vifchain::inline plugin {

// While it lives, and the loop runs, the service manager hears of it as often as it wants. Where it
// does not want to (no WatchdogSec=), there is no timer, and nothing to wake up for.
class Watchdog {
 public:
  explicit Watchdog(boost::asio::io_context& loop);

 private:
  void wait();

  std::optional<std::chrono::microseconds> pause_;
  boost::asio::steady_timer timer_;
};

}  // namespace vifchain::inline plugin

#include "watchdog.hpp"

#include "notify.hpp"

namespace vifchain {

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

}  // namespace vifchain

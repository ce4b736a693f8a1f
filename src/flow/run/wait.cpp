#include "flow/run/wait.hpp"

#include <algorithm>

namespace vifchain {

bool wait_until(Site& site, unsigned seconds, const std::function<bool()>& there) {
  if (there()) return true;
  if (!site.watch_links || seconds == 0) return false;
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::seconds(seconds);
  const auto watch = site.watch_links();
  for (;;) {
    if (there()) return true;  // what came before the watch began is seen by this look
    site.deadline.check();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    if (left <= std::chrono::milliseconds::zero()) return false;
    watch->wait(std::min(left, site.deadline.remaining()));
  }
}

}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
#include "flow/run/wait.hpp"

#include <algorithm>

namespace vifchain::inline flow::inline run {

bool wait_until(Env& env, unsigned seconds, const std::function<bool()>& there) {
  if (there()) return true;
  if (!env.watch_links || seconds == 0) return false;
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::seconds(seconds);
  const auto watch = env.watch_links();
  for (;;) {
    if (there()) return true;  // what came before the watch began is seen by this look
    env.deadline.check();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    if (left <= std::chrono::milliseconds::zero()) return false;
    watch->wait(std::min(left, env.deadline.remaining()));
  }
}

}  // namespace vifchain::inline flow::inline run

// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/link_watch.hpp"

#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "edge/base/error.hpp"
#include "edge/netlink/listening_socket.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

using std::chrono::milliseconds;

// What poll(2) takes: an endless limit is some 24 days.
int poll_limit(milliseconds limit) {
  constexpr milliseconds most{std::numeric_limits<int>::max()};
  return static_cast<int>(std::clamp(limit, milliseconds::zero(), most).count());
}

class RtnlLinkWatch final : public LinkWatch {
 public:
  bool wait(milliseconds limit) override;

 private:
  bool drain();

  ListeningSocket socket_{NETLINK_ROUTE,
                          {RTNLGRP_LINK},
                          0,
                          {.opening = "opening a rtnetlink socket",
                           .asking = "asking rtnetlink to tell of changed links",
                           .reading = "reading of changed links"}};
};

bool RtnlLinkWatch::wait(milliseconds limit) {
  pollfd waiting{socket_.descriptor(), POLLIN, 0};
  const int count = poll(&waiting, 1, poll_limit(limit));
  if (count > 0) return drain();
  if (count < 0 && errno != EINTR) throw Error(errno, "waiting for a link to change");
  return false;
}

// Takes what is there and looks at none of it: whoever waits looks at the links themselves. The
// receive buffer bounds how much that can be, unless links change faster than one can count them.
bool RtnlLinkWatch::drain() {
  bool change = false;
  char nothing = 0;
  while (recv(socket_.descriptor(), &nothing, sizeof nothing, MSG_DONTWAIT) >= 0) change = true;
  if (errno == ENOBUFS) return true;  // and what is left counts as the next change
  if (errno != EAGAIN && errno != EINTR) throw Error(errno, "reading of changed links");
  return change;
}

}  // namespace

std::unique_ptr<LinkWatch> watch_links() {
  return std::make_unique<RtnlLinkWatch>();
}

}  // namespace vifchain::inline edge::inline kernel

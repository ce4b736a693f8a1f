// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/link_watch.hpp"

#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "edge/base/error.hpp"
#include "edge/netlink/rtnl.hpp"

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
  RtnlLinkWatch();
  bool wait(milliseconds limit) override;

 private:
  bool drain();

  std::unique_ptr<nl_sock, FreeSocket> socket_;
  int descriptor_ = -1;
};

RtnlLinkWatch::RtnlLinkWatch() : socket_(nl_socket_alloc()) {
  if (!socket_) throw Error(ENOMEM, "opening a rtnetlink socket");
  if (nl_connect(socket_.get(), NETLINK_ROUTE) != 0)
    throw Error(errno, "opening a rtnetlink socket");
  if (nl_socket_add_memberships(socket_.get(), RTNLGRP_LINK, RTNLGRP_NONE) != 0)
    throw Error(errno, "asking rtnetlink to tell of changed links");
  descriptor_ = nl_socket_get_fd(socket_.get());
}

bool RtnlLinkWatch::wait(milliseconds limit) {
  pollfd waiting{descriptor_, POLLIN, 0};
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
  while (recv(descriptor_, &nothing, sizeof nothing, MSG_DONTWAIT) >= 0) change = true;
  if (errno == ENOBUFS) return true;  // and what is left counts as the next change
  if (errno != EAGAIN && errno != EINTR) throw Error(errno, "reading of changed links");
  return change;
}

}  // namespace

std::unique_ptr<LinkWatch> watch_links() {
  return std::make_unique<RtnlLinkWatch>();
}

}  // namespace vifchain::inline edge::inline kernel

// SPDX-License-Identifier: Apache-2.0
// What the kernel says by itself.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>

#include "edge/netlink/rtnl.hpp"

namespace vifchain::inline edge::inline netlink {

// What an Error says was being done.
struct ListeningWords {
  const char *opening, *asking, *reading;
};

class ListeningSocket {
 public:
  // Of this protocol, for what is said to these groups. The kernel keeps as many bytes of it as
  // `receive_buffer` says, beyond what it allows everybody where we may; 0: the usual. Throws
  // Error.
  ListeningSocket(int protocol, std::initializer_list<int> groups, int receive_buffer,
                  const ListeningWords& words);

  [[nodiscard]] int descriptor() const { return descriptor_; }

  // Takes all that was said, and waits for nothing. False when the kernel could not keep all of it.
  // Throws Error.
  bool take(const std::function<void(const nlmsghdr& message)>& each) const;

 private:
  ListeningWords words_;
  std::unique_ptr<nl_sock, FreeSocket> socket_;
  int descriptor_ = -1;
};

}  // namespace vifchain::inline edge::inline netlink

// SPDX-License-Identifier: Apache-2.0
#include "edge/netlink/listening_socket.hpp"

#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>

#include <cerrno>

#include "edge/base/error.hpp"

namespace vifchain::inline edge::inline netlink {

ListeningSocket::ListeningSocket(int protocol, std::initializer_list<int> groups,
                                 int receive_buffer, const ListeningWords& words)
    : words_(words), socket_(nl_socket_alloc()) {
  if (!socket_ || nl_connect(socket_.get(), protocol) != 0)
    throw Error(socket_ ? errno : ENOMEM, words.opening);
  descriptor_ = nl_socket_get_fd(socket_.get());
  const int size = receive_buffer;
  if (size != 0 && setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  for (const int group : groups)
    if (nl_socket_add_membership(socket_.get(), group) != 0) throw Error(errno, words.asking);
}

bool ListeningSocket::take(const std::function<void(const nlmsghdr&)>& each) const {
  bool whole = true;
  alignas(nlmsghdr) char buffer[65536];
  for (;;) {
    const auto got = recv(descriptor_, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return whole;
    if (got < 0 && errno == ENOBUFS) whole = false;
    if (got < 0 && errno != ENOBUFS && errno != EINTR) throw Error(errno, words_.reading);
    auto size = static_cast<int>(got);
    for (auto* message = reinterpret_cast<nlmsghdr*>(buffer); got >= 0 && nlmsg_ok(message, size);
         message = nlmsg_next(message, &size))
      each(*message);
  }
}

}  // namespace vifchain::inline edge::inline netlink

// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/link_monitor.hpp"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "edge/base/error.hpp"
#include "edge/kernel/links.hpp"
#include "edge/netlink/new_message.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

template <typename Body>
Body body_of(const nlmsghdr& message) {
  Body body{};
  if (nlmsg_valid_hdr(&message, sizeof body) != 0)
    std::memcpy(&body, nlmsg_data(&message), sizeof body);
  return body;
}

SeenLink seen(const nlmsghdr& link_message) {
  const Identity who = identity_of(link_message);
  return {.name = who.name,
          .controller = who.controller,
          .group = who.group,
          .up = (body_of<ifinfomsg>(link_message).ifi_flags & IFF_UP) != 0};
}

Message ask_for_all() {
  auto message = new_message(RTM_GETLINK, NLM_F_DUMP, link_body(0), 256);
  put(*message, IFLA_EXT_MASK, std::uint32_t{RTEXT_FILTER_SKIP_STATS});
  return message;
}

class RtnlMonitor final : public LinkMonitor {
 public:
  explicit RtnlMonitor(int receive_buffer) : socket_(nl_socket_alloc()) {
    if (!socket_ || nl_connect(socket_.get(), NETLINK_ROUTE) != 0)
      throw Error(socket_ ? errno : ENOMEM, "opening a rtnetlink socket");
    descriptor_ = nl_socket_get_fd(socket_.get());
    // Beyond what the system allows everybody, where we may.
    if (setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer))
      setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    if (nl_socket_add_memberships(socket_.get(), RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
                                  RTNLGRP_IPV6_IFADDR, RTNLGRP_NONE) != 0)
      throw Error(errno, "asking rtnetlink to tell of changed links");
    links_ = read_all();
  }

  [[nodiscard]] int descriptor() const override { return descriptor_; }
  [[nodiscard]] const std::map<unsigned, SeenLink>& links() const override { return links_; }

  LinkNews take() override {
    LinkNews news;
    alignas(nlmsghdr) char buffer[32768];
    for (;;) {
      const auto size = recv(descriptor_, buffer, sizeof buffer, MSG_DONTWAIT);
      if (size >= 0) {
        read(buffer, static_cast<int>(size), news);
      } else if (errno == ENOBUFS) {
        news.lost = true;
      } else if (errno == EAGAIN) {
        if (news.lost) read_anew(news);
        return news;
      } else if (errno != EINTR) {
        throw Error(errno, "reading of changed links");
      }
    }
  }

 private:
  void read(char* buffer, int size, LinkNews& news) {
    for (auto* message = reinterpret_cast<nlmsghdr*>(buffer); nlmsg_ok(message, size) != 0;
         message = nlmsg_next(message, &size)) {
      if (message->nlmsg_type == RTM_NEWLINK || message->nlmsg_type == RTM_DELLINK)
        read_link_message(*message, news);
      else if (message->nlmsg_type == RTM_DELADDR)
        note_same(body_of<ifaddrmsg>(*message).ifa_index, news);
    }
  }

  void read_link_message(const nlmsghdr& message, LinkNews& news) {
    const auto body = body_of<ifinfomsg>(message);
    // Of a bridge about its port: that one leaves is told as if a link went (br_ifinfo_notify in
    // net/bridge/br_netlink.c), and again as a change of the link itself.
    if (body.ifi_family == AF_BRIDGE) return;
    const auto index = static_cast<unsigned>(body.ifi_index);
    const auto known = links_.find(index);
    LinkChange change;
    if (known != links_.end()) change.before = known->second;
    if (message.nlmsg_type == RTM_NEWLINK) change.now = seen(message);
    if (!change.before && !change.now) return;
    if (change.now)
      links_.insert_or_assign(index, *change.now);
    else
      links_.erase(index);
    news.changes.push_back(std::move(change));
  }

  void note_same(unsigned index, LinkNews& news) const {
    if (const auto link = links_.find(index); link != links_.end())
      news.changes.push_back({link->second, link->second});
  }

  // Beside the changes that did come through.
  void read_anew(LinkNews& news) {
    auto now = read_all();
    for (const auto& [index, link] : links_)
      if (const auto still = now.find(index); still == now.end())
        news.changes.push_back({link, {}});
    for (const auto& [index, link] : now) {
      const auto was = links_.find(index);
      if (was == links_.end())
        news.changes.push_back({{}, link});
      else if (!(was->second == link))
        news.changes.push_back({was->second, link});
    }
    links_ = std::move(now);
  }

  static std::map<unsigned, SeenLink> read_all() {
    Rtnl rtnl{Patience{}};
    const Answer answer = rtnl.exchange(ask_for_all());
    if (answer.error != 0) throw Error(answer.error, "reading all links", answer.words);
    std::map<unsigned, SeenLink> links;
    for (const auto* message : messages_of(answer))
      if (message->nlmsg_type == RTM_NEWLINK)
        links.emplace(identity_of(*message).index, seen(*message));
    return links;
  }

  std::unique_ptr<nl_sock, FreeSocket> socket_;
  int descriptor_ = -1;
  std::map<unsigned, SeenLink> links_;
};

}  // namespace

std::unique_ptr<LinkMonitor> monitor_links(int receive_buffer) {
  return std::make_unique<RtnlMonitor>(receive_buffer);
}

}  // namespace vifchain::inline edge::inline kernel

// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/link_monitor.hpp"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <cstring>

#include "edge/base/error.hpp"
#include "edge/kernel/links.hpp"
#include "edge/kernel/requests.hpp"
#include "edge/netlink/attributes.hpp"
#include "edge/netlink/listening_socket.hpp"

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

class RtnlMonitor final : public LinkMonitor {
 public:
  explicit RtnlMonitor(int receive_buffer)
      : socket_(NETLINK_ROUTE, {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR},
                receive_buffer,
                {.opening = "opening a rtnetlink socket",
                 .asking = "asking rtnetlink to tell of changed links",
                 .reading = "reading of changed links"}),
        links_(read_all()) {}

  [[nodiscard]] int descriptor() const override { return socket_.descriptor(); }
  [[nodiscard]] const std::map<unsigned, SeenLink>& links() const override { return links_; }

  LinkNews take() override {
    LinkNews news;
    news.lost = !socket_.take([&](const nlmsghdr& message) { read(message, news); });
    if (news.lost) read_anew(news);
    return news;
  }

 private:
  void read(const nlmsghdr& message, LinkNews& news) {
    if (message.nlmsg_type == RTM_NEWLINK || message.nlmsg_type == RTM_DELLINK)
      read_link_message(message, news);
    else if (message.nlmsg_type == RTM_DELADDR)
      note_same(body_of<ifaddrmsg>(message).ifa_index, news);
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
    const Answer answer = rtnl.exchange(ask_all_links());
    if (answer.error != 0) throw Error(answer.error, "reading all links", answer.words);
    std::map<unsigned, SeenLink> links;
    for (const auto* message : messages_of(answer))
      if (message->nlmsg_type == RTM_NEWLINK)
        links.emplace(identity_of(*message).index, seen(*message));
    return links;
  }

  ListeningSocket socket_;
  std::map<unsigned, SeenLink> links_;
};

}  // namespace

std::unique_ptr<LinkMonitor> monitor_links(int receive_buffer) {
  return std::make_unique<RtnlMonitor>(receive_buffer);
}

}  // namespace vifchain::inline edge::inline kernel

// SPDX-License-Identifier: Apache-2.0
#include "edge/filter/nft_monitor.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>

#include <cerrno>

#include "core/filter/port_filter_rules.hpp"
#include "edge/base/error.hpp"
#include "edge/netlink/attributes.hpp"
#include "edge/netlink/rtnl.hpp"

namespace vifchain::inline edge::inline filter {
namespace {

// Tables, chains, rules, sets, elements and the rest all say first which table they are of.
static_assert(NFTA_TABLE_NAME == 1 && NFTA_CHAIN_TABLE == 1 && NFTA_RULE_TABLE == 1 &&
              NFTA_SET_TABLE == 1 && NFTA_SET_ELEM_LIST_TABLE == 1 && NFTA_OBJ_TABLE == 1 &&
              NFTA_FLOWTABLE_TABLE == 1);

bool is_of_ours(const nlmsghdr& message) {
  if (message.nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES ||
      (message.nlmsg_type & 0xff) == NFT_MSG_NEWGEN)
    return false;
  const auto& body = *static_cast<const nfgenmsg*>(nlmsg_data(&message));
  return body.nfgen_family == NFPROTO_BRIDGE &&
         get_text(Attributes<NFTA_TABLE_NAME>(message, sizeof body)[NFTA_TABLE_NAME]) ==
             filter_table;
}

class Monitor final : public NftMonitor {
 public:
  explicit Monitor(int receive_buffer) : socket_(nl_socket_alloc()) {
    if (!socket_ || nl_connect(socket_.get(), NETLINK_NETFILTER) != 0)
      throw Error(socket_ ? errno : ENOMEM, "opening a netfilter socket");
    descriptor_ = nl_socket_get_fd(socket_.get());
    if (setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer))
      setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    if (nl_socket_add_memberships(socket_.get(), NFNLGRP_NFTABLES, NFNLGRP_NONE) != 0)
      throw Error(errno, "asking nftables to tell of changes");
  }

  [[nodiscard]] int descriptor() const override { return descriptor_; }

  NftNews take() override {
    NftNews news;
    alignas(nlmsghdr) char buffer[65536];
    for (;;) {
      const auto size = recv(descriptor_, buffer, sizeof buffer, MSG_DONTWAIT);
      if (size >= 0)
        read(buffer, static_cast<int>(size), news);
      else if (errno == ENOBUFS)
        news.lost = true;
      else if (errno == EAGAIN)
        return news;
      else if (errno != EINTR)
        throw Error(errno, "reading of changes in nftables");
    }
  }

 private:
  static void read(char* buffer, int size, NftNews& news) {
    for (auto* message = reinterpret_cast<nlmsghdr*>(buffer); nlmsg_ok(message, size) != 0;
         message = nlmsg_next(message, &size))
      news.of_ours |= is_of_ours(*message);
  }

  std::unique_ptr<nl_sock, FreeSocket> socket_;
  int descriptor_ = -1;
};

}  // namespace

std::unique_ptr<NftMonitor> monitor_nftables(int receive_buffer) {
  return std::make_unique<Monitor>(receive_buffer);
}

}  // namespace vifchain::inline edge::inline filter

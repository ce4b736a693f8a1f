// SPDX-License-Identifier: Apache-2.0
#include "edge/filter/nft_monitor.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "core/filter/port_filter_rules.hpp"
#include "edge/netlink/attributes.hpp"
#include "edge/netlink/listening_socket.hpp"

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
  explicit Monitor(int receive_buffer)
      : socket_(NETLINK_NETFILTER, {NFNLGRP_NFTABLES}, receive_buffer,
                {.opening = "opening a netfilter socket",
                 .asking = "asking nftables to tell of changes",
                 .reading = "reading of changes in nftables"}) {}

  [[nodiscard]] int descriptor() const override { return socket_.descriptor(); }

  NftNews take() override {
    NftNews news;
    news.lost =
        !socket_.take([&](const nlmsghdr& message) { news.of_ours |= is_of_ours(message); });
    return news;
  }

 private:
  ListeningSocket socket_;
};

}  // namespace

std::unique_ptr<NftMonitor> monitor_nftables(int receive_buffer) {
  return std::make_unique<Monitor>(receive_buffer);
}

}  // namespace vifchain::inline edge::inline filter

// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/apart.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/model/link.hpp"
#include "edge/base/error.hpp"
#include "edge/kernel/drivers.hpp"
#include "edge/netlink/new_message.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

// "Return TC_ACT_SHOT": the whole program. With direct action that is what happens to the frame.
constexpr std::array<sock_filter, 1> drop_all{{{BPF_RET | BPF_K, 0, 0, TC_ACT_SHOT}}};

// 30307 is 0x7663, "vc", as with links' group.
constexpr std::uint32_t our_priority = our_group;
constexpr std::uint32_t our_filter = 1;

constexpr std::uint32_t ingress = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS);
constexpr std::uint32_t egress = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS);

tcmsg place_of_filters(unsigned index) {
  return traffic_body(index, TC_H_CLSACT, TC_H_MAKE(TC_H_CLSACT, 0));
}

tcmsg our_filter_on(unsigned index) {
  tcmsg body = traffic_body(index, ingress, our_filter);
  body.tcm_info = TC_H_MAKE(our_priority << 16, htons(ETH_P_ALL));
  return body;
}

Message make_place(unsigned index) {
  auto message = new_message(RTM_NEWQDISC, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
                             place_of_filters(index), 256);
  put_text(*message, TCA_KIND, "clsact");
  return message;
}

Message put_filter(unsigned index) {
  auto message = new_message(RTM_NEWTFILTER, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE,
                             our_filter_on(index), 256);
  put_text(*message, TCA_KIND, "bpf");
  const Nest options(*message, TCA_OPTIONS);
  put(*message, TCA_BPF_OPS_LEN, static_cast<std::uint16_t>(drop_all.size()));
  put(*message, TCA_BPF_OPS, drop_all);
  put(*message, TCA_BPF_FLAGS, std::uint32_t{TCA_BPF_FLAG_ACT_DIRECT});
  return message;
}

bool drops_all(const nlattr* nest) {
  const Attributes<TCA_BPF_FLAGS> options(nest);
  const auto program = get<std::array<sock_filter, 1>>(options[TCA_BPF_OPS]);
  return get<std::uint16_t>(options[TCA_BPF_OPS_LEN]) == drop_all.size() && program &&
         std::memcmp(&*program, &drop_all, sizeof drop_all) == 0 &&
         (get<std::uint32_t>(options[TCA_BPF_FLAGS]).value_or(0) & TCA_BPF_FLAG_ACT_DIRECT) != 0;
}

// Filters that are not ours. A dump also has a message for each priority, without a handle.
bool has_others(Rtnl& rtnl, unsigned index, std::uint32_t parent) {
  const Answer answer =
      rtnl.exchange(new_message(RTM_GETTFILTER, NLM_F_DUMP, traffic_body(index, parent), 256));
  for (const auto* message : messages_of(answer))
    if (static_cast<const tcmsg*>(nlmsg_data(message))->tcm_info != our_filter_on(index).tcm_info)
      return true;
  return false;
}

}  // namespace

std::vector<Message> close_to_host(unsigned index) {
  std::vector<Message> messages;
  messages.push_back(make_place(index));
  messages.push_back(put_filter(index));
  return messages;
}

Message ask_closed(unsigned index) {
  return new_message(RTM_GETTFILTER, 0, our_filter_on(index), 256);
}

bool says_closed(const Answer& answer) {
  if (answer.error != 0 || messages_of(answer).empty()) return false;
  const Attributes<TCA_OPTIONS> all(*messages_of(answer).front(), sizeof(tcmsg));
  return get_text(all[TCA_KIND]) == "bpf" && drops_all(all[TCA_OPTIONS]);
}

void open_to_host(Rtnl& rtnl, unsigned index) {
  const bool shared = has_others(rtnl, index, ingress) || has_others(rtnl, index, egress);
  const Answer answer =
      rtnl.exchange(shared ? new_message(RTM_DELTFILTER, NLM_F_ACK, our_filter_on(index), 256)
                           : new_message(RTM_DELQDISC, NLM_F_ACK, place_of_filters(index), 256));
  const bool gone = answer.error == ENOENT || answer.error == EINVAL;
  if (answer.error != 0 && !gone)
    throw Error(answer.error, "deleting the filter on what a bridge receives", answer.words);
}

bool can_close_to_host() {
  return may_have_driver("cls_bpf") && may_have_driver("sch_ingress");
}

}  // namespace vifchain::inline edge::inline kernel

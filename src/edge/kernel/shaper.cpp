// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/shaper.hpp"

#include <linux/if_link.h>
#include <linux/pkt_sched.h>

#include <algorithm>
#include <limits>

#include "core/model/link.hpp"
#include "edge/kernel/links.hpp"
#include "edge/kernel/requests.hpp"
#include "edge/netlink/new_message.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();

// 30307 is 0x7663, "vc": a qdisc's handle is 16 bits above 16 zeroes (TC_H_MAKE).
constexpr std::uint32_t our_handle = our_group << 16;

// Which link, and what decides how much may go at once. Bytes.
struct Port {
  unsigned index = 0;
  std::uint64_t frame = 0;         // the largest on the wire
  std::uint64_t whole_packet = 0;  // the largest that the kernel hands over in one (GSO)
};

// An Ethernet header and two VLAN tags.
constexpr std::uint64_t header_size = 14 + 2 * 4;

Port port_of(const nlmsghdr& link_message) {
  const Attributes<IFLA_GSO_MAX_SIZE> said(link_message, sizeof(ifinfomsg));
  const auto mtu = get<std::uint32_t>(said[IFLA_MTU]).value_or(1500);
  const auto gso = get<std::uint32_t>(said[IFLA_GSO_MAX_SIZE]).value_or(65536);
  return {identity_of(link_message).index, mtu + header_size, gso + header_size};
}

std::uint64_t bytes_in(std::uint64_t bytes_per_second, std::uint64_t milliseconds) {
  return bytes_per_second / 1000 * milliseconds + bytes_per_second % 1000 * milliseconds / 1000;
}

// What may go at once, in bytes: 10 ms of the rate, well above the kernel's timers; but a packet
// that has not been cut into frames yet is let through whole if it takes no more than 50 ms, for
// the qdisc would cut it otherwise (tbf_segment in net/sched/sch_tbf.c); and never less than a
// frame, which would be dropped.
std::uint32_t burst_of(const Port& port, std::uint64_t rate) {
  const std::uint64_t whole = std::min(port.whole_packet, bytes_in(rate, 50));
  const std::uint64_t burst = std::max({bytes_in(rate, 10), whole, port.frame});
  return static_cast<std::uint32_t>(std::min(burst, most));
}

// Bytes that may wait: what goes within 50 ms, the burst included.
std::uint32_t queue_of(std::uint64_t rate, std::uint32_t burst) {
  return static_cast<std::uint32_t>(std::min(bytes_in(rate, 50) + burst, most));
}

// With a link layer named, the kernel computes how long a packet takes by itself, and wants no
// table (qdisc_get_rtab); with the burst in bytes, no ticks.
tc_tbf_qopt parameters(std::uint64_t rate, std::uint32_t queue) {
  tc_tbf_qopt options{};
  options.rate.rate = static_cast<std::uint32_t>(std::min(rate, most));
  options.rate.linklayer = TC_LINKLAYER_ETHERNET;
  options.limit = queue;
  return options;
}

Message qdisc_message(int type, int flags, unsigned index) {
  return new_message(type, flags | NLM_F_ACK, traffic_body(index, TC_H_ROOT, our_handle));
}

}  // namespace

// In one call whatever was there is replaced: created where the root has another handle, changed
// where it is ours already (tc_modify_qdisc in net/sched/sch_api.c).
Message limit_rate(const nlmsghdr& link_message, std::uint64_t bits_per_second) {
  const Port port = port_of(link_message);
  const std::uint64_t rate = bits_per_second / 8;
  const std::uint32_t burst = burst_of(port, rate);
  auto message = qdisc_message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, port.index);
  put_text(*message, TCA_KIND, "tbf");
  const Nest options(*message, TCA_OPTIONS);
  put(*message, TCA_TBF_PARMS, parameters(rate, queue_of(rate, burst)));
  put(*message, TCA_TBF_BURST, burst);
  if (rate > most) put(*message, TCA_TBF_RATE64, rate);
  return message;
}

Message lift_limit(unsigned index) {
  return qdisc_message(RTM_DELQDISC, 0, index);
}

// When the root is somebody else's, or the default, which has no handle.
bool had_no_limit(const Answer& answer) {
  return answer.error == EINVAL || answer.error == ENOENT;
}

// Of one link the kernel tells whoever listens, and the one who asks only if that is said
// (qdisc_notify in net/sched/sch_api.c); of a default qdisc it says nothing.
Message ask_limits(unsigned index) {
  const int flags = index == 0 ? NLM_F_DUMP : NLM_F_ECHO | NLM_F_ACK;
  return new_message(RTM_GETQDISC, flags, traffic_body(index, TC_H_ROOT), 256);
}

ReadLimit read_limit(const nlmsghdr& qdisc_message) {
  const auto& body = *static_cast<const tcmsg*>(nlmsg_data(&qdisc_message));
  ReadLimit read{.index = static_cast<unsigned>(body.tcm_ifindex)};
  const Attributes<TCA_OPTIONS> own(qdisc_message, sizeof body);
  if (body.tcm_handle != our_handle || get_text(own[TCA_KIND]) != "tbf") return read;
  const Attributes<TCA_TBF_MAX> options(own[TCA_OPTIONS]);
  const auto wide = get<std::uint64_t>(options[TCA_TBF_RATE64]);
  const auto said = get<tc_tbf_qopt>(options[TCA_TBF_PARMS]);
  read.rate = 8 * wide.value_or(said ? said->rate.rate : 0);
  return read;
}

}  // namespace vifchain::inline edge::inline kernel

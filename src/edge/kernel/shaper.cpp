#include "edge/kernel/shaper.hpp"

#include <linux/if_link.h>
#include <linux/pkt_sched.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "core/link.hpp"
#include "edge/kernel/kernel_links.hpp"
#include "edge/kernel/kernel_requests.hpp"
#include "edge/kernel/new_message.hpp"

namespace vifchain {
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

// The kernel also finds a link by an alternative name; that is not the link of this name.
std::optional<Port> find_port(Rtnl& rtnl, const LinkName& link) {
  const Answer answer = rtnl.exchange(ask_link(link));
  if (answer.error == ENODEV) return std::nullopt;
  if (answer.error != 0) throw Error(answer.error, "reading the link " + link.str(), answer.words);
  const nlmsghdr& message = *messages_of(answer).at(0);
  if (identity_of(message).name != link) return std::nullopt;
  return port_of(message);
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
  tcmsg body{};
  body.tcm_family = AF_UNSPEC;
  body.tcm_ifindex = static_cast<int>(index);
  body.tcm_parent = TC_H_ROOT;
  body.tcm_handle = our_handle;
  return new_message(type, flags | NLM_F_ACK, body);
}

// In one call whatever was there is replaced: created where the root has another handle, changed
// where it is ours already (tc_modify_qdisc in net/sched/sch_api.c).
Message limit_message(const Port& port, std::uint64_t rate) {
  const std::uint32_t burst = burst_of(port, rate);
  auto message = qdisc_message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, port.index);
  put_text(*message, TCA_KIND, "tbf");
  const Nest options(*message, TCA_OPTIONS);
  put(*message, TCA_TBF_PARMS, parameters(rate, queue_of(rate, burst)));
  put(*message, TCA_TBF_BURST, burst);
  if (rate > most) put(*message, TCA_TBF_RATE64, rate);
  return message;
}

// The kernel's answers when the root is somebody else's, or the default, which has no handle.
bool says_not_ours(const Answer& answer) {
  return answer.error == EINVAL || answer.error == ENOENT;
}

}  // namespace

void limit_rate(const LinkName& link, std::uint64_t bits_per_second, Patience patience) {
  const std::string doing =
      "limiting " + link.str() + " to " + std::to_string(bits_per_second) + " bits per second";
  const std::uint64_t rate = bits_per_second / 8;
  if (rate == 0) throw Error(EINVAL, doing);
  Rtnl rtnl(std::move(patience));
  const auto port = find_port(rtnl, link);
  if (!port) throw Error(ENODEV, doing);
  const Answer answer = rtnl.exchange(limit_message(*port, rate));
  if (answer.error != 0) throw Error(answer.error, doing, answer.words);
}

void lift_limit(const LinkName& link, Patience patience) {
  Rtnl rtnl(std::move(patience));
  const auto port = find_port(rtnl, link);
  if (!port) return;
  const Answer answer = rtnl.exchange(qdisc_message(RTM_DELQDISC, 0, port->index));
  if (answer.error != 0 && !says_not_ours(answer) && answer.error != ENODEV)
    throw Error(answer.error, "lifting the limit of " + link.str(), answer.words);
}

}  // namespace vifchain

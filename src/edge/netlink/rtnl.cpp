// SPDX-License-Identifier: Apache-2.0
#include "edge/netlink/rtnl.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "edge/base/error.hpp"
#include "edge/netlink/attributes.hpp"

namespace vifchain::inline edge::inline netlink {
namespace {

// One send: small enough for the socket's send buffer, and with answers (about 4 KiB of kernel
// memory for a link, less for an acknowledgement) that fit its receive buffer together.
constexpr std::size_t most_bytes_per_send = 128UL * 1024;
constexpr std::size_t most_requests_per_send = 128;
constexpr int send_buffer = 256 * 1024;
constexpr int receive_buffer = 2 * 1024 * 1024;

// One datagram: the largest is a link with a full list of alternative names (64 KiB). The memory is
// only touched where a message was written.
constexpr std::size_t datagram_size = 128UL * 1024;
constexpr std::size_t datagrams_per_call = 16;

// Room for a dump, so that it is not moved as it grows (links of a host with a thousand bridges are
// 3 MiB). Of this memory too only what is written is touched.
constexpr std::size_t usual_dump = 4UL * 1024 * 1024;

constexpr int most_attempts = 8;

[[noreturn]] void fail(int error_number, const char* doing) {
  throw Error(error_number, doing);
}

void set_option(int descriptor, int level, int option, int value, const char* doing) {
  if (setsockopt(descriptor, level, option, &value, sizeof value) != 0) fail(errno, doing);
}

// Above net.core.rmem_max takes CAP_NET_ADMIN; without it the buffer is as large as allowed.
void enlarge_buffers(int descriptor) {
  for (const auto& [force, plain, size] : {std::array{SO_SNDBUFFORCE, SO_SNDBUF, send_buffer},
                                           std::array{SO_RCVBUFFORCE, SO_RCVBUF, receive_buffer}}) {
    if (setsockopt(descriptor, SOL_SOCKET, force, &size, sizeof size) != 0)
      set_option(descriptor, SOL_SOCKET, plain, size, "sizing the rtnetlink socket's buffers");
  }
}

nlmsghdr& header(const Message& message) {
  return *nlmsg_hdr(message.get());
}

std::size_t aligned_size(const nlmsghdr& message) {
  return NLMSG_ALIGN(message.nlmsg_len);
}

// The four kinds of a rtnetlink object's requests are NEW, DEL, GET, SET in this order.
bool is_question(const nlmsghdr& request) {
  return (request.nlmsg_type - RTM_BASE) % 4 == 2;
}
bool is_dump(const nlmsghdr& request) {
  return is_question(request) && (request.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

std::size_t count_for_one_send(std::span<const Message> requests) {
  std::size_t bytes = 0, count = 0;
  for (const auto& request : requests) {
    bytes += aligned_size(header(request));
    if (count == most_requests_per_send || (count > 0 && bytes > most_bytes_per_send)) break;
    ++count;
    if (is_dump(header(request))) break;
  }
  return count;
}

// The attributes that extended acknowledgement (NETLINK_EXT_ACK) puts behind `used` bytes.
std::string words_after(const nlmsghdr& message, std::size_t used) {
  if ((message.nlmsg_flags & NLM_F_ACK_TLVS) == 0) return {};
  return get_text(Attributes<NLMSGERR_ATTR_MSG>(message, used)[NLMSGERR_ATTR_MSG]);
}

void take_acknowledgement(const nlmsghdr& message, Answer& answer) {
  const auto& body = *static_cast<const nlmsgerr*>(nlmsg_data(&message));
  const bool capped = (message.nlmsg_flags & NLM_F_CAPPED) != 0;
  const std::size_t echoed = capped ? NLMSG_HDRLEN : body.msg.nlmsg_len;
  answer.error = -body.error;
  answer.words = words_after(message, sizeof body.error + echoed);
}

void take_end_of_dump(const nlmsghdr& message, Answer& answer) {
  int result = 0;
  if (nlmsg_datalen(&message) < static_cast<int>(sizeof result)) return;
  std::memcpy(&result, nlmsg_data(&message), sizeof result);
  answer.error = result < 0 ? -result : 0;
  answer.words = words_after(message, sizeof result);
}

void keep(const nlmsghdr& message, Answer& answer) {
  const auto* bytes = reinterpret_cast<const char*>(&message);
  answer.messages.insert(answer.messages.end(), bytes, bytes + message.nlmsg_len);
  answer.messages.resize(NLMSG_ALIGN(answer.messages.size()));
}

// EBUSY: the socket still runs a dump that a signal or a timeout made us abandon.
bool worth_asking_again(const nlmsghdr& request, const Answer& answer) {
  if (is_dump(request) && (answer.interrupted || answer.error == EBUSY)) return true;
  return is_question(request) && answer.error == ENOBUFS;
}

}  // namespace

void FreeMessage::operator()(nl_msg* message) const noexcept {
  nlmsg_free(message);
}
void FreeSocket::operator()(nl_sock* socket) const noexcept {
  nl_socket_free(socket);
}

std::vector<const nlmsghdr*> messages_of(const Answer& answer) {
  std::vector<const nlmsghdr*> messages;
  const char* at = answer.messages.data();
  const char* const end = at + answer.messages.size();
  while (at < end) {
    messages.push_back(reinterpret_cast<const nlmsghdr*>(at));
    at += aligned_size(*messages.back());
  }
  return messages;
}

// The requests of one send, which have consecutive sequence numbers, and what is known so far.
struct Rtnl::Round {
  std::uint32_t first_sequence;
  std::span<const Message> requests;
  std::span<Answer> answers;
  std::vector<bool> finished = std::vector<bool>(requests.size());
  std::size_t unfinished = requests.size();
  bool overrun = false;  // the kernel had an answer that the receive buffer could not hold

  void take(const nlmsghdr& message);
  void take_datagram(const char* bytes, std::size_t size);
  void give_up(int error_number);

 private:
  void finish(std::size_t which);
};

void Rtnl::Round::finish(std::size_t which) {
  if (finished[which]) return;
  finished[which] = true;
  --unfinished;
}

// Answers to anything but this round's requests are leftovers of a round that a timeout or a
// signal ended.
void Rtnl::Round::take(const nlmsghdr& message) {
  const std::size_t which = message.nlmsg_seq - first_sequence;
  if (which >= requests.size()) return;
  Answer& answer = answers[which];
  if ((message.nlmsg_flags & NLM_F_DUMP_INTR) != 0) answer.interrupted = true;
  if (message.nlmsg_type == NLMSG_ERROR) {
    take_acknowledgement(message, answer);
    return finish(which);
  }
  if (message.nlmsg_type == NLMSG_DONE) {
    take_end_of_dump(message, answer);
    return finish(which);
  }
  const bool one_of_many = is_dump(header(requests[which]));
  if (one_of_many && answer.messages.empty()) answer.messages.reserve(usual_dump);
  keep(message, answer);
  if (!one_of_many) finish(which);
}

void Rtnl::Round::take_datagram(const char* bytes, std::size_t size) {
  int left = static_cast<int>(size);
  auto* message = reinterpret_cast<nlmsghdr*>(const_cast<char*>(bytes));
  for (; nlmsg_ok(message, left) != 0; message = nlmsg_next(message, &left)) take(*message);
}

void Rtnl::Round::give_up(int error_number) {
  for (std::size_t which = 0; which < requests.size(); ++which)
    if (!finished[which]) answers[which].error = error_number;
  unfinished = 0;
}

Rtnl::Rtnl(Patience patience)
    : patience_(std::move(patience)),
      socket_(nl_socket_alloc()),
      buffers_(std::make_unique_for_overwrite<char[]>(datagram_size * datagrams_per_call)) {
  if (!socket_) fail(ENOMEM, "opening a rtnetlink socket");
  if (nl_connect(socket_.get(), NETLINK_ROUTE) != 0) fail(errno, "opening a rtnetlink socket");
  descriptor_ = nl_socket_get_fd(socket_.get());
  enlarge_buffers(descriptor_);
  for (const int option : {NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK})
    set_option(descriptor_, SOL_NETLINK, option, 1, "setting up the rtnetlink socket");
}

std::vector<Answer> Rtnl::exchange(std::span<const Message> requests) {
  std::vector<Answer> answers(requests.size());
  for (std::size_t at = 0; at < requests.size();) {
    const std::size_t count = count_for_one_send(requests.subspan(at));
    exchange_once(requests.subspan(at, count), std::span(answers).subspan(at, count));
    at += count;
  }
  for (std::size_t which = 0; which < requests.size(); ++which)
    ask_again(requests[which], answers[which]);
  return answers;
}

Answer Rtnl::exchange(const Message& request) {
  return std::move(exchange(std::span(&request, 1)).front());
}

void Rtnl::ask_again(const Message& request, Answer& answer) {
  for (int attempt = 1; attempt < most_attempts; ++attempt) {
    if (!worth_asking_again(header(request), answer)) return;
    answer = {};
    exchange_once(std::span(&request, 1), std::span(&answer, 1));
  }
}

void Rtnl::exchange_once(std::span<const Message> requests, std::span<Answer> answers) {
  Round round{next_sequence_, requests, answers};
  next_sequence_ += static_cast<std::uint32_t>(requests.size());
  send(round);
  while (round.unfinished > 0) {
    if (receive(round)) continue;
    if (round.overrun)
      round.give_up(ENOBUFS);
    else
      wait_for_more();
  }
}

void Rtnl::send(const Round& round) {
  std::array<iovec, most_requests_per_send> parts{};
  std::uint32_t sequence = round.first_sequence;
  for (std::size_t i = 0; i < round.requests.size(); ++i) {
    nlmsghdr& request = header(round.requests[i]);
    request.nlmsg_seq = sequence++;
    request.nlmsg_flags |= NLM_F_REQUEST;
    parts.at(i) = {&request, aligned_size(request)};
  }
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = round.requests.size();
  if (sendmsg(descriptor_, &message, 0) < 0) fail(errno, "sending requests over rtnetlink");
}

// Takes what is there, as much as one call gives; false when there was nothing.
bool Rtnl::receive(Round& round) {
  std::array<iovec, datagrams_per_call> parts{};
  std::array<mmsghdr, datagrams_per_call> datagrams{};
  for (std::size_t i = 0; i < datagrams_per_call; ++i) {
    parts[i] = {buffers_.get() + i * datagram_size, datagram_size};
    datagrams[i].msg_hdr.msg_iov = &parts[i];
    datagrams[i].msg_hdr.msg_iovlen = 1;
  }
  const int count = recvmmsg(descriptor_, datagrams.data(), datagrams_per_call, MSG_DONTWAIT, {});
  if (count < 0) return worth_trying_again(round, errno);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    if ((datagrams[i].msg_hdr.msg_flags & MSG_TRUNC) != 0)
      fail(EMSGSIZE, "receiving an answer over rtnetlink");
    round.take_datagram(static_cast<const char*>(parts[i].iov_base), datagrams[i].msg_len);
  }
  return true;
}

// After a call that gave no datagram.
bool Rtnl::worth_trying_again(Round& round, int error_number) {
  if (error_number == EAGAIN) return false;
  if (error_number == ENOBUFS)
    round.overrun = true;
  else if (error_number == EINTR)
    interrupted();
  else
    fail(error_number, "receiving an answer over rtnetlink");
  return true;
}

void Rtnl::wait_for_more() {
  pollfd waiting{descriptor_, POLLIN, 0};
  const int count = poll(&waiting, 1, static_cast<int>(patience_.limit.count()));
  if (count == 0) fail(ETIMEDOUT, "waiting for an answer over rtnetlink");
  if (count > 0) return;
  if (errno != EINTR) fail(errno, "waiting for an answer over rtnetlink");
  interrupted();
}

void Rtnl::interrupted() {
  if (patience_.on_interrupt) patience_.on_interrupt();
}

}  // namespace vifchain::inline edge::inline netlink

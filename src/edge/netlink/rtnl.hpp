// SPDX-License-Identifier: Apache-2.0
// rtnetlink: many requests in one send, and every answer kept whole, with the errno as it is, the
// kernel's own sentence, and the messages a question was answered with.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "edge/netlink/patience.hpp"

struct nl_msg;
struct nl_sock;
struct nlmsghdr;

namespace vifchain::inline edge::inline netlink {

struct FreeMessage {
  void operator()(nl_msg* message) const noexcept;
};
using Message = std::unique_ptr<nl_msg, FreeMessage>;

struct FreeSocket {
  void operator()(nl_sock* socket) const noexcept;
};

// What the kernel said to one request.
struct Answer {
  int error = 0;             // errno, 0 when it was done
  std::string words = {};    // the kernel's own sentence (NLMSGERR_ATTR_MSG), empty without one
  bool interrupted = false;  // a dump during which the table changed (NLM_F_DUMP_INTR), although
                             // it was tried several times
  std::vector<char> messages = {};  // what a question was answered with, header after header
};

// The messages of an answer. They live in the answer.
std::vector<const nlmsghdr*> messages_of(const Answer& answer);

// One NETLINK_ROUTE socket in the network namespace that the thread is in when it is made.
//
// A send holds as many requests as fit: the kernel works them off in order before sendmsg returns,
// and does not stop at one that it refuses. It runs one dump at a time per socket (EBUSY,
// __netlink_dump_start), so a dump is always the last of its send. Not for several threads.
class Rtnl {
 public:
  explicit Rtnl(Patience patience);

  // Sends the requests in order and gathers one answer for each, refusals included. Requests other
  // than questions must carry NLM_F_ACK. Questions whose answer got lost (ENOBUFS) and interrupted
  // dumps are asked again a few times; a change whose answer got lost has the error ENOBUFS.
  std::vector<Answer> exchange(std::span<const Message> requests);
  Answer exchange(const Message& request);

 private:
  struct Round;
  void exchange_once(std::span<const Message> requests, std::span<Answer> answers);
  void ask_again(const Message& request, Answer& answer);
  void send(const Round& round);
  bool receive(Round& round);
  bool worth_trying_again(Round& round, int error_number);
  void wait_for_more();
  void interrupted();

  Patience patience_;
  std::unique_ptr<nl_sock, FreeSocket> socket_;
  int descriptor_ = -1;
  std::unique_ptr<char[]> buffers_;
  std::uint32_t next_sequence_ = 1;
};

}  // namespace vifchain::inline edge::inline netlink

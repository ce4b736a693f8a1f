// SPDX-License-Identifier: Apache-2.0
#include "edge/netlink/nft_socket.hpp"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "edge/base/error.hpp"
#include "edge/netlink/new_message.hpp"

namespace vifchain::inline edge::inline netlink {
namespace {

constexpr auto asking = "asking nftables";
constexpr int most_nft_attempts = 16;

// None where the kernel has no netfilter, as that of a small driver domain (netlink_create in
// net/netlink/af_netlink.c).
std::unique_ptr<nl_sock, FreeSocket> connected_socket() {
  std::unique_ptr<nl_sock, FreeSocket> socket(nl_socket_alloc());
  if (socket && nl_connect(socket.get(), NETLINK_NETFILTER) >= 0) return socket;
  if (errno == EPROTONOSUPPORT) return nullptr;
  throw Error(errno, "opening a netfilter socket");
}

bool is_nft_dump(const nlmsghdr& question) {
  return (question.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

int error_in(const nlmsghdr& message) {
  return -static_cast<const nlmsgerr*>(nlmsg_data(&message))->error;
}

// The kernel has answered by the time that it was asked, but for a dump's later parts.
std::size_t receive(int descriptor, void* buffer, std::size_t size) {
  for (;;) {
    const auto got = recv(descriptor, buffer, size, 0);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) throw Error(errno, asking);
  }
}

}  // namespace

int NftSocket::ask(const Message& question, const std::function<void()>& begin, const Take& take) {
  int error = EAGAIN;
  for (int tried = 0; tried < most_nft_attempts && error == EAGAIN; ++tried) {
    begin();
    error = attempt(question, take);
  }
  return error;
}

// What is left in the socket of a question that an exception ended has another number.
int NftSocket::attempt(const Message& question, const Take& take) {
  if (!socket_) socket_ = connected_socket();
  if (!socket_) return EINVAL;  // as one that has netfilter, and no nftables
  const int descriptor = nl_socket_get_fd(socket_.get());
  auto& header = *nlmsg_hdr(question.get());
  header.nlmsg_seq = ++sequence_;
  header.nlmsg_flags |= NLM_F_REQUEST;
  if (!is_nft_dump(header)) header.nlmsg_flags |= NLM_F_ACK;
  if (send(descriptor, &header, header.nlmsg_len, 0) < 0) throw Error(errno, asking);
  bool changed = false;
  alignas(nlmsghdr) char buffer[65536];
  for (;;) {
    auto size = static_cast<int>(receive(descriptor, buffer, sizeof buffer));
    for (auto* message = reinterpret_cast<nlmsghdr*>(buffer); nlmsg_ok(message, size) != 0;
         message = nlmsg_next(message, &size)) {
      if (message->nlmsg_seq != sequence_) continue;
      changed |= (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
      if (message->nlmsg_type == NLMSG_ERROR) return error_in(*message);
      if (message->nlmsg_type == NLMSG_DONE) return changed ? EAGAIN : 0;
      take(*message);
    }
  }
}

Message nft_question(int type, int family, int flags) {
  nfgenmsg body{};
  body.nfgen_family = static_cast<unsigned char>(family);
  return new_message(NFNL_SUBSYS_NFTABLES << 8 | type, flags, body, 16384);
}

std::string nft_comment(const nlattr* userdata) {
  if (userdata == nullptr) return {};
  std::string_view rest(static_cast<const char*>(nla_data(userdata)),
                        static_cast<std::size_t>(nla_len(userdata)));
  while (rest.size() >= 2) {
    const auto size = static_cast<unsigned char>(rest[1]);
    if (rest[0] == 0) return std::string(rest.substr(2, size > 0 ? size - 1U : 0));
    rest.remove_prefix(std::min<std::size_t>(rest.size(), 2U + size));
  }
  return {};
}

}  // namespace vifchain::inline edge::inline netlink

// SPDX-License-Identifier: Apache-2.0
// Questions to nftables over netfilter's netlink: what is in its tables, as the kernel has it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "edge/netlink/rtnl.hpp"

struct nlattr;

namespace vifchain::inline edge::inline netlink {

// In the network namespace that the thread is in when it is first used. Not for several threads.
class NftSocket {
 public:
  using Take = std::function<void(const nlmsghdr& message)>;

  // Hands over what the question is answered with, one message or a dump's many. Returns the
  // kernel's error number, 0 when it went well: ENOENT where there is no such thing, EPERM where
  // this process may not ask, EINVAL where the kernel knows no nftables, EAGAIN for a dump that
  // changed however often it was tried; then what was handed over is worth nothing. Throws Error
  // when it cannot be asked. `begin` is called before each attempt.
  int ask(const Message& question, const std::function<void()>& begin, const Take& take);

 private:
  int attempt(const Message& question, const Take& take);

  std::unique_ptr<nl_sock, FreeSocket> socket_;
  std::uint32_t sequence_ = 0;
};

// A question (NFT_MSG_GET…) about a family, of which `flags` may make a dump.
Message nft_question(int type, int family, int flags);

// What people wrote beside a table or an element: nft keeps it as type, size and value, each size
// in one byte; type 0 is the comment (include/libnftnl/udata.h).
std::string nft_comment(const nlattr* userdata);

}  // namespace vifchain::inline edge::inline netlink

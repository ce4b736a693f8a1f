#include "edge/kernel/slb_door.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "edge/error.hpp"
#include "edge/kernel/new_message.hpp"

namespace vifchain {
namespace {

constexpr int table_message(int type) {
  return NFNL_SUBSYS_NFTABLES << 8 | type;
}

Message ask_table(const std::string& name) {
  nfgenmsg body{};
  body.nfgen_family = NFPROTO_NETDEV;
  auto message = new_message(table_message(NFT_MSG_GETTABLE), NLM_F_REQUEST, body, 512);
  put_text(*message, NFTA_TABLE_NAME, name);
  return message;
}

// nft keeps what people write beside a table as type, size and value, each size in one byte; type 0
// is the comment (include/libnftnl/udata.h).
std::string comment_in(const nlattr* attribute) {
  if (attribute == nullptr) return {};
  std::string_view rest(static_cast<const char*>(nla_data(attribute)),
                        static_cast<std::size_t>(nla_len(attribute)));
  while (rest.size() >= 2) {
    const auto size = static_cast<unsigned char>(rest[1]);
    if (rest[0] == 0) return std::string(rest.substr(2, size > 0 ? size - 1U : 0));
    rest.remove_prefix(std::min<std::size_t>(rest.size(), 2U + size));
  }
  return {};
}

SlbRules rules_in(const nlmsghdr& table) {
  const Attributes<NFTA_TABLE_MAX> attributes(table, sizeof(nfgenmsg));
  return read_slb_rules(comment_in(attributes[NFTA_TABLE_USERDATA]),
                        ntohl(get<std::uint32_t>(attributes[NFTA_TABLE_USE]).value_or(0)));
}

// What the question was answered with.
struct Reply {
  SlbRules rules = {};
  int error = 0;
};

int take_table(nl_msg* message, void* reply) {
  static_cast<Reply*>(reply)->rules = rules_in(*nlmsg_hdr(message));
  return NL_STOP;
}

int take_error(sockaddr_nl*, nlmsgerr* error, void* reply) {
  static_cast<Reply*>(reply)->error = -error->error;
  return NL_STOP;
}

constexpr auto asking = "asking for the rules of a bond";

// One question, one answer.
Reply exchange(nl_sock& socket, nl_msg& question) {
  Reply reply;
  nl_socket_modify_cb(&socket, NL_CB_VALID, NL_CB_CUSTOM, take_table, &reply);
  nl_socket_modify_err_cb(&socket, NL_CB_CUSTOM, take_error, &reply);
  if (nl_send_auto(&socket, &question) < 0) throw Error(errno, asking);
  if (nl_recvmsgs_default(&socket) < 0 && reply.error == 0) throw Error(EIO, asking);
  return reply;
}

std::unique_ptr<nl_sock, FreeSocket> connected_socket() {
  std::unique_ptr<nl_sock, FreeSocket> socket(nl_socket_alloc());
  if (!socket || nl_connect(socket.get(), NETLINK_NETFILTER) < 0)
    throw Error(errno, "opening a netfilter socket");
  nl_socket_disable_auto_ack(socket.get());
  return socket;
}

bool may_have_rules(const Link& bond) {
  return bond.ours && mode_of(bond) == BondMode::balance_xor &&
         integer(options_of(bond), Option::bond_xmit_hash_policy) == vlan_srcmac;
}

}  // namespace

// A kernel without nftables does not know the question (EINVAL, nfnetlink_rcv_msg); and there are
// no rules then.
std::optional<SlbRules> SlbDoor::read(const LinkName& bond) {
  if (!socket_) socket_ = connected_socket();
  const auto reply = exchange(*socket_, *ask_table(slb_table(bond)));
  if (reply.error == EPERM) return std::nullopt;
  const bool missing = reply.error == ENOENT || reply.error == EINVAL;
  if (reply.error != 0 && !missing) throw Error(reply.error, asking);
  return reply.rules;
}

void SlbDoor::write(const LinkName& bond, const std::vector<LinkName>& ports,
                    const std::string& doing) {
  if (const auto why = why_no_slb_rules(bond, ports); !why.empty()) throw Error(EINVAL, doing, why);
  if (!nftables_) nftables_ = std::make_unique<Nftables>();
  const auto refusal =
      nftables_->run(ports.empty() ? drop_slb_rules(bond) : put_slb_rules(bond, ports));
  if (refusal.empty()) return;
  throw Error(EIO, doing,
              "nftables says: " + refusal +
                  " (they take Linux 5.16 or newer, with CONFIG_NF_TABLES_NETDEV and "
                  "CONFIG_NETFILTER_EGRESS)");
}

void read_rules(SlbDoor& door, Actual& links) {
  for (auto& [name, link] : links)
    if (std::holds_alternative<Bond>(link.kind))
      link.slb = may_have_rules(link) ? door.read(name) : SlbRules{};
}

}  // namespace vifchain

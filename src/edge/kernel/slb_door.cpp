// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/slb_door.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <cerrno>
#include <string>

#include "edge/base/error.hpp"
#include "edge/netlink/new_message.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

constexpr auto asking = "asking for the rules of a bond";

Message ask_table(const std::string& name) {
  auto message = nft_question(NFT_MSG_GETTABLE, NFPROTO_NETDEV, 0);
  put_text(*message, NFTA_TABLE_NAME, name);
  return message;
}

SlbRules rules_in(const nlmsghdr& table) {
  const Attributes<NFTA_TABLE_MAX> attributes(table, sizeof(nfgenmsg));
  return read_slb_rules(nft_comment(attributes[NFTA_TABLE_USERDATA]),
                        ntohl(get<std::uint32_t>(attributes[NFTA_TABLE_USE]).value_or(0)));
}

bool may_have_rules(const Link& bond) {
  return bond.ours && mode_of(bond) == BondMode::balance_xor &&
         integer(options_of(bond), Option::bond_xmit_hash_policy) == vlan_srcmac;
}

}  // namespace

// A kernel without nftables does not know the question (EINVAL, nfnetlink_rcv_msg); and there are
// no rules then.
std::optional<SlbRules> SlbDoor::read(const LinkName& bond) {
  SlbRules rules;
  const int error = socket_.ask(
      ask_table(slb_table(bond)), [] {}, [&](const nlmsghdr& table) { rules = rules_in(table); });
  if (error == EPERM) return std::nullopt;
  const bool missing = error == ENOENT || error == EINVAL;
  if (error != 0 && !missing) throw Error(error, asking);
  return rules;
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

}  // namespace vifchain::inline edge::inline kernel

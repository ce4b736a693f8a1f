// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/policy_rules.hpp"

#include <linux/fib_rules.h>
#include <sys/socket.h>

#include <cerrno>

#include "edge/netlink/new_message.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

Message ask_rules(int family) {
  fib_rule_hdr body{};
  body.family = static_cast<__u8>(family);
  return new_message(RTM_GETRULE, NLM_F_DUMP, body, 256);
}

// A rule may name both.
void add_rules(std::vector<PolicyRule>& rules, const nlmsghdr& message, bool v6) {
  const auto& body = *static_cast<const fib_rule_hdr*>(nlmsg_data(&message));
  const Attributes<FRA_MAX> all(message, sizeof body);
  for (const auto attribute : {FRA_IIFNAME, FRA_OIFNAME}) {
    const auto link = LinkName::parse(get_text(all[attribute]));
    if (!link) continue;
    rules.push_back({.priority = get<std::uint32_t>(all[FRA_PRIORITY]).value_or(0),
                     .v6 = v6,
                     .link = *link,
                     .incoming = attribute == FRA_IIFNAME,
                     .table = get<std::uint32_t>(all[FRA_TABLE]).value_or(body.table)});
  }
}

}  // namespace

// A kernel without policy rules, or without IPv6, knows no such question.
std::vector<PolicyRule> read_policy_rules(const Patience& patience) {
  std::vector<PolicyRule> rules;
  Rtnl rtnl(patience);
  for (const int family : {AF_INET, AF_INET6}) {
    const Answer answer = rtnl.exchange(ask_rules(family));
    if (answer.error == EOPNOTSUPP || answer.error == EAFNOSUPPORT) continue;
    if (answer.error != 0) throw Error(answer.error, "reading the policy rules", answer.words);
    for (const auto* message : messages_of(answer)) add_rules(rules, *message, family == AF_INET6);
  }
  return rules;
}

}  // namespace vifchain::inline edge::inline kernel

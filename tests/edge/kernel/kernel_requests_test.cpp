// SPDX-License-Identifier: Apache-2.0
// What steps are as messages, and in what order: where it matters and this machine's kernel may not
// show it.
#include "edge/kernel/requests.hpp"
#include "names.hpp"

#include <gtest/gtest.h>
#include <linux/if_bridge.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>

#include <algorithm>

namespace vifchain {
namespace {

std::vector<Message> requests(const Op& op) {
  return requests_for(op, [](const LinkName&) { return 7U; });
}

std::vector<int> types(const Op& op) {
  std::vector<int> all;
  for (const auto& message : requests(op)) all.push_back(nlmsg_hdr(message.get())->nlmsg_type);
  return all;
}

using Types = std::vector<int>;

PortVlan vlan(int number) {
  return {.id = VlanId::from(number).value()};
}

// A PVID that moves leaves no moment without one.
TEST(Requests, GiveAPortItsNewVlansBeforeTheOldOnesGo) {
  EXPECT_EQ(types(SetVlans{name("eth0"), {vlan(5)}, {vlan(6).id}}),
            (Types{RTM_SETLINK, RTM_DELLINK}));
  EXPECT_EQ(types(SetVlans{name("eth0"), {}, {vlan(6).id}}), Types{RTM_DELLINK});
}

// So that nobody is without a way meanwhile.
TEST(Requests, MakeNewRoutesBeforeTheOldOnesGo) {
  const auto route = [](const char* via) { return default_route(IpAddress::parse(via).value()); };
  EXPECT_EQ(types(SetRoutes{name("eth0"), {route("10.0.0.1")}, {route("10.0.0.2")}}),
            (Types{RTM_NEWROUTE, RTM_DELROUTE}));
}

// An address that comes back with another prefix is another, and is refused while the first stands.
TEST(Requests, TakeAddressesAwayBeforeNewOnesCome) {
  const auto all = types(SetAddresses{name("eth0"),
                                      {LinkAddress::parse("10.0.0.5/24").value()},
                                      {LinkAddress::parse("10.0.0.5/16").value()}});
  ASSERT_GE(all.size(), 2U);
  EXPECT_EQ(all.front(), RTM_DELADDR);
  EXPECT_EQ(all.back(), RTM_NEWADDR);
}

TEST(Requests, TakeStaticEntriesAwayBeforeNewOnesCome) {
  const FdbEntry five{Mac::parse("02:00:00:00:00:05").value()};
  const FdbEntry six{Mac::parse("02:00:00:00:00:06").value()};
  EXPECT_EQ(types(SetFdb{name("vif5.0"), {five}, {six}}), (Types{RTM_DELNEIGH, RTM_NEWNEIGH}));
}

// One that was not sticky would follow its MAC to whoever borrows it (br_fdb_update).
TEST(Requests, MakeStaticEntriesThatStayWhereTheyAre) {
  const FdbEntry entry{Mac::parse("02:00:00:00:00:05").value(), vlan(5).id};
  const auto all = requests(SetFdb{name("vif5.0"), {entry}, {}});
  ASSERT_EQ(all.size(), 1U);
  const auto* header = nlmsg_hdr(all.front().get());
  const auto* body = static_cast<const ndmsg*>(nlmsg_data(header));
  EXPECT_EQ(body->ndm_flags, NTF_MASTER | NTF_STICKY);
  EXPECT_EQ(body->ndm_state, NUD_NOARP);
  EXPECT_EQ(body->ndm_family, AF_BRIDGE);
  EXPECT_TRUE(header->nlmsg_flags & NLM_F_REPLACE) << "whoever learned it before";
  EXPECT_FALSE(header->nlmsg_flags & NLM_F_EXCL);
}

// The kernel makes a link only where there is none of its name, and in our group in the same call.
TEST(Requests, MakeALinkInOurGroupAndOnlyWhereThereIsNone) {
  const auto all = requests(Create{{.name = name("br0"), .kind = Bridge{}}});
  ASSERT_EQ(all.size(), 1U);
  auto* header = nlmsg_hdr(all.front().get());
  EXPECT_TRUE(header->nlmsg_flags & NLM_F_CREATE);
  EXPECT_TRUE(header->nlmsg_flags & NLM_F_EXCL);
  const auto* group = nlmsg_find_attr(header, sizeof(ifinfomsg), IFLA_GROUP);
  ASSERT_NE(group, nullptr);
  EXPECT_EQ(*static_cast<const std::uint32_t*>(nla_data(group)), 30307U);
}

TEST(Requests, AllAskForAnAnswer) {
  for (const Op& op :
       {Op{Delete{name("br0")}}, Op{SetDown{name("br0")}}, Op{vifchain::SetUp{name("br0")}},
        Op{Join{name("eth0"), name("br0")}}, Op{Leave{name("eth0")}},
        Op{SetMtu{name("eth0"), 1400}}, Op{SetOurs{name("br0")}}})
    for (const auto& message : requests(op))
      EXPECT_TRUE(nlmsg_hdr(message.get())->nlmsg_flags & NLM_F_ACK) << describe(op);
}

TEST(Requests, TakeALinkIntoOurGroupAndGiveItBack) {
  const auto group = [](bool ours) {
    const auto all = requests(SetOurs{name("br0"), ours});
    const auto* put = nlmsg_find_attr(nlmsg_hdr(all.at(0).get()), sizeof(ifinfomsg), IFLA_GROUP);
    return put == nullptr ? 1U : *static_cast<const std::uint32_t*>(nla_data(put));
  };
  EXPECT_EQ(group(true), 30307U);
  EXPECT_EQ(group(false), 0U) << "the kernel's own";
}

}  // namespace
}  // namespace vifchain

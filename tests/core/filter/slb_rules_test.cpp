// SPDX-License-Identifier: Apache-2.0
// The rules of balance-slb as text and as they are read back. What they do to frames is in
// slb_test.cpp.
#include "core/filter/slb_rules.hpp"
#include "names.hpp"

#include <gmock/gmock.h>

namespace vifchain {
namespace {

using testing::HasSubstr;
using testing::Not;

const LinkName bond = name("bond1");
const std::vector<LinkName> two{name("eth0"), name("eth3")};
constexpr std::uint32_t parts_of_two = 11;

// What the commands keep beside the table.
std::string comment(const std::string& commands) {
  const auto from = commands.find("comment \"") + 9;
  return commands.substr(from, commands.find('"', from) - from);
}

TEST(SlbRules, TakeThePlaceOfThoseThatAreThereInOneTransaction) {
  EXPECT_EQ(put_slb_rules(bond, two).rfind("add table netdev vifchain-slb-bond1\n"
                                           "delete table netdev vifchain-slb-bond1\n"
                                           "table netdev vifchain-slb-bond1 {\n",
                                           0),
            0U);
}

TEST(SlbRules, HangOnEveryPortInBothDirections) {
  const auto text = put_slb_rules(bond, two);
  for (const char* hook : {"hook ingress device \"eth0\"", "hook egress device \"eth0\"",
                           "hook ingress device \"eth3\"", "hook egress device \"eth3\""})
    EXPECT_THAT(text, HasSubstr(hook));
  EXPECT_THAT(text, Not(HasSubstr("bond1\"")));
}

TEST(SlbRules, AreGoneWithTheirTable) {
  EXPECT_EQ(drop_slb_rules(bond),
            "add table netdev vifchain-slb-bond1\ndelete table netdev vifchain-slb-bond1\n");
}

TEST(SlbRules, SayWhatTheyAreAbout) {
  EXPECT_EQ(read_slb_rules(comment(put_slb_rules(bond, two)), parts_of_two), SlbRules{two});
}

TEST(SlbRules, AreSpoiltWhereAPortHasTakenItsChainsAlong) {
  EXPECT_TRUE(read_slb_rules(comment(put_slb_rules(bond, two)), parts_of_two - 2).spoilt);
}

TEST(SlbRules, AreSpoiltWhereAnotherVersionOrSomebodyElseWroteThem) {
  EXPECT_TRUE(read_slb_rules("00000000 eth0 eth3", parts_of_two).spoilt);
  EXPECT_TRUE(read_slb_rules("", parts_of_two).spoilt);
  EXPECT_TRUE(read_slb_rules("mine, hands off", parts_of_two).spoilt);
}

TEST(SlbRules, OfTwoBondsAreNeverInOneTable) {
  EXPECT_EQ(slb_table(name("bond1.5-a")), "vifchain-slb-bond1.5-a");
  EXPECT_EQ(slb_table(name("bond_1")), "vifchain-slb-bond_5f1");
  EXPECT_EQ(slb_table(name("bond#1")), "vifchain-slb-bond_231");
}

TEST(SlbRules, AreRefusedForNamesThatNftablesCannotCarry) {
  EXPECT_EQ(why_no_slb_rules(bond, two), "");
  EXPECT_THAT(why_no_slb_rules(bond, {name("eth*")}), HasSubstr("eth* has a byte that nftables"));
  EXPECT_THAT(why_no_slb_rules(name("b\"d"), two), HasSubstr("quote"));
  const std::vector<LinkName> many(9, name("fifteen-letters"));
  EXPECT_THAT(why_no_slb_rules(bond, many), HasSubstr("nftables keeps 128"));
}

}  // namespace
}  // namespace vifchain

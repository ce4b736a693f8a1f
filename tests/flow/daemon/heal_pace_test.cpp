// SPDX-License-Identifier: Apache-2.0
// How often a link is put right.
#include "flow/daemon/heal_pace.hpp"

#include <gtest/gtest.h>

namespace vifchain {
namespace {

using namespace std::chrono_literals;

const LinkName bridge = LinkName::parse("xenbr0").value();
const LinkName other = LinkName::parse("xenbr1").value();
const HealPace::Moment start{1h};

TEST(HealPace, WaitsAMinuteAfterTheThirdTimeWithinAMinute) {
  HealPace pace;
  EXPECT_FALSE(pace.note(bridge, start));
  EXPECT_FALSE(pace.note(bridge, start + 20s));
  EXPECT_TRUE(pace.may(bridge, start + 30s));
  EXPECT_TRUE(pace.note(bridge, start + 40s));
  EXPECT_FALSE(pace.may(bridge, start + 99s));
  EXPECT_TRUE(pace.may(bridge, start + 100s));
}

TEST(HealPace, DoesNotCountWhatIsLongerAgo) {
  HealPace pace;
  for (int round = 0; round < 20; ++round)
    EXPECT_FALSE(pace.note(bridge, start + round * 31s)) << round;
}

TEST(HealPace, CountsEachLinkForItself) {
  HealPace pace;
  for (int round = 0; round < 2; ++round) {
    EXPECT_FALSE(pace.note(bridge, start));
    EXPECT_FALSE(pace.note(other, start));
  }
  EXPECT_TRUE(pace.note(bridge, start));
  EXPECT_FALSE(pace.may(bridge, start));
  EXPECT_TRUE(pace.may(other, start));
}

TEST(HealPace, TellsWhoseWaitingIsOverOnce) {
  HealPace pace;
  EXPECT_EQ(pace.next(), HealPace::Moment::max());
  for (int round = 0; round < 3; ++round) pace.note(bridge, start);
  EXPECT_EQ(pace.next(), start + 60s);
  EXPECT_TRUE(pace.take_free(start + 59s).empty());
  EXPECT_EQ(pace.take_free(start + 60s), std::set{bridge});
  EXPECT_TRUE(pace.take_free(start + 60s).empty());
  EXPECT_EQ(pace.next(), HealPace::Moment::max());
  EXPECT_FALSE(pace.note(bridge, start + 61s)) << "it begins anew";
}

// Once it gave way, what was before does not count: whoever keeps changing the link may have it for
// a minute, and then it is put right three times again.
TEST(HealPace, BeginsAnewAfterItGaveWay) {
  HealPace pace;
  for (const auto when : {0s, 1s}) EXPECT_FALSE(pace.note(bridge, start + when));
  EXPECT_TRUE(pace.note(bridge, start + 59s));
  EXPECT_EQ(pace.take_free(start + 119s), std::set{bridge});
  EXPECT_FALSE(pace.note(bridge, start + 119s));
  EXPECT_FALSE(pace.note(bridge, start + 119s));
  EXPECT_TRUE(pace.note(bridge, start + 119s));
}

}  // namespace
}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
#include "core/plan/compare.hpp"

#include <gtest/gtest.h>

namespace vifchain {
namespace {

Options bridge(Option option, std::int64_t value) {
  return {{option, value}};
}

TEST(Compare, ATimeThatTheKernelRoundedDownIsAsWanted) {
  const auto wanted = bridge(Option::bridge_hello_time, 107);
  EXPECT_TRUE(lacking(wanted, bridge(Option::bridge_hello_time, 106)).empty());
  EXPECT_EQ(lacking(wanted, bridge(Option::bridge_hello_time, 108)), wanted);
  EXPECT_EQ(lacking(wanted, bridge(Option::bridge_hello_time, 105)), wanted);
}

TEST(Compare, OnlyTimesAreRounded) {
  const auto wanted = bridge(Option::bridge_priority, 107);
  EXPECT_EQ(lacking(wanted, bridge(Option::bridge_priority, 106)), wanted);
}

TEST(Compare, StpThatIsLeftToUserSpaceIsOn) {
  const auto user_stp = bridge(Option::bridge_stp, 2);
  EXPECT_TRUE(lacking(bridge(Option::bridge_stp, 1), user_stp).empty());
  EXPECT_EQ(lacking(bridge(Option::bridge_stp, 0), user_stp), bridge(Option::bridge_stp, 0));
}

TEST(Compare, AnOptionThatTheKernelDoesNotReportIsLacking) {
  const auto wanted = bridge(Option::bridge_fdb_max_learned, 10);
  EXPECT_EQ(lacking(wanted, {}), wanted);
}

}  // namespace
}  // namespace vifchain

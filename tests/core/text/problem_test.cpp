// SPDX-License-Identifier: Apache-2.0
// What is wrong and what to do about it, as one line and as lines for people.
#include "core/text/problem.hpp"

#include <gtest/gtest.h>

namespace vifchain {
namespace {

TEST(Problem, IsOneLineWithItsHintBehindIt) {
  EXPECT_EQ(problem("xenbr0 is in use by vif7.0", "vifchain down --force xenbr0"),
            "xenbr0 is in use by vif7.0; hint: vifchain down --force xenbr0");
  EXPECT_EQ(problem("no such link"), "no such link");
}

TEST(Problem, StandsOnLinesOfItsOwnForPeople) {
  EXPECT_EQ(in_lines("error", problem("permission denied (uid 1000)", "run as root")),
            "error: permission denied (uid 1000)\nhint: run as root");
  EXPECT_EQ(in_lines("warning", "eth9: no such link"), "warning: eth9: no such link");
}

TEST(Problem, IsToldOneByOneWhereThereAreSeveral) {
  EXPECT_EQ(
      in_lines("error", problem("a: no such link", "ip link") + "; " + problem("b: busy", "x")),
      "error: a: no such link\nhint: ip link\nerror: b: busy\nhint: x");
}

TEST(Problem, ComesApartAgain) {
  EXPECT_EQ(parts_of(problem("a; b", "c; d")), (Problem{"a; b", "c; d"}));
  EXPECT_EQ(parts_of("a"), (Problem{"a", ""}));
}

}  // namespace
}  // namespace vifchain

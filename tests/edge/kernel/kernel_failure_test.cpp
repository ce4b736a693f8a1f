// SPDX-License-Identifier: Apache-2.0
// What is believed of links after a step failed: nothing.
#include <gtest/gtest.h>

#include "netns.hpp"

namespace vifchain::test {
namespace {

class KernelFailure : public KernelTest {};

// Both steps fail; only of the first is anything said. What was foreseen of the second has not
// happened either.
TEST_F(KernelFailure, LeavesNothingForeseenThatDidNotHappen) {
  for (const char* nic : {"eth0", "eth1"}) make_nic(nic);
  perform(*kernel_, {Create{{.name = name("br0"), .kind = Bridge{}}},
                     Create{{.name = name("br1"), .kind = Bridge{}}}});
  static_cast<void>(kernel_->snapshot({{name("eth0")}, {name("eth1")}, {name("br1")}}));
  delete_link("br1");
  const auto refusal =
      refusal_of(*kernel_, {SetMtu{name("eth0"), 1}, Join{name("eth1"), name("br1")}});
  EXPECT_TRUE(refusal.what.starts_with("set eth0 mtu 1")) << refusal.what;
  EXPECT_EQ(refusal_of(*kernel_, {Join{name("eth1"), name("br0")}}).what, "");
  EXPECT_EQ(read(*kernel_, "eth1").controller, name("br0"));
}

// A link that somebody made anew meanwhile has another index.
TEST_F(KernelFailure, IsForgottenWithTheIndicesThatLinksHad) {
  for (const char* nic : {"eth0", "eth1"}) make_nic(nic);
  EXPECT_NE(refusal_of(*kernel_, {up("eth0"), SetMtu{name("eth1"), 1}}).what, "");
  delete_link("eth0");
  make_nic("eth0");
  EXPECT_EQ(refusal_of(*kernel_, {up("eth0")}).what, "");
  EXPECT_EQ(read(*kernel_, "eth0").up, true);
}

TEST_F(KernelFailure, IsToldOfTheFirstStepThatFailed) {
  make_nic("eth0");
  const auto refusal = refusal_of(*kernel_, {SetMtu{name("eth0"), 1}, SetMtu{name("eth0"), 2}});
  EXPECT_TRUE(refusal.what.starts_with("set eth0 mtu 1")) << refusal.what;
}

}  // namespace
}  // namespace vifchain::test

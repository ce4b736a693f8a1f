// SPDX-License-Identifier: Apache-2.0
// Guests' names where there is no Xen; where there is, the lab has the tests.
#include <gtest/gtest.h>
#include <unistd.h>

#include "edge/base/error.hpp"
#include "edge/store/guests.hpp"

namespace vifchain {
namespace {

bool on_xen() {
  return ::access("/proc/xen/capabilities", F_OK) == 0 || ::access("/dev/xen/privcmd", F_OK) == 0;
}

class NoXen : public ::testing::Test {
 protected:
  void SetUp() override {
    if (on_xen()) GTEST_SKIP() << "this machine has Xen";
  }
};

TEST_F(NoXen, SaysWhatItWantedAndWhatXenSaid) {
  try {
    const auto guests = open_guests();
    FAIL() << "found guests";
  } catch (const Error& error) {
    const std::string what = error.what();
    EXPECT_TRUE(what.starts_with("asking Xen for its guests (is this dom0?): ")) << what;
    EXPECT_NE(error.code().value(), 0);
  }
}

TEST_F(NoXen, PrintsNothing) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  EXPECT_THROW(open_guests(), Error);
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST_F(NoXen, CanBeAskedAgain) {
  for (int i = 0; i < 3; ++i) EXPECT_THROW(open_guests(), Error);
}

}  // namespace
}  // namespace vifchain

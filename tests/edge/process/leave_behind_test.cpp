// SPDX-License-Identifier: Apache-2.0
// The one process that is left behind for a file, however many ask for it.
#include "edge/process/leave_behind.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "host.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

using namespace std::chrono_literals;

class LeftBehind : public ::testing::Test {
 protected:
  [[nodiscard]] long times_worked() const { return std::ranges::count(contents_of(log_), '\n'); }

  // Its work is a line in the log.
  void leave(std::chrono::seconds after) const {
    leave_one_behind(file_, after, [this] { std::ofstream(log_, std::ios::app) << "worked\n"; });
  }

  TempFolder temp_;
  std::string file_ = temp_ / "mark";
  std::string log_ = temp_ / "log";
};

TEST_F(LeftBehind, WorksOnceMoreForWhoeverAsksWhileItIsAtWork) {
  const std::string go_on = temp_ / "go-on";
  const auto work = [&] {
    std::ofstream(log_, std::ios::app) << "worked\n";
    eventually([&] { return std::filesystem::exists(go_on); });
  };
  leave_one_behind(file_, 0s, work);
  ASSERT_TRUE(eventually([&] { return times_worked() == 1; }));
  leave_one_behind(file_, 0s, work);
  EXPECT_EQ(times_worked(), 1) << "one at a time";
  std::ofstream(go_on) << "";
  EXPECT_TRUE(eventually([&] { return times_worked() == 2; }));
}

// Whatever befell the file, the work is done.
TEST_F(LeftBehind, IsNotHeldUpByWhatIsNoMomentThatHasBeen) {
  for (const char* text : {"soon\n", "", "00000009000000000000\n"}) {
    leave(1s);
    std::ofstream(file_) << text;
    EXPECT_TRUE(eventually([&] { return times_worked() == 1; })) << text;
    std::filesystem::remove(log_);
    std::filesystem::remove(file_);
  }
}

}  // namespace
}  // namespace vifchain

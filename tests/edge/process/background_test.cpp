// SPDX-License-Identifier: Apache-2.0
// Programs that go on by themselves, with a real shell.
#include "edge/process/background.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "edge/process/outside.hpp"
#include "host.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

class Background : public ::testing::Test {
 protected:
  // What the shell prints that runs this in the background.
  [[nodiscard]] std::string printed(const std::string& text) const {
    const std::string file = temp_ / "said";
    start_in_background(
        {"/bin/sh", "-c", "{ " + text + "; } >" + file + ".new; mv " + file + ".new " + file},
        {"PATH=/usr/bin:/bin"});
    EXPECT_TRUE(eventually([&] { return !contents_of(file).empty(); })) << text;
    return contents_of(file);
  }

  TempFolder temp_;
};

TEST_F(Background, HearsSignalsThatWereBlockedHere) {
  sigset_t usr1, before;
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  sigprocmask(SIG_BLOCK, &usr1, &before);
  const std::string file = temp_ / "status";  // a shell would see to it itself
  start_in_background({"/bin/cp", "/proc/self/status", file}, {});
  EXPECT_TRUE(eventually([&] { return has(contents_of(file), "SigBlk:\t0000000000000000\n"); }))
      << contents_of(file);
  sigprocmask(SIG_SETMASK, &before, nullptr);
}

TEST_F(Background, HasNoFileOpenThatIsOpenHere) {
  const int here = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(::dup2(here, 99), 99) << "and stays open through exec";
  EXPECT_EQ(printed("if [ -e /proc/$$/fd/99 ]; then echo open; else echo none; fi"), "none\n");
  ::close(99);
  ::close(here);
}

TEST(UnitName, EscapesWhatNoUnitCanHaveInItsName) {
  EXPECT_EQ(unit_name("vifchain-dhcp-xenbr0.5-4"), "vifchain-dhcp-xenbr0.5-4.service");
  EXPECT_EQ(unit_name("a:b@"), "a\\x3ab\\x40.service");
}

}  // namespace
}  // namespace vifchain

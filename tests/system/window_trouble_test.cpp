// SPDX-License-Identifier: Apache-2.0
// A change that waits and cannot all be put back: who comes next tries on, until it is done.
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <optional>

#include "host.hpp"
#include "open_change.hpp"

namespace vifchain {
namespace {

class WindowTrouble : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    sh("mkdir -p /run/lib && mount --bind /run/lib /var/lib; ip link add br9 type bridge");
    Host::add_nic("eth0");
    write(with_nic);
    ASSERT_EQ(vifchain("apply").exit_code, 0);
    ASSERT_TRUE(is_port_of("xenbr0"));
  }
  void TearDown() override { kill_watcher(); }

  static void write(const std::string& text) { std::ofstream("/etc/xen/vifchain.toml") << text; }
  static std::string file() { return contents_of("/etc/xen/vifchain.toml"); }
  static bool is_port_of(const std::string& bridge) {
    return has(sh("ip -o link show eth0"), " master " + bridge + " ");
  }
  static bool is_free() { return !has(sh("ip -o link show eth0"), " master "); }

  // Its steps are slow, and by the time that it undoes them somebody has taken the NIC.
  static void fail_to_apply_while_the_nic_is_taken() {
    sh("ip link add br8 type bridge");
    sh("(" + environment() +
       "strace -qq -o /dev/null -e trace=sendmsg -e inject=sendmsg:delay_enter=400000 " +
       vifchain_program() + " apply --confirm 3600; echo $? >/run/code) >/run/out 2>&1 &");
    ASSERT_TRUE(eventually(is_free)) << contents_of("/run/out");
    sh("ip link set eth0 master br8");
  }

  static constexpr const char* with_nic = "[bridge.xenbr0]\nports = [\"eth0\"]\n";
  static constexpr const char* without_nic = "[bridge.xenbr0]\nports = []\n";
  std::optional<Host> host_;
};

TEST_F(WindowTrouble, WhatTheNextRunCannotPutBackIsTriedOnUntilItCan) {
  write(without_nic);
  ASSERT_EQ(vifchain("apply --confirm 3600").exit_code, 0);
  kill_watcher();
  sh("ip link set eth0 master br9");
  end_window();
  const Ran ran = vifchain("apply");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.err, "eth0")) << ran.err;
  EXPECT_FALSE(is_over());
  EXPECT_TRUE(eventually([] { return is_watched(); }));
  sh("ip link set eth0 nomaster");
  EXPECT_TRUE(eventually(is_over)) << Host::log();
  EXPECT_TRUE(is_port_of("xenbr0"));
  EXPECT_EQ(file(), with_nic);
}

// The file is what somebody is just at, and was never the host's.
TEST_F(WindowTrouble, WhatAFailedApplyCannotUndoIsTriedOnWithoutTheFile) {
  const std::string wrong =
      "[bridge.xenbr0]\nports = []\n[bridge.xenbr1]\nports = [\"br9\"]\n";  // no bridge can be one
  write(wrong);
  ASSERT_NO_FATAL_FAILURE(fail_to_apply_while_the_nic_is_taken());
  ASSERT_TRUE(eventually([] { return contents_of("/run/code") == "1\n"; }))
      << contents_of("/run/out");
  EXPECT_TRUE(has(contents_of("/run/out"), "undo is not complete, retrying until it is"))
      << contents_of("/run/out");
  EXPECT_FALSE(is_over());
  sh("ip link set eth0 nomaster");
  EXPECT_TRUE(eventually(is_over)) << Host::log();
  EXPECT_TRUE(is_port_of("xenbr0"));
  EXPECT_EQ(file(), wrong);
}

// Nothing but the watcher's end tells of it, as nobody runs anything more.
TEST_F(WindowTrouble, WhatAFailedApplyCannotUndoIsTriedOnThoughItsWatcherHasDied) {
  write("[bridge.xenbr0]\nports = []\n[bridge.xenbr1]\nports = [\"br9\"]\n");
  ASSERT_NO_FATAL_FAILURE(fail_to_apply_while_the_nic_is_taken());
  kill_watcher();
  ASSERT_TRUE(eventually([] { return contents_of("/run/code") == "1\n"; }))
      << contents_of("/run/out");
  sh("ip link set eth0 nomaster");
  EXPECT_TRUE(eventually(is_over)) << Host::log();
  EXPECT_TRUE(is_port_of("xenbr0"));
}

TEST_F(WindowTrouble, OutsideAWindowItIsSaidWhatCouldNotBePutBack) {
  write(without_nic);
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  sh("ip link set eth0 master br9");
  const Ran ran = vifchain("rollback");
  EXPECT_EQ(ran.exit_code, 1) << ran.out;
  EXPECT_TRUE(has(ran.out, "eth0") && has(ran.out, "already a port of foreign bridge br9"))
      << ran.out;
  EXPECT_EQ(file(), with_nic);
}

TEST_F(WindowTrouble, OutsideAWindowNothingGoesThatGuestsNoticeUnlessThatIsSaid) {
  Host::add_vif(5, 0, "xenbr0");
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0) << Host::log();
  const Ran refused = vifchain("rollback");
  EXPECT_EQ(refused.exit_code, 1) << refused.out;
  EXPECT_TRUE(has(refused.err, "--allow-disrupt")) << refused.err;
  EXPECT_TRUE(is_port_of("xenbr0"));
  EXPECT_EQ(vifchain("rollback --allow-disrupt").exit_code, 0) << contents_of("/run/err");
  EXPECT_TRUE(is_free());
}

}  // namespace
}  // namespace vifchain

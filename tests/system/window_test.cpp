// SPDX-License-Identifier: Apache-2.0
// apply --confirm, confirm and rollback as people run them, on a real kernel: whoever dies, whoever
// comes second, and whatever became of the file.
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <functional>
#include <optional>

#include "host.hpp"
#include "open_change.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

class Window : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    write("/etc/xen/vifchain.toml", one);
    ASSERT_EQ(vifchain("apply").exit_code, 0);
  }
  void TearDown() override { kill_watcher(); }

  static void write(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
  }
  static std::string file() { return contents_of("/etc/xen/vifchain.toml"); }
  static bool is_there(const std::string& link) { return has(sh("ip -o link"), ": " + link + ":"); }
  static bool is_open() { return !is_over(); }

  // A second bridge comes, and waits to be confirmed.
  static void open_window(const std::string& seconds, const std::string& before = "") {
    write("/etc/xen/vifchain.toml", two);
    const Ran ran = vifchain("apply --confirm " + seconds, before);
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    ASSERT_TRUE(is_there("xenbr1"));
  }

  // In seconds.
  static double when_written(const std::string& path) {
    return std::stod(sh("stat -c %.3Y " + path));
  }

  // Of those that put everything back.
  static bool somebody_waits_for(const std::string& lock) {
    for (const auto process : watchers())
      if (has_open(process, lock)) return true;
    return false;
  }

  static constexpr const char* one = "[bridge.xenbr0]\nports = []\n";
  static constexpr const char* two = "[bridge.xenbr0]\nports = []\n[bridge.xenbr1]\nports = []\n";
  std::optional<Host> host_;
};

TEST_F(Window, RollbackPutsBackAtOnce) {
  open_window("3600");
  const Ran ran = vifchain("rollback");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(ran.out, "Rolled back: the host is as it was before the change.")) << ran.out;
  EXPECT_FALSE(is_there("xenbr1"));
  EXPECT_EQ(file(), one);
  EXPECT_EQ(contents_of("/etc/xen/vifchain.toml.unconfirmed"), two);
  EXPECT_TRUE(is_over());
}

TEST_F(Window, ConfirmWhileEverythingIsPutBackComesTooLate) {
  open_window("5");
  const double begun = when_written("/var/lib/vifchain/rollback");
  std::optional<HeldLock> somebody;
  somebody.emplace(sh("find /run/vifchain -name 'xenbr1.lock' | head -1 | tr -d '\\n'"));
  ASSERT_TRUE(
      eventually([] { return has(contents_of("/var/lib/vifchain/rollback"), "\"going back\""); }));
  EXPECT_GT(when_written("/var/lib/vifchain/rollback") - begun, 5.5)
      << "who says it in the last second is in time";
  const Ran ran = vifchain("confirm");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_TRUE(has(ran.err, "being rolled back")) << ran.err;
  somebody.reset();
  EXPECT_TRUE(eventually(is_over)) << Host::log();
  EXPECT_FALSE(is_there("xenbr1"));
}

TEST_F(Window, InsideItEveryOtherChangeIsRefusedWithWhoOpenedItAndWhatEndsIt) {
  open_window("3600");
  for (const char* command : {"apply", "apply --confirm 60", "up xenbr0", "down xenbr0"}) {
    const Ran ran = vifchain(command);
    EXPECT_EQ(ran.exit_code, 1) << command;
    EXPECT_TRUE(has(ran.err, "vifchain apply --confirm 3600") && has(ran.err, "by root") &&
                has(ran.err, "vifchain confirm") && has(ran.err, " s, at "))
        << command << ran.err;
  }
  EXPECT_TRUE(is_there("xenbr0") && is_there("xenbr1"));
}

TEST_F(Window, ANicThatComesInsideItIsRefusedToo) {
  open_window("3600");
  Host::add_nic("eth0");
  write("/etc/xen/vifchain.toml", "[bridge.xenbr0]\nports = [\"eth0\"]\n");
  const Ran ran = vifchain("nic eth0");
  EXPECT_EQ(ran.exit_code, 1) << ran.out;
  EXPECT_TRUE(has(ran.err, "pending confirmation")) << ran.err;
}

TEST_F(Window, TheWindowBeginsWhenTheChangeIsDone) {
  write("/etc/xen/vifchain.toml", two);
  // Every message to the kernel takes 0.4 s: longer than the window, all in all.
  const Ran ran = vifchain("apply --confirm 5",
                           "ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null -e trace=sendmsg "
                           "-e inject=sendmsg:delay_enter=400000 ");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(ran.out, "within 5 s")) << ran.out;
  EXPECT_TRUE(is_there("xenbr1"));
  EXPECT_EQ(vifchain("confirm").exit_code, 0);
}

TEST_F(Window, AnApplyThatHangsIsEndedAndPutBack) {
  write("/etc/xen/vifchain.toml", two);
  {
    // It wants to write that the change is made.
    const HeldLock somebody("/var/lib/vifchain/rollback.lock");
    sh("(" + environment() + vifchain_program() +
       " apply --confirm 60 --limit 2; echo $? >/run/code) >/run/out 2>&1 &");
    EXPECT_TRUE(eventually([] { return has(Host::log(), "did not end within 2 s"); }))
        << Host::log();
    EXPECT_TRUE(eventually([] { return contents_of("/run/code") == "137\n"; }));
    EXPECT_TRUE(is_there("xenbr1"));
  }
  EXPECT_TRUE(eventually([] { return has(Host::log(), "the host is as it was"); })) << Host::log();
  EXPECT_FALSE(is_there("xenbr1"));
  EXPECT_EQ(file(), one);
}

// While `work` is done an apply waits to write that its change is made. Its code is in /run/code.
void apply_meanwhile(const std::function<void()>& work) {
  const HeldLock somebody("/var/lib/vifchain/rollback.lock");
  sh("(" + environment() + vifchain_program() +
     " apply --confirm 3600; echo $? >/run/code) >/run/out 2>&1 &");
  ASSERT_TRUE(eventually([] { return has(sh("ip -o link"), ": xenbr1:"); }));
  work();
}

TEST_F(Window, AWatcherThatDiesWhileTheChangeIsMadeIsFollowedByAnother) {
  write("/etc/xen/vifchain.toml", two);
  apply_meanwhile([] { kill_watcher(); });
  ASSERT_TRUE(eventually([] { return contents_of("/run/code") == "0\n"; }))
      << contents_of("/run/out");
  EXPECT_TRUE(eventually([] { return is_watched(); }));
  EXPECT_EQ(vifchain("rollback").exit_code, 0);
}

TEST_F(Window, DoesNotBeginWhereEverythingIsToGoBackByThen) {
  write("/etc/xen/vifchain.toml", two);
  apply_meanwhile([] {
    kill_watcher();
    sh("sed -i 's/\"format\": 1,/&\"phase\": \"going back\",/' /var/lib/vifchain/rollback");
  });
  ASSERT_TRUE(eventually([] { return contents_of("/run/code") == "1\n"; }))
      << contents_of("/run/out");
  EXPECT_TRUE(has(contents_of("/run/out"), "already being rolled back")) << contents_of("/run/out");
  EXPECT_FALSE(has(contents_of("/run/out"), "Run \"vifchain confirm\""));
  vifchain("status");
  EXPECT_TRUE(eventually(is_over)) << Host::log();
  EXPECT_FALSE(is_there("xenbr1"));
}

// The file is what somebody is just at.
TEST_F(Window, AnApplyThatFailsAndIsUndoneLeavesItsFileAndNothingThatWaits) {
  sh("ip link add br9 type bridge");  // no bridge can be a port of one
  const std::string file_now = "[bridge.xenbr0]\nports = []\n[bridge.xenbr1]\nports = [\"br9\"]\n";
  write("/etc/xen/vifchain.toml", file_now);
  EXPECT_EQ(vifchain("apply --confirm 60").exit_code, 1);
  EXPECT_TRUE(is_over());
  EXPECT_FALSE(is_there("xenbr1"));
  EXPECT_TRUE(eventually([] { return !is_watched(); }));
  EXPECT_EQ(file(), file_now);
}

TEST_F(Window, WithoutAProcessThatWatchesNothingIsChangedAndNothingWaits) {
  write("/etc/xen/vifchain.toml", two);
  const Ran ran = vifchain("apply --confirm 60",
                           "strace -qq -o /dev/null -e trace=clone,clone3,fork,vfork "
                           "-e inject=clone,clone3,fork,vfork:error=EAGAIN ");
  EXPECT_EQ(ran.exit_code, 1) << ran.out;
  EXPECT_TRUE(is_over());
  EXPECT_FALSE(is_there("xenbr1"));
}

TEST_F(Window, AnApplyThatIsKilledGoesBackAtOnce) {
  write("/etc/xen/vifchain.toml", two);
  sh("(" + environment() +
     "ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null -e trace=fsync -e "
     "inject=fsync:delay_enter=90000000:when=5+ " +
     vifchain_program() + " apply --confirm 3600; true) >/run/out 2>&1 &");
  ASSERT_TRUE(eventually([] { return is_there("xenbr1"); })) << contents_of("/run/out");
  // It first: without strace the call that is held back would go on.
  sh("pkill -KILL --ns $$ --nslist net -f '^" + vifchain_program() + " apply --confirm 3600'");
  signal_here("vifchain apply --confirm 3600", SIGKILL);
  EXPECT_TRUE(eventually([] { return !is_there("xenbr1"); })) << Host::log();
  EXPECT_TRUE(eventually(is_over));
}

TEST_F(Window, WhatIsRefusedBeforeTheFirstStepLeavesNoWatcher) {
  write("/etc/xen/vifchain.toml", "[bridge.xenbr1]\nports = [\"eth9\"]\n");
  EXPECT_EQ(vifchain("apply --confirm 60").exit_code, 1);
  EXPECT_FALSE(is_watched());
  EXPECT_TRUE(is_over());
}

TEST_F(Window, AnyProgramThatRunsStartsTheWatcherAgain) {
  open_window("3600");
  Host::add_vif(5, 0, "xenbr0");
  for (const char* words : {"status", "plan", "vif-chain"}) {
    kill_watcher();
    if (std::string(words) == "vif-chain")
      EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
    else
      vifchain(words);
    EXPECT_TRUE(eventually([] { return is_watched(); })) << words;
    EXPECT_TRUE(is_there("xenbr1")) << "nothing goes back before its time";
  }
  EXPECT_EQ(vifchain("rollback").exit_code, 0);
  EXPECT_FALSE(is_there("xenbr1"));
}

TEST_F(Window, AWatcherThatDiesWhileItPutsBackIsFollowedByAnother) {
  open_window("5");
  const auto lock = sh("find /run/vifchain -name 'xenbr1.lock' | head -1 | tr -d '\\n'");
  {
    const HeldLock somebody(lock);
    ASSERT_TRUE(eventually(
        [] { return has(contents_of("/var/lib/vifchain/rollback"), "\"going back\""); }));
    kill_watcher();
    EXPECT_TRUE(is_there("xenbr1"));
  }
  vifchain("status");
  EXPECT_TRUE(eventually(is_over)) << Host::log();
  EXPECT_FALSE(is_there("xenbr1"));
}

TEST_F(Window, WhoeverWantsToChangeTheHostStartsTheWatcherAgainAndIsRefused) {
  open_window("3600");
  for (const char* words : {"apply", "apply --confirm 60", "up xenbr0", "down --all"}) {
    kill_watcher();
    const Ran ran = vifchain(words);
    EXPECT_EQ(ran.exit_code, 1) << words;
    EXPECT_TRUE(has(ran.err, "a change is pending confirmation")) << words << ran.err;
    EXPECT_TRUE(eventually([] { return is_watched(); })) << words;
    EXPECT_EQ(sh("flock -n /var/lib/vifchain echo free || true"), "") << "it has the lock too";
    EXPECT_TRUE(is_there("xenbr1")) << words;
  }
  EXPECT_EQ(vifchain("confirm").exit_code, 0);
  EXPECT_TRUE(eventually(is_over));
  EXPECT_TRUE(is_there("xenbr1"));
}

TEST_F(Window, ConfirmWithoutAWatcherHolds) {
  open_window("3600");
  kill_watcher();
  EXPECT_EQ(vifchain("confirm").exit_code, 0);
  EXPECT_TRUE(is_over());
  EXPECT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_TRUE(is_there("xenbr1"));
}

// Whoever puts back a change that nobody looks after says so before the first step of it.
TEST_F(Window, ConfirmComesTooLateWhereTheNextRunPutsBack) {
  open_window("3600");
  kill_watcher();
  end_window();
  {
    const HeldLock somebody(sh("find /run/vifchain -name 'xenbr1.lock' | head -1 | tr -d '\\n'"));
    sh("(" + environment() + vifchain_program() + " apply; echo $? >/run/code) >/run/out 2>&1 &");
    ASSERT_TRUE(eventually([] { return has(Host::log(), "not confirmed: rolling back"); }));
    EXPECT_EQ(vifchain("confirm").exit_code, 1);
  }
  EXPECT_TRUE(eventually([] { return contents_of("/run/code") == "1\n"; }));
  EXPECT_TRUE(has(contents_of("/run/out"), "rolling back now")) << contents_of("/run/out");
  EXPECT_FALSE(is_there("xenbr1"));
  EXPECT_EQ(file(), one);
}

TEST_F(Window, TheFileGoesBackWithItsModeAndOwnerThroughASymlink) {
  sh("mkdir /run/git && mv /etc/xen/vifchain.toml /run/git/vc.toml && "
     "ln -s /run/git/vc.toml /etc/xen/vifchain.toml && chown 12:34 /run/git/vc.toml && "
     "chmod 600 /run/git/vc.toml");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  sh("chmod 644 /run/git/vc.toml; chown 0:0 /run/git/vc.toml");
  open_window("3600");
  ASSERT_EQ(vifchain("rollback").exit_code, 0);
  EXPECT_EQ(sh("stat -c '%a %u %g' /run/git/vc.toml"), "600 12 34\n");
  EXPECT_EQ(contents_of("/run/git/vc.toml"), one);
  EXPECT_EQ(sh("readlink /etc/xen/vifchain.toml"), "/run/git/vc.toml\n");
}

TEST_F(Window, AnEditInsideItIsKeptBeside) {
  open_window("3600");
  write("/etc/xen/vifchain.toml", "# what I am just at\n");
  ASSERT_EQ(vifchain("rollback").exit_code, 0);
  EXPECT_EQ(file(), one);
  EXPECT_EQ(contents_of("/etc/xen/vifchain.toml.edited"), "# what I am just at\n");
  EXPECT_EQ(contents_of("/etc/xen/vifchain.toml.unconfirmed"), two);
}

TEST_F(Window, WhatIsRememberedIsTheTextThatWasParsed) {
  write("/etc/xen/vifchain.toml", two);
  const auto lock = sh("find /run/vifchain -name 'xenbr0.lock' | head -1 | tr -d '\\n'");
  {
    std::optional<HeldLock> somebody(std::in_place,
                                     lock.substr(0, lock.rfind('/')) + "/xenbr1.lock");
    sh("(" + environment() + vifchain_program() + " apply; echo $? >/run/code) >/run/o 2>&1 &");
    ASSERT_TRUE(eventually([] {
      const auto runs = processes_here("vifchain apply");
      return !runs.empty() &&
             has(sh("cat /proc/" + std::to_string(runs.back()) + "/wchan"), "lock");
    }));
    write("/etc/xen/vifchain.toml", "# edited while it waited\n");
  }
  ASSERT_TRUE(eventually([] { return contents_of("/run/code") == "0\n"; }))
      << contents_of("/run/o");
  const auto applied = contents_of("/var/lib/vifchain/applied");
  EXPECT_TRUE(has(applied, "[bridge.xenbr1]")) << applied;
  EXPECT_FALSE(has(applied, "edited while")) << applied;
}

TEST_F(Window, EveryFileGoesBackToItsOwnText) {
  write("/run/other.toml", "[bridge.xenbr1]\nports = []\n");
  ASSERT_EQ(vifchain("--config /run/other.toml apply --confirm 3600").exit_code, 0);
  EXPECT_EQ(vifchain("confirm").exit_code, 0);
  write("/etc/xen/vifchain.toml", two);
  ASSERT_EQ(vifchain("apply --confirm 3600").exit_code, 0);
  ASSERT_EQ(vifchain("rollback").exit_code, 0);
  EXPECT_EQ(file(), one) << "and not what another file says";
  EXPECT_EQ(contents_of("/run/other.toml"), "[bridge.xenbr1]\nports = []\n");
}

TEST_F(Window, GoingBackIsTriedUntilItSucceedsAndSaysWhatItCouldNotDo) {
  open_window("3600");
  sh("mkdir /run/etc && cp -a /etc/xen /run/etc/ && mount --bind /run/etc/xen /etc/xen && "
     "mount -o remount,ro,bind /etc/xen");
  sh("(" + environment() + vifchain_program() + " rollback; echo $? >/run/code) >/run/o 2>&1 &");
  EXPECT_TRUE(eventually([] { return has(contents_of("/run/o"), "retrying: "); }));
  EXPECT_TRUE(has(contents_of("/run/o"), "Read-only")) << contents_of("/run/o");
  EXPECT_FALSE(is_there("xenbr1"));
  const Ran refused = vifchain("apply");
  EXPECT_TRUE(has(refused.err, "failed") && has(refused.err, "--give-up")) << refused.err;
  sh("mount -o remount,rw,bind /etc/xen");
  EXPECT_TRUE(eventually([] { return contents_of("/run/code") == "0\n"; }))
      << contents_of("/run/o");
  EXPECT_EQ(file(), one);
}

TEST_F(Window, GoingBackCanBeGivenUp) {
  open_window("3600");
  EXPECT_EQ(vifchain("rollback --give-up").exit_code, 1) << "nothing goes back yet";
  const HeldLock somebody(sh("find /run/vifchain -name 'xenbr1.lock' | head -1 | tr -d '\\n'"));
  sh("(" + environment() + vifchain_program() + " rollback; echo $? >/run/code) >/run/o 2>&1 &");
  ASSERT_TRUE(eventually([] { return somebody_waits_for("xenbr1.lock"); }));
  const Ran ran = vifchain("rollback --give-up");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(is_there("xenbr1"));
  EXPECT_FALSE(is_watched());
  EXPECT_TRUE(has(Host::log(), "ended by SIGTERM")) << "and not by its own time: " << Host::log();
  EXPECT_TRUE(eventually([] { return contents_of("/run/code") == "1\n"; }))
      << contents_of("/run/o");
}

TEST_F(Window, OutsideItRollbackGoesBackToBeforeTheLastApplyTwice) {
  write("/etc/xen/vifchain.toml", two);
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  write("/etc/xen/vifchain.toml", std::string(two) + "[bridge.xenbr2]\nports = []\n");
  ASSERT_EQ(vifchain("apply --confirm 60").exit_code, 0);
  ASSERT_EQ(vifchain("confirm").exit_code, 0);
  const Ran first = vifchain("rollback");
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_TRUE(has(first.out, "delete xenbr2")) << first.out;
  EXPECT_EQ(file(), two);
  EXPECT_EQ(vifchain("plan").exit_code, 0);
  EXPECT_EQ(vifchain("rollback").exit_code, 0);
  EXPECT_EQ(file(), one);
  EXPECT_FALSE(is_there("xenbr1"));
  const Ran third = vifchain("rollback");
  EXPECT_EQ(third.exit_code, 1) << "two are kept";
  EXPECT_TRUE(has(third.err, "is not recorded")) << third.err;
}

TEST_F(Window, ARecordOfALaterVersionIsNamedAndNothingIsDone) {
  sh("echo '{\"format\": 9}' >/var/lib/vifchain/rollback");
  for (const char* command : {"apply", "confirm", "rollback", "down --all"}) {
    const Ran ran = vifchain(command);
    EXPECT_EQ(ran.exit_code, 1) << command;
    EXPECT_TRUE(has(ran.err, "found format 9") && has(ran.err, "--give-up")) << ran.err;
  }
  EXPECT_TRUE(is_there("xenbr0"));
  EXPECT_EQ(vifchain("rollback --give-up").exit_code, 0);
  EXPECT_EQ(vifchain("apply").exit_code, 0);
}

TEST_F(Window, WithoutRoomForARecordNothingIsChanged) {
  write("/etc/xen/vifchain.toml", two);
  sh("mount -t tmpfs -o size=4k none /var/lib/vifchain && "
     "head -c 8k /dev/zero >/var/lib/vifchain/fill 2>/dev/null || true");
  const Ran ran = vifchain("apply --confirm 60");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.err, "No space left")) << ran.err;
  EXPECT_FALSE(is_there("xenbr1"));
  EXPECT_FALSE(is_watched());
}

}  // namespace
}  // namespace vifchain

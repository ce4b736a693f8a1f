// SPDX-License-Identifier: Apache-2.0
// The process that watches over a change which waits to be confirmed, on a real kernel: whatever
// stands in its way, it holds what was confirmed and puts back what was not.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include "host.hpp"
#include "open_change.hpp"

namespace vifchain {
namespace {

constexpr auto record = "/var/lib/vifchain/rollback";

// Returns when somebody has ended the process, and it is about to go.
bool stop_as_it_ends(pid_t process) {
  if (::ptrace(PTRACE_SEIZE, process, nullptr, PTRACE_O_TRACEEXIT) != 0) return false;
  for (int status = 0; ::waitpid(process, &status, __WALL) == process && WIFSTOPPED(status);) {
    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8)) return true;
    ::ptrace(PTRACE_CONT, process, nullptr, WSTOPSIG(status));
  }
  return false;
}

class Watcher : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    sh("mkdir -p /run/lib && mount --bind /run/lib /var/lib");
    write(one);
    ASSERT_EQ(vifchain("apply").exit_code, 0);
  }
  void TearDown() override { kill_watcher(); }

  static void write(const std::string& text) { std::ofstream("/etc/xen/vifchain.toml") << text; }
  static std::string file() { return contents_of("/etc/xen/vifchain.toml"); }
  static bool is_there() { return has(sh("ip -o link"), ": xenbr1:"); }
  static bool is_going_back() { return has(contents_of(record), "\"going back\""); }

  // A second bridge comes, and waits to be confirmed.
  static void open_window(const std::string& seconds) {
    write(two);
    const Ran ran = vifchain("apply --confirm " + seconds);
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    ASSERT_TRUE(is_there());
  }
  static void expect_back() {
    EXPECT_TRUE(eventually(is_over)) << Host::log();
    EXPECT_FALSE(is_there());
    EXPECT_EQ(file(), one);
  }

  // The watcher, and what it has begun in a process of its own.
  static std::vector<pid_t> all() { return watchers(); }
  static pid_t parent_of(pid_t process) {
    return std::stoi("0" + sh("sed -n 's/^PPid:\t//p' /proc/" + std::to_string(process) +
                              "/status 2>/dev/null || true"));
  }
  static std::optional<pid_t> its_try() {
    const auto them = all();
    for (const pid_t one : them)
      if (std::ranges::find(them, parent_of(one)) != them.end()) return one;
    return std::nullopt;
  }
  static std::string lock_of_bridge() {
    return sh("find /run/vifchain -name 'xenbr1.lock' | head -1 | tr -d '\n'");
  }
  static std::string of_watcher(const std::string& what) {
    return sh("cd /proc/" + std::to_string(all().at(0)) + " && " + what);
  }

  static constexpr const char* one = "[bridge.xenbr0]\nports = []\n";
  static constexpr const char* two = "[bridge.xenbr0]\nports = []\n[bridge.xenbr1]\nports = []\n";
  std::optional<Host> host_;
};

TEST_F(Watcher, BeginsAnewWhenWhatItBeganIsKilled) {
  open_window("5");
  {
    const HeldLock somebody(lock_of_bridge());
    ASSERT_TRUE(eventually([] { return its_try().has_value(); }));
    ::kill(its_try().value(), SIGKILL);
    EXPECT_TRUE(eventually([] { return its_try().has_value(); })) << Host::log();
  }
  expect_back();
}

TEST_F(Watcher, WaitsForARecordThatCannotBeReadJustNow) {
  open_window("5");
  sh("cd /var/lib/vifchain && cp -a rollback kept && echo '{\"format\": 9}' >other && "
     "mv other rollback");
  ASSERT_TRUE(eventually([] { return has(Host::log(), "found format 9"); })) << Host::log();
  sh("mv /var/lib/vifchain/kept /var/lib/vifchain/rollback");
  expect_back();
}

// As it was written down of one that has tried often, and died.
TEST_F(Watcher, EndsAtOnceWhenSomebodyGivesUpInOneOfItsLongPauses) {
  open_window("3600");
  for (const pid_t each : all()) ::kill(each, SIGKILL);
  ASSERT_TRUE(eventually([] { return all().empty(); }));
  sh("sed -i 's/\"phase\": \"[a-z ]*\"/\"phase\": \"going back\", \"tries\": 9/' "
     "/var/lib/vifchain/rollback");
  sh("mount --bind /etc/xen /etc/xen && mount -o remount,ro,bind /etc/xen");
  EXPECT_EQ(vifchain("apply").exit_code, 1);
  ASSERT_TRUE(eventually([] { return has(contents_of(record), "\"tries\": 10"); }))
      << contents_of(record);
  ASSERT_TRUE(eventually([] { return all().size() == 1; }));
  EXPECT_EQ(vifchain("rollback --give-up").exit_code, 0);
  EXPECT_TRUE(eventually([] { return all().empty(); })) << "half a minute is too long";
  sh("mount -o remount,rw,bind /etc/xen");
}

TEST_F(Watcher, PutsEverythingBackWhereThereIsNoRoomToWriteThatDown) {
  sh("mkdir /run/small && mount -t tmpfs -o size=64k none /run/small && "
     "cp -a /var/lib/vifchain/. /run/small/ && mount --bind /run/small /var/lib/vifchain");
  open_window("5");
  sh("cat /dev/zero >/var/lib/vifchain/fill 2>/dev/null || true");
  expect_back();
  EXPECT_TRUE(has(Host::log(), "No space left")) << Host::log();
}

// Whoever confirms has the record first.
TEST_F(Watcher, HoldsWhatIsConfirmedWhileItWantsToWriteThatAllGoesBack) {
  open_window("5");
  {
    const HeldLock somebody("/var/lib/vifchain/rollback.lock");
    const auto waits = [] {
      const auto them = all();
      return them.size() == 1 && has_open(them.front(), "rollback.lock");
    };
    ASSERT_TRUE(eventually(waits));
    sh("sed -i 's/\"phase\": \"[a-z ]*\"/\"phase\": \"confirmed\"/' /var/lib/vifchain/rollback");
  }
  EXPECT_TRUE(eventually(is_over)) << Host::log();
  EXPECT_TRUE(is_there());
  EXPECT_EQ(file(), two);
}

// Until then it may still be at one of its steps.
TEST_F(Watcher, WaitsForTheEndOfAnApplyThatItEnds) {
  write(two);
  std::optional<HeldLock> somebody("/var/lib/vifchain/rollback.lock");
  sh("(" + environment() + vifchain_program() +
     " apply --confirm 60 --limit 2; echo $? >/run/code) >/run/out 2>&1 &");
  ASSERT_TRUE(eventually([] { return is_there() && all().size() == 1; }));
  const pid_t changer = std::stoi(of_watcher("tr '\\0' ' ' <cmdline | sed 's/.*--changer //'"));
  ASSERT_TRUE(stop_as_it_ends(changer));
  EXPECT_TRUE(eventually([] { return has(of_watcher("cat wchan"), "poll"); }))
      << of_watcher("cat wchan");
  EXPECT_TRUE(is_there());
  ::ptrace(PTRACE_DETACH, changer, nullptr, nullptr);
  somebody.reset();
  expect_back();
}

TEST_F(Watcher, EndsAtOnceWhereAnotherWatches) {
  open_window("3600");
  const auto before = all();
  const Ran ran = run("timeout -s KILL 20 " + vifchain_program() +
                      " confirm --or-go-back 3600 --config /etc/xen/vifchain.toml");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(all(), before);
}

TEST_F(Watcher, HoldsTheLockAndHandsItToNobody) {
  open_window("3600");
  EXPECT_EQ(of_watcher("readlink fd/3"), "/var/lib/vifchain\n");
  EXPECT_NE(std::stoi(of_watcher("sed -n 's/^flags:\t//p' fdinfo/3"), nullptr, 8) & O_CLOEXEC, 0);
}

TEST_F(Watcher, ThatDiesWhileSomebodyWaitsForItIsFollowedByAnother) {
  open_window("3600");
  {
    const HeldLock somebody(lock_of_bridge());
    sh("(" + environment() + vifchain_program() + " rollback; echo $? >/run/code) >/run/o 2>&1 &");
    ASSERT_TRUE(eventually([] { return its_try().has_value(); }));
    const auto before = all();
    for (const pid_t each : before) ::kill(each, SIGKILL);
    EXPECT_TRUE(eventually([&] {
      const auto now = all();
      return !now.empty() && std::ranges::find(before, now.front()) == before.end();
    }));
  }
  EXPECT_TRUE(eventually([] { return contents_of("/run/code") == "0\n"; }))
      << contents_of("/run/o");
  expect_back();
}

}  // namespace
}  // namespace vifchain

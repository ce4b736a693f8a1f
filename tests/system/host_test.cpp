// SPDX-License-Identifier: Apache-2.0
// The host that tests have: nothing that happens on it happens to the machine.
#include "host.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "edge/process/processes.hpp"
#include "own_places.hpp"
#include "running_daemon.hpp"

namespace vifchain {
namespace {

std::string space(const std::string& kind) {
  return std::filesystem::read_symlink("/proc/self/ns/" + kind);
}

// The words of what runs in this test's network besides the test and its xenstored.
std::string programs_here() {
  std::string all;
  for (const auto& process : processes_here())
    if (process.pid != ::getpid() && !process.words.empty() &&
        !has(process.words.front(), "xenstored"))
      all += process.words.front() + "\n";
  return all;
}

// The first here: there was no host yet.
TEST(NoHost, RunsNoProgram) {
  ASSERT_FALSE(has_own_places());
  EXPECT_THROW(vifchain("--version"), std::logic_error);
}

TEST(AHost, HasANetworkMountsAndANameOfItsOwn) {
  for (const char* kind : {"net", "mnt", "uts"}) {
    const auto before = space(kind);
    const Host host;
    EXPECT_NE(space(kind), before) << kind;
  }
}

TEST(AHost, BeginsEmpty) {
  {
    const Host host;
    sh("touch /etc/resolv.conf /run/mark /var/lib/mark /var/log/mark && hostname elsewhere");
  }
  const Host host;
  EXPECT_EQ(sh("ls /etc /run /var/lib /var/log"),
            "/etc:\nmachine-id\nxen\n\n/run:\n\n/var/lib:\n\n/var/log:\nxen\n");
  EXPECT_EQ(sh("hostname"), "testhost\n");
}

TEST(AHost, IsHeardByNoSyslog) {
  const Host host;
  EXPECT_EQ(sh("logger -u /dev/log --socket-errors=on x 2>/dev/null || echo nobody"), "nobody\n");
}

TEST(AHost, LeavesNoProgramOfOursBehind) {
  Host host;
  Host::add_nic("eth0");
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  ASSERT_EQ(vifchain("apply --confirm 3600").exit_code, 0);
  const RunningDaemon daemon("", RunningDaemon::Begun::at_once);
  ASSERT_TRUE(has(programs_here(), "vifchain"));
  Host::end_programs();
  EXPECT_TRUE(eventually([] { return !has(programs_here(), "vifchain"); })) << programs_here();
}

// As meson ends a test that takes too long.
TEST(AHost, TakesItsDaemonAlongWhenItsTestIsKilled) {
  const Host host;
  const pid_t test = ::fork();
  if (test == 0) {
    const RunningDaemon daemon;
    ::pause();
  }
  ASSERT_TRUE(eventually([] { return RunningDaemon::report().pid != 0; }));
  ::kill(test, SIGKILL);
  exit_code_of(test);
  EXPECT_TRUE(eventually([] { return !has(programs_here(), "vifchaind"); })) << programs_here();
}

}  // namespace
}  // namespace vifchain

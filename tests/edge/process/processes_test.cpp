// SPDX-License-Identifier: Apache-2.0
// The processes of this host, as /proc tells of them while they come and go.
#include "edge/process/processes.hpp"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace vifchain {
namespace {

bool is_among(const std::vector<Process>& processes, pid_t pid) {
  return std::ranges::find(processes, pid, &Process::pid) != processes.end();
}

TEST(Processes, AProcessIsToldWithItsWordsAndItsParent) {
  const Process self = process_of(getpid());
  EXPECT_EQ(self.parent, getppid());
  ASSERT_FALSE(self.words.empty());
  EXPECT_NE(self.words.front().find("_test"), std::string::npos);
  EXPECT_TRUE(is_among(processes_here(), getpid()));
}

TEST(Processes, ANameThatLooksLikeTheRestOfItsLineIsStillAName) {
  char before[16] = {};
  prctl(PR_GET_NAME, before);
  prctl(PR_SET_NAME, "a) S 77 (b");
  const Process self = process_of(getpid());
  prctl(PR_SET_NAME, before);
  EXPECT_EQ(self.parent, getppid());
}

TEST(Processes, OneThatEndedHasNoWords) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  siginfo_t end = {};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &end, WEXITED | WNOWAIT), 0);
  EXPECT_TRUE(process_of(child).words.empty()) << "nobody has noticed its end";
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(process_of(child).words.empty());
  EXPECT_FALSE(is_among(processes_here(), child));
}

// A file of /proc that was opened in time answers ESRCH once its process has gone.
TEST(Processes, OthersMayEndWhileTheyAreRead) {
  const auto before = signal(SIGCHLD, SIG_IGN);  // nobody has to notice their end
  for (int round = 0; round < 500; ++round) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    while (kill(child, 0) == 0) ASSERT_NO_THROW(process_of(child));
  }
  signal(SIGCHLD, before);
}

}  // namespace
}  // namespace vifchain

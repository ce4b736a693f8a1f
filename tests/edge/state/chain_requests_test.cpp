// SPDX-License-Identifier: Apache-2.0
// What people said should stand.
#include "edge/state/chain_requests.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "edge/state/vif_lock.hpp"
#include "names.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

using namespace std::chrono_literals;

TEST(ChainRequests, AreThereUntilSomebodySaysOtherwise) {
  const TempFolder folder;
  EXPECT_TRUE(chain_requests(folder.path()).empty());
  record_chain_requests(folder.path(), {{name("xenbr0"), ChainRequest::stands},
                                        {name("xenbr1"), ChainRequest::stands}});
  record_chain_requests(folder.path(),
                        {{name("xenbr1"), ChainRequest::stays_down}, {name("xenbr9"), {}}});
  EXPECT_EQ(chain_requests(folder.path()),
            (std::map<LinkName, ChainRequest>{{name("xenbr0"), ChainRequest::stands},
                                              {name("xenbr1"), ChainRequest::stays_down}}));
  record_chain_requests(folder.path(), {{name("xenbr1"), std::nullopt}});
  EXPECT_EQ(chain_requests(folder.path()).size(), 1U);
}

TEST(ChainRequests, OfManyAtOnceAreAllKept) {
  const TempFolder folder;
  for (int child = 0; child < 8; ++child)
    if (fork() == 0) {
      for (int i = 0; i < 20; ++i)
        record_chain_requests(
            folder.path(),
            {{name("b" + std::to_string(child) + "x" + std::to_string(i)), ChainRequest::stands}});
      _exit(0);
    }
  for (int child = 0; child < 8; ++child) wait(nullptr);
  EXPECT_EQ(chain_requests(folder.path()).size(), 160U);
}

TEST(ChainRequests, OfAFileThatMakesNoSenseAreNone) {
  const TempFolder folder;
  std::ofstream(folder / "requests") << "a-name-that-is-far-too-long stands\n\x01\x02";
  EXPECT_TRUE(chain_requests(folder.path()).empty());
}

TEST(ChainRequests, ThatCannotBeKeptAreNoError) {
  EXPECT_NO_THROW(record_chain_requests("/proc/nowhere", {{name("xenbr0"), ChainRequest::stands}}));
}

// Somebody was stopped with the lock: what is to be kept is kept all the same.
TEST(ChainRequests, AreKeptWhereTheirLockIsNeverLetGoOf) {
  const TempFolder folder;
  const int held = open((folder / "requests.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(flock(held, LOCK_EX), 0);
  const auto xenbr0 = LinkName::parse("xenbr0").value();
  record_chain_requests(folder.path(), {{xenbr0, ChainRequest::stands}});
  EXPECT_TRUE(chain_requests(folder.path()).contains(xenbr0));
  close(held);
}

TEST(VifLock, IsHeldByOneAtATimeAndForEachVifForItself) {
  const TempFolder folder;
  auto held = VifLock::if_free({folder / "locks"}, {5, 0});
  ASSERT_TRUE(held);
  EXPECT_FALSE(VifLock::if_free({folder / "locks"}, {5, 0}));
  EXPECT_TRUE(VifLock::if_free({folder / "locks"}, {5, 1}));
  EXPECT_TRUE(VifLock::if_free({folder / "locks"}, {6, 0}));
  held.reset();
  EXPECT_TRUE(VifLock::if_free({folder / "locks"}, {5, 0}));
}

TEST(VifLock, IsHeldThoughSomebodyRemovesItsFolder) {
  const TempFolder folder;
  const VifLockFolders folders{folder / "run", folder / "lib"};
  for (const char* lost : {"run", "lib"}) {
    auto held = VifLock::if_free(folders, {5, 0});
    ASSERT_TRUE(held);
    std::filesystem::remove_all(folder / lost);
    EXPECT_FALSE(VifLock::if_free(folders, {5, 0})) << lost;
    held.reset();
    EXPECT_TRUE(VifLock::if_free(folders, {5, 0})) << lost;
  }
}

TEST(VifLock, IsHadWhereOnlyItsFirstFolderCanBeWritten) {
  const TempFolder folder;
  const auto held = VifLock::if_free({folder / "run", "/proc/none"}, {5, 0});
  EXPECT_TRUE(held);
  EXPECT_FALSE(VifLock::if_free({folder / "run", "/proc/none"}, {5, 0}));
}

TEST(VifLock, GoesWithItsProcess) {
  const TempFolder folder;
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto held = VifLock::if_free({folder.path()}, {5, 0});
    [[maybe_unused]] const auto written = write(ready[1], "", 1);
    for (;;) pause();
  }
  char word = 0;
  ASSERT_EQ(read(ready[0], &word, 1), 1);
  EXPECT_FALSE(VifLock::if_free({folder.path()}, {5, 0}));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(VifLock::if_free({folder.path()}, {5, 0}));
}

TEST(VifLock, IsWaitedForUntilTheDeadlineWhichNamesTheVif) {
  const TempFolder folder;
  const auto held = VifLock::if_free({folder.path()}, {5, 0});
  const Deadline deadline(20ms);
  try {
    const VifLock lock({folder.path()}, {5, 0}, deadline);
    FAIL() << "it is held";
  } catch (const Interrupted& ended) {
    EXPECT_NE(std::string(ended.what()).find("vif5.0"), std::string::npos) << ended.what();
  }
}

}  // namespace
}  // namespace vifchain

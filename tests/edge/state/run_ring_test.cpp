// SPDX-License-Identifier: Apache-2.0
// The ring of runs on disk: bounded, whole lines, and never in anybody's way.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include "cli/gather/recorded_runs.hpp"
#include "edge/state/run_ring.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

namespace fs = std::filesystem;

class RunRing : public ::testing::Test {
 protected:
  static std::string line(std::int64_t when, std::int64_t pid = 1, Ending ending = Ending::done) {
    return encode({.began = when, .call = "vifchain apply", .pid = pid, .ending = ending});
  }

  [[nodiscard]] std::vector<std::int64_t> kept() const {
    std::vector<std::int64_t> times;
    for (const auto& run : recorded_runs(path_).runs) times.push_back(run.began);
    return times;
  }

  [[nodiscard]] std::size_t bytes() const {
    std::size_t sum = 0;
    for (const auto& entry : fs::directory_iterator(folder_.path() + "/lib"))
      sum += entry.file_size();
    return sum;
  }

  void append_raw(const std::string& text) const {
    std::ofstream(path_, std::ios::app | std::ios::binary) << text;
  }

  TempFolder folder_;
  std::string path_ = folder_ / "lib/runs";
};

TEST_F(RunRing, MakesItsFolderAndKeepsRunsInTheirOrder) {
  EXPECT_EQ(append_run(path_, line(1)), "");
  EXPECT_EQ(append_run(path_, line(2)), "");
  EXPECT_EQ(kept(), (std::vector<std::int64_t>{1, 2}));
}

TEST_F(RunRing, IsForRootAndHisGroupAlone) {
  append_run(path_, line(1));
  struct stat state {};
  ASSERT_EQ(::stat(path_.c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 07777 & ~0040U, 0600U);
}

TEST_F(RunRing, WithoutFilesIsEmpty) {
  EXPECT_TRUE(kept().empty());
  EXPECT_EQ(recorded_runs(path_).unreadable, "");
}

TEST_F(RunRing, ForgetsTheOldestAndStaysBounded) {
  constexpr std::size_t size = 4096;
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(append_run(path_, line(i), size), "");
  EXPECT_LE(bytes(), 2 * size + 2 * line(2000).size());
  const auto times = kept();
  EXPECT_GT(times.size(), 40U);
  EXPECT_EQ(times.back(), 1999);
  for (std::size_t i = 1; i < times.size(); ++i) EXPECT_EQ(times[i], times[i - 1] + 1);
}

// Every writer rotates as it finds the file full.
TEST_F(RunRing, OfManyWritersAtOnceMixesNoLinesAndStaysBounded) {
  constexpr std::size_t size = 32768;
  constexpr std::int64_t writers = 24, lines = 400;
  for (std::int64_t writer = 0; writer < writers; ++writer) {
    if (::fork() != 0) continue;
    for (std::int64_t i = 0; i < lines; ++i) {
      RunRecord run{.began = writer * lines + i, .call = "x", .pid = writer};
      run.message.assign(static_cast<std::size_t>(100 + (i * 37 + writer) % 800), 'm');
      if (!append_run(path_, encode(run), size).empty()) ::_exit(1);
    }
    ::_exit(0);
  }
  int status = 0;
  for (pid_t ended = 0; ended >= 0; ended = ::waitpid(-1, &status, WNOHANG)) {
    EXPECT_EQ(status, 0);
    std::error_code none;
    const auto older = fs::file_size(path_ + ".1", none);
    EXPECT_TRUE(none || older >= size) << "a file that is not full took the place of the older one";
  }
  EXPECT_LE(bytes(), 2 * (2 * size + writers * 1200));
  const RecordedRuns runs = recorded_runs(path_);
  EXPECT_EQ(runs.passed_over, 0U);
  EXPECT_GT(runs.runs.size(), 30U);
  std::map<std::int64_t, std::int64_t> last;
  for (const auto& run : runs.runs) {
    EXPECT_EQ(run.message.find_first_not_of('m'), std::string::npos);
    EXPECT_EQ(run.began / lines, run.pid);
    EXPECT_LT(last.emplace(run.pid, -1).first->second, run.began) << "nothing twice";
    last[run.pid] = run.began;
  }
}

TEST_F(RunRing, PassesOverATornLineAndReadsTheOneBehindIt) {
  append_run(path_, line(1));
  const std::string torn = line(2);
  append_raw(torn.substr(0, torn.size() / 2));
  append_run(path_, line(3));
  append_raw(torn.substr(0, torn.size() - 3));
  const RecordedRuns runs = recorded_runs(path_);
  EXPECT_EQ(kept(), (std::vector<std::int64_t>{1, 3}));
  EXPECT_EQ(runs.passed_over, 2U);
}

TEST_F(RunRing, PassesOverWhatSomebodyElseWrote) {
  append_run(path_, line(1));
  append_raw("# edited by hand\n\n\n{\"began\": \"yesterday\"}\n");
  append_raw(std::string("\0\xff\xfe binary", 10) + "\n");
  append_run(path_, line(2));
  EXPECT_EQ(kept(), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(recorded_runs(path_).passed_over, 3U);
}

TEST_F(RunRing, OfARunThatBeganAndEndedHasTheEndAlone) {
  append_run(path_, line(1, 7, Ending::began));
  append_run(path_, line(2, 8, Ending::began));
  append_run(path_, line(1, 7, Ending::done));
  const auto runs = recorded_runs(path_).runs;
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].pid, 8);
  EXPECT_EQ(runs[0].ending, Ending::began);
  EXPECT_EQ(runs[1].ending, Ending::done);
}

TEST_F(RunRing, SaysWhyItCannotBeWritten) {
  fs::create_directories(path_);
  EXPECT_NE(append_run(path_, line(1)), "");
  EXPECT_NE(append_run(folder_ / "no/such/folder/runs", line(1)), "");
  fs::create_symlink("/dev/full", folder_ / "link");
  EXPECT_NE(append_run(folder_ / "link", line(1)), "") << "it follows no link";
}

TEST_F(RunRing, StaysBoundedWhereAFullFileCannotBeMoved) {
  fs::create_directories(path_ + ".1");
  for (int i = 0; i < 100; ++i) append_run(path_, line(i), 1024);
  EXPECT_EQ(append_run(path_, line(100), 1024),
            "moving away the full " + path_ + ": " + std::strerror(EISDIR));
  EXPECT_LT(fs::file_size(path_), 2048U);
}

TEST_F(RunRing, LosesNothingToOneThatStallsWhileItMovesTheFile) {
  append_run(path_, line(1));
  append_raw(std::string(4096, ' ') + "\n");
  const int stalled = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(::flock(stalled, LOCK_EX), 0);
  EXPECT_EQ(append_run(path_, line(2), 1024), "");
  EXPECT_EQ(kept(), (std::vector<std::int64_t>{1, 2}));
  EXPECT_FALSE(fs::exists(path_ + ".1"));
  ::close(stalled);
  EXPECT_EQ(append_run(path_, line(3), 1024), "");
  EXPECT_TRUE(fs::exists(path_ + ".1"));
  EXPECT_EQ(kept(), (std::vector<std::int64_t>{1, 2, 3}));
}

TEST_F(RunRing, WaitsForNoPipe) {
  fs::create_directories(folder_.path() + "/lib");
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_NE(append_run(path_, line(1)), "");
}

TEST_F(RunRing, ThatIsAFolderIsSaidToBeUnreadable) {
  fs::create_directories(path_);
  EXPECT_NE(recorded_runs(path_).unreadable, "");
}

}  // namespace
}  // namespace vifchain

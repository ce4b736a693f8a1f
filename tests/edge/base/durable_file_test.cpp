// SPDX-License-Identifier: Apache-2.0
// Small files that must survive a crash.
#include "edge/base/durable_file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "edge/base/error.hpp"
#include "edge/state/change_lock.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

namespace fs = std::filesystem;

class KeptFile : public ::testing::Test {
 protected:
  TempFolder folder_;
  std::string path_ = folder_ / "below/file";
};

TEST_F(KeptFile, IsThereWithItsFolder) {
  EXPECT_EQ(read_file(path_), std::nullopt);
  keep_file(path_, "one");
  keep_file(path_, std::string("t\0o", 3));
  EXPECT_EQ(read_file(path_), std::string("t\0o", 3));
}

TEST_F(KeptFile, IsForRootAloneUnlessItIsToBeRead) {
  const auto mode = [&] {
    struct stat is = {};
    return ::stat(path_.c_str(), &is) == 0 ? is.st_mode & 0777 : 0;
  };
  const auto before = ::umask(0077);
  keep_file(path_, "one");
  EXPECT_EQ(mode(), 0600U);
  keep_file(path_, "two", 0644);
  EXPECT_EQ(mode(), 0644U) << "whatever the umask";
  ::umask(before);
}

TEST_F(KeptFile, HasFoldersThatNobodyElseWritesToWhateverTheUmask) {
  const auto before = ::umask(0);
  keep_file(path_, "one");
  make_folders(folder_ / "a/b");
  ::umask(before);
  for (const char* made : {"below", "a", "a/b"})
    EXPECT_EQ(fs::status(folder_ / made).permissions() & fs::perms(0022), fs::perms::none) << made;
}

TEST_F(KeptFile, ThatIsLockedIsMadeWhateverStandsInItsPlace) {
  fs::create_directories(folder_ / "one/precious");
  fs::create_symlink(folder_ / "nowhere/x", folder_ / "two");
  fs::create_symlink(folder_ / "target", folder_ / "three");
  for (const char* name : {"one", "two", "three", "four"}) {
    EXPECT_TRUE(open_lock_file(folder_ / name).open()) << name;
    EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(folder_ / name))) << name;
  }
  EXPECT_FALSE(fs::exists(folder_ / "target")) << "nothing is made through a link";
  const auto found = [&](const std::string& name) {
    return std::ranges::any_of(fs::recursive_directory_iterator(folder_.path()),
                               [&](const auto& each) { return each.path().filename() == name; });
  };
  EXPECT_TRUE(found("precious")) << "what was there is beside it";
  EXPECT_FALSE(open_lock_file(folder_ / "no/such/folder").open());
  EXPECT_EQ(errno, ENOENT);
}

TEST_F(KeptFile, ThatIsLockedAndHasNoPlaceSaysWhichFolderCannotBeMade) {
  const Deadline deadline(std::chrono::hours(1));
  try {
    const Locks never({{"xenbr0"}}, deadline, folder_ / "no/such");
    FAIL() << "it was had";
  } catch (const Error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("creating the directory ")) << error.what();
  }
}

TEST_F(KeptFile, ThatOneCanDoWithoutIsNothingButForAShortage) {
  EXPECT_EQ(read_file_if_one_can(path_), std::nullopt);
  fs::create_directories(path_);
  EXPECT_EQ(read_file_if_one_can(path_), std::nullopt);
  rlimit usual = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  const rlimit none = {0, usual.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  EXPECT_THROW(read_file_if_one_can(path_), Error) << "who knows what is in it";
  ::setrlimit(RLIMIT_NOFILE, &usual);
}

TEST_F(KeptFile, ThatCannotBePutInItsPlaceIsAnErrorAndThatPlaceAsItWas) {
  fs::create_directories(path_ + "/in the way");
  EXPECT_THROW(keep_file(path_, "one"), Error);
  EXPECT_TRUE(fs::is_directory(path_ + "/in the way"));
}

TEST_F(KeptFile, ThatCannotBeWrittenIsAnErrorAndTheOldOneStays) {
  keep_file(path_, "one");
  fs::create_directory(path_ + ".new");
  EXPECT_THROW(keep_file(path_, "two"), Error);
  EXPECT_EQ(read_file(path_), "one");
}

TEST_F(KeptFile, IsNeverWrittenThroughALinkThatSomebodyPutBesideIt) {
  keep_file(path_, "one");
  keep_file(folder_ / "target", "theirs");
  fs::create_symlink(folder_ / "target", path_ + ".new");
  EXPECT_THROW(keep_file(path_, "two"), Error);
  EXPECT_EQ(read_file(folder_ / "target"), "theirs");
}

TEST_F(KeptFile, IsNeverHalfThere) {
  keep_file(path_, std::string(100'000, 'a'));
  const pid_t writer = ::fork();
  if (writer == 0)
    for (char c = 'a';; c = c == 'z' ? 'a' : static_cast<char>(c + 1))
      keep_file(path_, std::string(100'000, c));
  for (int round = 0; round < 200; ++round) {
    const auto text = read_file(path_).value();
    ASSERT_EQ(text, std::string(100'000, text.at(0)));
  }
  ::kill(writer, SIGKILL);
  ::waitpid(writer, nullptr, 0);
}

TEST_F(KeptFile, ThatIsNotThereIsDroppedAlready) {
  keep_file(path_, "one");
  drop_file(path_);
  EXPECT_EQ(read_file(path_), std::nullopt);
  EXPECT_NO_THROW(drop_file(path_));
}

TEST_F(KeptFile, ThatCannotBeReadOrDroppedIsAnError) {
  fs::create_directories(path_ + "/in the way");
  EXPECT_THROW(static_cast<void>(read_file(path_)), Error);
  EXPECT_THROW(drop_file(path_), Error);
}

TEST_F(KeptFile, IsInAFolderThatIsHeldUntilItsHolderEnds) {
  const std::string folder = folder_ / "below";
  EXPECT_FALSE(ChangeLock::is_held(folder)) << "there is none";
  keep_file(path_, "one");
  EXPECT_FALSE(ChangeLock::is_held(folder));
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t holder = ::fork();
  if (holder == 0) {
    const auto lock = ChangeLock::if_free(folder, Hold::exclusive);
    const char held = lock ? 'y' : 'n';
    if (::write(ends[1], &held, 1) == 1) ::pause();
    ::_exit(0);
  }
  char held = 0;
  ASSERT_EQ(::read(ends[0], &held, 1), 1);
  EXPECT_EQ(held, 'y');
  EXPECT_TRUE(ChangeLock::is_held(folder));
  EXPECT_FALSE(ChangeLock::if_free(folder, Hold::exclusive));
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
  EXPECT_FALSE(ChangeLock::is_held(folder));
}

}  // namespace
}  // namespace vifchain

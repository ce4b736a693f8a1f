// SPDX-License-Identifier: Apache-2.0
// Locks, between processes and within one: flock(2) tells open files apart, not processes.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "edge/base/error.hpp"
#include "edge/state/lock.hpp"
#include "edge/state/vif_lock.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class LocksTest : public ::testing::Test {
 protected:
  Locks take(std::vector<LockRequest> requests, std::chrono::milliseconds within = 1h) {
    const Deadline deadline(within);
    return Locks(std::move(requests), deadline, folder_);
  }

  // Could a stranger have it now?
  bool is_free(const std::string& name, Hold hold) {
    const int file = open((folder_ + "/locks/" + name + ".lock").c_str(), O_RDWR | O_CREAT, 0600);
    const bool got = flock(file, (hold == Hold::shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0;
    close(file);
    return got;
  }

  std::string reason_against(std::vector<LockRequest> requests) {
    try {
      take(std::move(requests), 20ms);
    } catch (const Interrupted& reason) {
      return reason.what();
    }
    return "taken";
  }

  TempFolder temp_;
  std::string folder_ = temp_ / "vifchain";
};

TEST_F(LocksTest, KeepsEverybodyOutOfAnExclusiveLock) {
  const Locks held = take({{"xenbrdmz", Hold::exclusive}});
  EXPECT_FALSE(is_free("xenbrdmz", Hold::shared));
}

TEST_F(LocksTest, LetsOthersShareASharedLock) {
  const Locks held = take({{"xenbrdmz", Hold::shared}});
  EXPECT_TRUE(is_free("xenbrdmz", Hold::shared));
  EXPECT_FALSE(is_free("xenbrdmz", Hold::exclusive));
}

TEST_F(LocksTest, HoldsEachLockInItsOwnWay) {
  const Locks held = take({{"xenbrdmz", Hold::exclusive}, {"bond1.2", Hold::shared}});
  EXPECT_FALSE(is_free("xenbrdmz", Hold::shared));
  EXPECT_TRUE(is_free("bond1.2", Hold::shared));
  EXPECT_TRUE(is_free("bond1", Hold::exclusive));
}

TEST_F(LocksTest, HoldsALockThatIsAskedForTwiceInTheStrongerWay) {
  const Locks held =
      take({{"bond1", Hold::shared}, {"bond1", Hold::exclusive}, {"bond1", Hold::shared}});
  EXPECT_FALSE(is_free("bond1", Hold::shared));
}

TEST_F(LocksTest, LetsGoAtTheEnd) {
  { const Locks held = take({{"xenbrdmz", Hold::exclusive}}); }
  EXPECT_TRUE(is_free("xenbrdmz", Hold::exclusive));
}

TEST_F(LocksTest, LetsGoWhenToldTo) {
  Locks held = take({{"xenbrdmz", Hold::exclusive}});
  held.release();
  EXPECT_TRUE(is_free("xenbrdmz", Hold::exclusive));
}

TEST_F(LocksTest, MovesFromOneOwnerToAnother) {
  Locks first = take({{"xenbrdmz", Hold::exclusive}});
  Locks second;
  second = std::move(first);
  EXPECT_FALSE(is_free("xenbrdmz", Hold::shared));
  second = Locks();
  EXPECT_TRUE(is_free("xenbrdmz", Hold::exclusive));
}

TEST_F(LocksTest, LetsGoWhatItHadWhenALaterLockIsNotToBeHad) {
  const Locks held = take({{"b", Hold::exclusive}});
  EXPECT_NE(reason_against({{"a", Hold::exclusive}, {"b", Hold::exclusive}}), "taken");
  EXPECT_TRUE(is_free("a", Hold::exclusive));
}

TEST_F(LocksTest, HoldsMoreThanAProcessUsuallyMayHaveOpen) {
  rlimit files = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
  if (files.rlim_max < 2048) GTEST_SKIP() << "nobody may have so many files open here";
  const rlimit usual = {1024, files.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &usual), 0);
  std::vector<LockRequest> requests;
  for (int i = 0; i < 1200; ++i)
    requests.push_back({"bond1." + std::to_string(i), Hold::exclusive});
  const Locks locks = take(requests);
  EXPECT_FALSE(is_free("bond1.1199", Hold::shared));
}

TEST_F(LocksTest, SaysWhatItWaitedForHowLongAndWhoHasIt) {
  const Locks held = take({{"xenbrdmz", Hold::exclusive}});
  const std::string reason = reason_against({{"xenbrdmz", Hold::shared}});
  EXPECT_TRUE(reason.starts_with("no answer within 20 ms: waited ")) << reason;
  EXPECT_NE(reason.find(" ms for the lock of xenbrdmz"), std::string::npos) << reason;
  EXPECT_NE(reason.find(", held by process " + std::to_string(getpid()) + " ("), std::string::npos)
      << reason;
}

TEST_F(LocksTest, TellWhoHasItToWhoWaitsAndAreGivenUpInTime) {
  const Locks held = take({{"xenbrdmz", Hold::exclusive}});
  std::vector<std::string> told;
  const Deadline deadline(1h);
  const LockPatience patience{.at_most = 400ms,
                              .tell = [&](const std::string& text) { told.push_back(text); },
                              .in_silence = 100ms};
  const std::string holder = ", held by process " + std::to_string(getpid()) + " (";
  try {
    const Locks never({{"a"}, {"xenbrdmz"}}, deadline, folder_, patience);
    FAIL() << "taken";
  } catch (const Interrupted& reason) {
    EXPECT_TRUE(std::string(reason.what()).starts_with("no answer within 400 ms: waited "));
    EXPECT_NE(std::string(reason.what()).find(holder), std::string::npos) << reason.what();
  }
  ASSERT_EQ(told.size(), 1U);
  EXPECT_TRUE(told[0].starts_with("waiting for the lock of xenbrdmz" + holder)) << told[0];
}

TEST_F(LocksTest, NamesAHolderAndNotAnotherThatWaits) {
  const Locks held = take({{"xenbrdmz", Hold::shared}});
  const pid_t other = fork();
  if (other == 0) {
    const int file = open((folder_ + "/locks/xenbrdmz.lock").c_str(), O_RDWR);
    flock(file, LOCK_EX);
    _exit(0);
  }
  const std::string reason = reason_against({{"xenbrdmz", Hold::exclusive}});
  kill(other, SIGKILL);
  waitpid(other, nullptr, 0);
  EXPECT_NE(reason.find("process " + std::to_string(getpid())), std::string::npos) << reason;
}

TEST_F(LocksTest, GivesWayToASignal) {
  const Locks held = take({{"xenbrdmz", Hold::exclusive}});
  const Deadline deadline(1h);
  raise(SIGTERM);
  try {
    const Locks never({{"xenbrdmz", Hold::shared}}, deadline, folder_);
    FAIL() << "took what is held";
  } catch (const Interrupted& reason) {
    EXPECT_TRUE(std::string(reason.what()).starts_with("ended by SIGTERM: waited "))
        << reason.what();
  }
}

TEST_F(LocksTest, MakesItsFolderForRootOnly) {
  const Locks held = take({{"xenbrdmz", Hold::shared}});
  EXPECT_EQ(fs::status(folder_).permissions(), fs::perms::owner_all);
}

TEST_F(LocksTest, LeavesItsFilesWhereTheyAre) {
  { const Locks held = take({{"bond1.2", Hold::exclusive}}); }
  EXPECT_TRUE(fs::exists(folder_ + "/locks/bond1.2.lock"));
}

TEST_F(LocksTest, TouchesNothingWhenNothingIsAskedFor) {
  const Locks held = take({});
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(LocksTest, RefusesANameThatLeavesTheFolder) {
  EXPECT_THROW(take({{"../xenbrdmz", Hold::shared}}), Error);
  EXPECT_THROW(take({{"", Hold::shared}}), Error);
}

TEST_F(LocksTest, DoesNotFollowALinkInThePlaceOfALock) {
  fs::create_directories(folder_ + "/locks");
  fs::create_symlink(temp_ / "elsewhere", folder_ + "/locks/xenbrdmz.lock");
  const Locks held = take({{"xenbrdmz", Hold::exclusive}});
  EXPECT_FALSE(is_free("xenbrdmz", Hold::shared)) << "the link was put aside";
  EXPECT_FALSE(fs::exists(temp_ / "elsewhere"));
}

TEST_F(LocksTest, AreNotInheritedByAProgramThatIsRun) {
  const Locks held = take({{"xenbrdmz", Hold::exclusive}});
  const std::string list = "ls -l /proc/self/fd | grep -q xenbrdmz.lock";
  EXPECT_NE(std::system(list.c_str()), 0);
}

// Runs work in so many processes at once; how many of them ended well.
int ended_well(int processes, const std::function<void(int number)>& work) {
  std::vector<pid_t> children;
  for (int number = 0; number < processes; ++number) {
    children.push_back(fork());
    if (children.back() != 0) continue;
    try {
      work(number);
      _exit(0);
    } catch (const std::exception&) {
      _exit(1);
    }
  }
  int well = 0;
  for (const pid_t child : children) {
    int status = -1;
    waitpid(child, &status, 0);
    well += WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  return well;
}

TEST_F(LocksTest, NeverDeadlockWhateverTheOrderOfTheDesired) {
  const int well = ended_well(8, [&](int number) {
    const Deadline deadline(20s);
    for (int round = 0; round < 300; ++round) {
      std::vector<LockRequest> requests{{"a", Hold::exclusive}, {"b", Hold::exclusive}};
      if (number % 2 != 0) std::swap(requests[0], requests[1]);
      const Locks held(std::move(requests), deadline, folder_);
    }
  });
  EXPECT_EQ(well, 8);
}

TEST_F(LocksTest, LetOnlyOneAtATimeCountUp) {
  const std::string count = temp_ / "count";
  std::ofstream(count) << 0;
  const int well = ended_well(8, [&](int) {
    const Deadline deadline(20s);
    for (int round = 0; round < 50; ++round) {
      const Locks held({{"count", Hold::exclusive}}, deadline, folder_);
      const int before = std::stoi(contents_of(count));
      std::ofstream(count) << before + 1;
    }
  });
  EXPECT_EQ(well, 8);
  EXPECT_EQ(contents_of(count), "400");
}

TEST_F(LocksTest, AreFreeAfterTheirHolderWasKilled) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t holder = fork();
  if (holder == 0) {
    const Locks held = take({{"xenbrdmz", Hold::exclusive}});
    EXPECT_EQ(write(ready[1], "r", 1), 1);
    pause();
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_FALSE(is_free("xenbrdmz", Hold::shared));
  kill(holder, SIGKILL);
  waitpid(holder, nullptr, 0);
  EXPECT_TRUE(is_free("xenbrdmz", Hold::exclusive));
  close(ready[0]);
  close(ready[1]);
}

TEST_F(LocksTest, AreAskedForWithoutWaiting) {
  EXPECT_TRUE(are_free({{"a", Hold::exclusive}, {"b", Hold::shared}}, folder_));
  {
    const Locks held = take({{"a", Hold::shared}});
    EXPECT_TRUE(are_free({{"a", Hold::shared}}, folder_));
    EXPECT_FALSE(are_free({{"b", Hold::shared}, {"a", Hold::exclusive}}, folder_));
  }
  EXPECT_TRUE(are_free({{"a", Hold::exclusive}}, folder_)) << "asking holds nothing";
}

// A child of the test's with the lock, which does what it is told until it is killed.
class Holder {
 public:
  Holder(const std::string& path, const std::function<bool(int file)>& take) {
    int ready[2];
    EXPECT_EQ(pipe(ready), 0);
    process_ = fork();
    if (process_ == 0) {
      const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
      if (take(file) && write(ready[1], "r", 1) == 1) pause();
      _exit(1);
    }
    char byte = 0;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
  }
  ~Holder() {
    ::kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  void stop() const {
    ::kill(process_, SIGSTOP);
    int status = 0;
    waitpid(process_, &status, WUNTRACED);
  }

  [[nodiscard]] std::string in_words(const std::string& state = "") const {
    std::string name = contents_of("/proc/" + std::to_string(process_) + "/comm");
    name.pop_back();
    return ", held by process " + std::to_string(process_) + " (" + name + state + ")";
  }

 private:
  pid_t process_ = -1;
};

bool flock_it(int file) {
  return flock(file, LOCK_EX) == 0;
}

TEST_F(LocksTest, NameAHolderThatIsStopped) {
  fs::create_directories(folder_ + "/locks");
  const Holder holder(folder_ + "/locks/xenbrdmz.lock", flock_it);
  holder.stop();
  const std::string reason = reason_against({{"xenbrdmz", Hold::shared}});
  EXPECT_TRUE(reason.ends_with(holder.in_words(", which is stopped"))) << reason;
}

// As the words of a shell do it: flock(1) takes the lock, and has ended; who goes on holds it.
TEST_F(LocksTest, NameWhoHoldsTheOpenFileOfOneThatHasEnded) {
  fs::create_directories(folder_ + "/locks");
  const Holder holder(folder_ + "/locks/xenbrdmz.lock", [](int file) {
    const pid_t other = fork();
    if (other == 0) _exit(flock_it(file) ? 0 : 1);
    int status = -1;
    waitpid(other, &status, 0);
    return status == 0;
  });
  const std::string reason = reason_against({{"xenbrdmz", Hold::shared}});
  EXPECT_TRUE(reason.ends_with(holder.in_words())) << reason;
}

// A bridge may be called like any file of ours: "requests" once had its lock file.
TEST_F(LocksTest, AreInAFolderOfTheirOwn) {
  const Locks held = take({{"requests", Hold::exclusive}, {"vifs", Hold::exclusive}});
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
  EXPECT_TRUE(fs::exists(folder_ + "/locks/requests.lock"));
}

// --- of one vif ----------------------------------------------------------------------------------

class VifLockTest : public LocksTest {
 protected:
  // As another process has it.
  Holder holder_of(const VifId& vif) {
    fs::create_directory(folder_);
    return Holder(folder_ + "/vifs", [vif](int file) {
      struct flock lock = {};
      lock.l_type = F_WRLCK;
      lock.l_whence = SEEK_SET;
      lock.l_start = (static_cast<off_t>(vif.domid) << 31) + vif.devid;
      lock.l_len = 1;
      return fcntl(file, F_OFD_SETLK, &lock) == 0;
    });
  }
};

TEST_F(VifLockTest, SaysHowLongItWaitedAndWhoHasIt) {
  const Holder other = holder_of({6, 0}), holder = holder_of({5, 0});
  holder.stop();
  const Deadline deadline(20ms);
  try {
    const VifLock never({folder_}, {5, 0}, deadline);
    FAIL() << "took what is held";
  } catch (const Interrupted& reason) {
    const std::string text = reason.what();
    EXPECT_TRUE(
        text.starts_with("no answer within 20 ms: another run is busy with vif5.0: waited "))
        << text;
    EXPECT_TRUE(text.ends_with(" ms for its lock" + holder.in_words(", which is stopped"))) << text;
  }
}

TEST_F(VifLockTest, IsWaitedForNoLongerThanWhoGoesWants) {
  const Holder holder = holder_of({5, 0});
  const Deadline deadline(1h);
  try {
    const VifLock never({folder_}, {5, 0}, deadline, 20ms);
    FAIL() << "took what is held";
  } catch (const Interrupted& reason) {
    EXPECT_TRUE(std::string(reason.what()).ends_with(holder.in_words())) << reason.what();
  }
}

}  // namespace
}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// Deadline. What would end the process runs in a child of the test.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <functional>

#include "edge/process/deadline.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto far_away = 1h;

// A pipe that nobody writes to: reading it is a call that the kernel would restart if it could.
class Silence {
 public:
  Silence() { EXPECT_EQ(pipe(ends_), 0); }
  ~Silence() {
    close(ends_[0]);
    close(ends_[1]);
  }

  // False when a signal came.
  [[nodiscard]] bool listen() const {
    char byte;
    return read(ends_[0], &byte, 1) >= 0 || errno != EINTR;
  }

 private:
  int ends_[2];
};

// Blocks until the deadline wakes it, or for ever.
void block(const Deadline& deadline) {
  const Silence silence;
  while (!silence.listen()) deadline.check();
}

// A shell starts what it puts into the background with SIGINT ignored.
class SignalsAsUsual : public ::testing::Environment {
 public:
  void SetUp() override {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
  }
};
const auto* const signals_as_usual = ::testing::AddGlobalTestEnvironment(new SignalsAsUsual);

std::string reason_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Interrupted& reason) {
    return reason.what();
  }
  return "not interrupted";
}

TEST(Deadline, LetsARunGoOnThatIsInTime) {
  const Deadline deadline(far_away);
  EXPECT_NO_THROW(deadline.check());
  EXPECT_GT(deadline.remaining(), 59min);
  EXPECT_LE(deadline.remaining(), far_away);
}

TEST(Deadline, EndsACallThatBlocks) {
  const auto start = Clock::now();
  const Deadline deadline(30ms);
  EXPECT_EQ(reason_of([&] { block(deadline); }), "no answer within 30 ms");
  EXPECT_GE(Clock::now() - start, 30ms);
  EXPECT_EQ(deadline.remaining(), 0ms);
}

TEST(Deadline, EndsACallThatBlocksAfterTheTimeWasUp) {
  const Deadline deadline(1ms);
  while (deadline.remaining() > 0ms) {
  }
  const Silence silence;
  EXPECT_FALSE(silence.listen());
  EXPECT_FALSE(silence.listen());
  EXPECT_EQ(reason_of([&] { deadline.check(); }), "no answer within 1 ms");
}

TEST(Deadline, NamesTheSignalThatEndsARun) {
  for (const auto& [number, name] :
       {std::pair{SIGTERM, "SIGTERM"}, {SIGINT, "SIGINT"}, {SIGHUP, "SIGHUP"}}) {
    const Deadline deadline(far_away);
    raise(number);
    EXPECT_EQ(reason_of([&] { deadline.check(); }), std::string("ended by ") + name);
    EXPECT_EQ(deadline.remaining(), 0ms);
  }
}

TEST(Deadline, NamesTheFirstOfTwoSignals) {
  const Deadline deadline(far_away);
  raise(SIGTERM);
  raise(SIGINT);
  EXPECT_EQ(reason_of([&] { deadline.check(); }), "ended by SIGTERM");
}

TEST(Deadline, EndsACallThatBlocksAfterTheSignalCame) {
  const Deadline deadline(far_away);
  raise(SIGTERM);
  EXPECT_EQ(reason_of([&] { block(deadline); }), "ended by SIGTERM");
}

TEST(Deadline, LeavesASignalIgnoredThatTheCallerIgnores) {
  const auto former = signal(SIGHUP, SIG_IGN);
  {
    const Deadline deadline(far_away);
    raise(SIGHUP);
    EXPECT_NO_THROW(deadline.check());
  }
  EXPECT_EQ(signal(SIGHUP, former), SIG_IGN);
}

TEST(Deadline, IsHeardWhereTheCallerBlockedTheSignals) {
  sigset_t all, former, after;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &former);
  {
    const Deadline deadline(1ms);
    EXPECT_EQ(reason_of([&] { block(deadline); }), "no answer within 1 ms");
  }
  sigprocmask(SIG_SETMASK, &former, &after);
  EXPECT_EQ(sigismember(&after, SIGALRM), 1);
}

TEST(Deadline, LeavesSignalsAndTimerAsTheyWere) {
  { const Deadline deadline(far_away); }
  struct sigaction action = {};
  for (const int number : {SIGALRM, SIGTERM, SIGINT, SIGHUP}) {
    sigaction(number, nullptr, &action);
    EXPECT_EQ(action.sa_handler, SIG_DFL);
  }
  EXPECT_EQ(alarm(0), 0U);
}

TEST(Deadline, ForgetsTheSignalOfTheFormerOne) {
  {
    const Deadline deadline(far_away);
    raise(SIGTERM);
  }
  const Deadline deadline(far_away);
  EXPECT_NO_THROW(deadline.check());
}

TEST(DeadlineInGrace, DoesNotMindTheSignalThatCame) {
  Deadline deadline(far_away);
  raise(SIGTERM);
  deadline.grace(5s);
  EXPECT_NO_THROW(deadline.check());
  EXPECT_GT(deadline.remaining(), 4s);
}

TEST(DeadlineInGrace, DoesNotMindASignalThatComes) {
  Deadline deadline(far_away);
  deadline.grace(5s);
  raise(SIGTERM);
  EXPECT_NO_THROW(deadline.check());
}

TEST(DeadlineInGrace, LeavesCallsAloneThatBlockForAShortTime) {
  Deadline deadline(1ms);
  EXPECT_NE(reason_of([&] { block(deadline); }), "not interrupted");
  deadline.grace(5s);
  EXPECT_EQ(poll(nullptr, 0, 120), 0);
}

TEST(DeadlineInGrace, EndsACallThatBlocksWhenTheGraceIsOver) {
  Deadline deadline(far_away);
  raise(SIGTERM);
  deadline.grace(20ms);
  EXPECT_EQ(reason_of([&] { block(deadline); }), "no end to the undoing within 20 ms");
}

TEST(DeadlineInGrace, DoesNotReachBeyondTheLastResort) {
  Deadline deadline(far_away, {.after = 10s});
  raise(SIGTERM);
  deadline.grace(20s);
  EXPECT_LE(deadline.remaining(), 10s);
}

// Runs in a child, deaf to the deadline; gives its exit status, and what it wrote.
struct End {
  int status = -1;
  std::string words;
};

End end_of_child(const std::function<void(int fd)>& run) {
  int words[2];
  EXPECT_EQ(pipe(words), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(words[0]);
    run(words[1]);
    _exit(0);
  }
  close(words[1]);
  End end;
  char buffer[256];
  for (ssize_t size; (size = read(words[0], buffer, sizeof buffer)) > 0;)
    end.words.append(buffer, static_cast<std::size_t>(size));
  close(words[0]);
  waitpid(child, &end.status, 0);
  return end;
}

[[noreturn]] void ignore_everything() {
  while (true) poll(nullptr, 0, -1);
}

TEST(LastResort, EndsAProcessThatIgnoresItsDeadline) {
  const End end = end_of_child([](int fd) {
    const Deadline deadline(1ms, {.after = 20ms, .fd = fd, .line = "gives up\n"});
    ignore_everything();
  });
  ASSERT_TRUE(WIFEXITED(end.status));
  EXPECT_EQ(WEXITSTATUS(end.status), 1);
  EXPECT_EQ(end.words, "gives up\n");
}

TEST(LastResort, EndsAProcessThatIgnoresASignal) {
  const End end = end_of_child([](int fd) {
    const Deadline deadline(far_away, {.after = 20ms, .fd = fd, .line = "gives up\n"});
    raise(SIGTERM);
    ignore_everything();
  });
  ASSERT_TRUE(WIFEXITED(end.status));
  EXPECT_EQ(WEXITSTATUS(end.status), 1);
}

TEST(LastResort, EndsAProcessWhoseUndoingHangs) {
  const End end = end_of_child([](int fd) {
    Deadline deadline(far_away, {.after = 50ms, .fd = fd, .line = "gives up\n"});
    raise(SIGTERM);
    deadline.grace(5s);
    ignore_everything();
  });
  ASSERT_TRUE(WIFEXITED(end.status));
  EXPECT_EQ(WEXITSTATUS(end.status), 1);
}

TEST(LastResort, ComesNoSoonerForASignalWhileThingsAreUndone) {
  const End end = end_of_child([](int fd) {
    Deadline deadline(far_away, {.after = 20ms, .fd = fd});
    deadline.grace(5s);
    raise(SIGTERM);
    for (int i = 0; i < 4; ++i) poll(nullptr, 0, 50);
  });
  ASSERT_TRUE(WIFEXITED(end.status));
  EXPECT_EQ(WEXITSTATUS(end.status), 0);
}

TEST(LastResort, DoesNotComeWhenTheDeadlineIsGone) {
  const End end = end_of_child([](int fd) {
    { const Deadline deadline(1ms, {.after = 1ms, .fd = fd}); }
    poll(nullptr, 0, 100);
  });
  ASSERT_TRUE(WIFEXITED(end.status));
  EXPECT_EQ(WEXITSTATUS(end.status), 0);
  EXPECT_EQ(end.words, "");
}

TEST(DurationText, IsInSecondsFromOneSecondOn) {
  EXPECT_EQ(duration_text(30s), "30 s");
  EXPECT_EQ(duration_text(29'871ms), "30 s");
  EXPECT_EQ(duration_text(1s), "1 s");
  EXPECT_EQ(duration_text(999ms), "999 ms");
}

}  // namespace
}  // namespace vifchain

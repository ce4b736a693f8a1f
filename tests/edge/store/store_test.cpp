// SPDX-License-Identifier: Apache-2.0
// The laws of a Store, on the fake and on both real daemons; then what only a wilful one can show.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

extern "C" {
#include <xen/io/xs_wire.h>
}

#include "edge/base/error.hpp"
#include "edge/process/deadline.hpp"
#include "edge/store/store.hpp"
#include "fake_store.hpp"
#include "temp_folder.hpp"
#include "xenstored.hpp"

namespace vifchain {
namespace {

using namespace std::chrono_literals;

enum class Behind { fake, c, ocaml };

std::string name_of(const ::testing::TestParamInfo<Behind>& instance) {
  switch (instance.param) {
    case Behind::fake:
      return "Fake";
    case Behind::c:
      return "C";
    case Behind::ocaml:
      return "Ocaml";
  }
  return {};
}

class StoreLaws : public ::testing::TestWithParam<Behind> {
 protected:
  void SetUp() override {
    if (GetParam() == Behind::fake) {
      store_ = std::make_unique<FakeStore>();
      return;
    }
    try {
      daemon_ =
          std::make_unique<Xenstored>(GetParam() == Behind::c ? StoreKind::c : StoreKind::ocaml);
    } catch (const NoXenstored& reason) {
      GTEST_SKIP() << reason.what();
    }
    store_ = open_store();
  }

  std::vector<std::string> sorted_children(const std::string& path) {
    std::vector<std::string> names = store_->children(path);
    std::sort(names.begin(), names.end());
    return names;
  }

  std::unique_ptr<Xenstored> daemon_;
  std::unique_ptr<Store> store_;
};

INSTANTIATE_TEST_SUITE_P(, StoreLaws, ::testing::Values(Behind::fake, Behind::c, Behind::ocaml),
                         name_of);

const std::string vif = "backend/vif/5/0";

TEST_P(StoreLaws, ReadsWhatWasWritten) {
  store_->write(vif + "/bridge", "xenbrdmz");
  EXPECT_EQ(store_->read(vif + "/bridge"), "xenbrdmz");
}

TEST_P(StoreLaws, ReadsNothingWhereThereIsNoNode) {
  EXPECT_EQ(store_->read(vif + "/bridge"), std::nullopt);
}

TEST_P(StoreLaws, TellsAnEmptyValueFromNoValue) {
  store_->write(vif + "/hotplug-status", "");
  EXPECT_EQ(store_->read(vif + "/hotplug-status"), "");
}

TEST_P(StoreLaws, KeepsEveryByteOfAValue) {
  const std::string value("a\0b\n\xff ", 6);
  store_->write(vif + "/vifname", value);
  EXPECT_EQ(store_->read(vif + "/vifname"), value);
}

TEST_P(StoreLaws, ReplacesTheFormerValue) {
  store_->write(vif + "/mtu", "1500");
  store_->write(vif + "/mtu", "9");
  EXPECT_EQ(store_->read(vif + "/mtu"), "9");
}

TEST_P(StoreLaws, ResolvesARelativePathAgainstTheCallersHome) {
  store_->write(vif + "/mac", "02:00:00:00:00:01");
  EXPECT_EQ(store_->read("/local/domain/0/" + vif + "/mac"), "02:00:00:00:00:01");
}

TEST_P(StoreLaws, MakesTheParentsOfANode) {
  store_->write("/local/domain/5/device/vif/0/mtu", "9000");
  EXPECT_EQ(store_->read("/local/domain/5/device"), "");
}

TEST_P(StoreLaws, NamesTheChildrenDirectlyBelowANode) {
  store_->write(vif + "/mac", "02:00:00:00:00:01");
  store_->write(vif + "/bridge", "xenbrdmz");
  store_->write("backend/vif/5/10/mac", "02:00:00:00:00:02");
  EXPECT_EQ(sorted_children(vif), (std::vector<std::string>{"bridge", "mac"}));
  EXPECT_EQ(sorted_children("backend/vif/5"), (std::vector<std::string>{"0", "10"}));
}

// oxenstored 4.17 sends them all in one answer, longer than the protocol has it.
TEST_P(StoreLaws, NamesMoreChildrenThanOneAnswerHolds) {
  std::vector<std::string> names;
  for (int i = 1000; i < 1500; ++i) names.push_back("vif-number-" + std::to_string(i));
  for (const std::string& name : names) store_->write("backend/" + name, "");
  EXPECT_EQ(sorted_children("backend"), names);
  EXPECT_EQ(store_->read("backend/" + names.back()), "");
}

TEST_P(StoreLaws, NamesNoChildrenOfALeafOrOfNothing) {
  store_->write(vif + "/mac", "02:00:00:00:00:01");
  EXPECT_EQ(sorted_children(vif + "/mac"), std::vector<std::string>{});
  EXPECT_EQ(sorted_children("backend/vif/6"), std::vector<std::string>{});
}

TEST_P(StoreLaws, WritesTogetherWhatBelongsTogether) {
  store_->write_together(std::vector<StoreNode>{{vif + "/hotplug-error", "no bridge"},
                                                {vif + "/hotplug-status", "error"}});
  EXPECT_EQ(store_->read(vif + "/hotplug-error"), "no bridge");
  EXPECT_EQ(store_->read(vif + "/hotplug-status"), "error");
}

TEST_P(StoreLaws, WritesWithinAFolderThatIsThere) {
  store_->write(vif + "/mac", "02:00:00:00:00:01");
  EXPECT_TRUE(store_->write_within(
      vif, std::vector<StoreNode>{{vif + "/hotplug-error", "no"}, {vif + "/hotplug-status", "x"}}));
  EXPECT_EQ(store_->read(vif + "/hotplug-error"), "no");
  EXPECT_EQ(store_->read(vif + "/hotplug-status"), "x");
}

TEST_P(StoreLaws, WritesNothingWhereTheFolderIsGone) {
  store_->write("/local/domain/5/device/vif/0/state", "1");
  EXPECT_FALSE(store_->write_within(
      vif, std::vector<StoreNode>{{vif + "/hotplug-status", "connected"},
                                  {"/local/domain/5/device/vif/0/mtu", "1500"}}));
  EXPECT_EQ(store_->read("backend"), std::nullopt);
  EXPECT_EQ(store_->read("/local/domain/5/device/vif/0/mtu"), std::nullopt);
}

TEST_P(StoreLaws, PassesOverANodeThatHasNoFolder) {
  store_->write(vif + "/mac", "02:00:00:00:00:01");
  EXPECT_TRUE(
      store_->write_within(vif, std::vector<StoreNode>{{"/local/domain/5/device/vif/0/mtu", "1500"},
                                                       {vif + "/hotplug-status", "connected"}}));
  EXPECT_EQ(store_->read(vif + "/hotplug-status"), "connected");
  EXPECT_EQ(store_->read("/local/domain/5"), std::nullopt);
}

TEST_P(StoreLaws, RemovesAFolderOnlyWhereNothingIsLeftInIt) {
  store_->write("backend/vif/5/0/mac", "02:00:00:00:00:01");
  EXPECT_FALSE(store_->remove_if_empty("backend/vif/5"));
  EXPECT_EQ(store_->read("backend/vif/5/0/mac"), "02:00:00:00:00:01");
  store_->remove("backend/vif/5/0");
  EXPECT_TRUE(store_->remove_if_empty("backend/vif/5"));
  EXPECT_EQ(store_->read("backend/vif/5"), std::nullopt);
  EXPECT_TRUE(store_->remove_if_empty("backend/vif/5")) << "nor is there one now";
}

TEST_P(StoreLaws, RemovesANodeWithAllThatIsBelow) {
  store_->write(vif + "/mac", "02:00:00:00:00:01");
  store_->write("backend/vif/50/0/mac", "02:00:00:00:00:02");
  store_->remove("backend/vif/5");
  EXPECT_EQ(sorted_children("backend/vif"), std::vector<std::string>{"50"});
  EXPECT_EQ(store_->read(vif + "/mac"), std::nullopt);
}

TEST_P(StoreLaws, RemovesWhatIsNotThere) {
  EXPECT_NO_THROW(store_->remove("backend/vif/5/0/hotplug-error"));
  store_->write(vif + "/mac", "02:00:00:00:00:01");
  EXPECT_NO_THROW(store_->remove(vif + "/hotplug-error"));
}

class RealStore : public StoreLaws {
 protected:
  std::error_code code_of(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      words_ = error.what();
      return error.code();
    }
    return {};
  }

  [[nodiscard]] bool has_words(const std::string& part) const {
    return words_.find(part) != std::string::npos;
  }

  std::string words_;
};

INSTANTIATE_TEST_SUITE_P(, RealStore, ::testing::Values(Behind::c, Behind::ocaml), name_of);

TEST_P(RealStore, RefusesAPathThatIsNoPath) {
  EXPECT_EQ(code_of([&] { store_->write("backend//vif", "x"); }), std::errc::invalid_argument);
  EXPECT_EQ(words_, "writing backend//vif in xenstore: Invalid argument");
}

TEST_P(RealStore, RefusesAValueThatIsTooLong) {
  EXPECT_EQ(code_of([&] { store_->write(vif + "/hotplug-error", std::string(5000, 'x')); }),
            std::errc::argument_list_too_long);
}

TEST_P(RealStore, WritesNothingWhenOneOfTheNodesIsRefused) {
  const std::vector<StoreNode> nodes{{vif + "/hotplug-error", "no"}, {"backend//vif", "x"}};
  EXPECT_EQ(code_of([&] { store_->write_together(nodes); }), std::errc::invalid_argument);
  EXPECT_EQ(store_->read(vif + "/hotplug-error"), std::nullopt);
}

TEST_P(RealStore, SaysThatTheDaemonHungUp) {
  store_->write(vif + "/mac", "02:00:00:00:00:01");
  daemon_->kill();
  EXPECT_NE(code_of([&] { static_cast<void>(store_->read(vif + "/mac")); }), std::error_code{});
  EXPECT_TRUE(words_.starts_with("reading backend/vif/5/0/mac in xenstore: ")) << words_;
}

TEST_P(RealStore, SaysThatThereIsNoDaemon) {
  daemon_->kill();
  const auto store = open_store();
  EXPECT_EQ(code_of([&] { static_cast<void>(store->read("domid")); }),
            std::errc::connection_refused);
  EXPECT_EQ(words_, "cannot connect to xenstored: Connection refused");
}

// The folder goes while others write into it: what is there in the end is nothing.
TEST_P(RealStore, NeverMakesAFolderAnewThatSomebodyTakesAway) {
  std::atomic<bool> over{false};
  std::thread writer([&] {
    const auto store = open_store();
    while (!over)
      static_cast<void>(store->write_within(vif, std::vector<StoreNode>{{vif + "/a", "x"}}));
  });
  for (int round = 0; round < 200; ++round) {
    store_->write(vif + "/mac", "02:00:00:00:00:01");
    store_->remove(vif);
    ASSERT_EQ(store_->read(vif), std::nullopt) << round;
  }
  over = true;
  writer.join();
}

TEST_P(RealStore, ThatIsStoppedIsLeftAfterSomeTimeAndTheNextQuestionSooner) {
  const auto store = open_store({.answer = 50ms, .again = 10ms});
  store->write(vif + "/mac", "02:00:00:00:00:01");
  daemon_->stop();
  EXPECT_EQ(code_of([&] { static_cast<void>(store->read(vif + "/mac")); }), std::errc::timed_out);
  EXPECT_EQ(words_,
            "reading backend/vif/5/0/mac in xenstore: xenstored has not answered for 50 ms "
            "(Connection timed out)");
  EXPECT_TRUE(store->is_silent());
  const std::vector<StoreNode> nodes{{vif + "/mac", "x"}};
  EXPECT_EQ(code_of([&] { static_cast<void>(store->write_within(vif, nodes)); }),
            std::errc::timed_out);
  EXPECT_TRUE(has_words("has not answered for 10 ms")) << words_;
  daemon_->go_on();
  const auto patient = open_store();
  EXPECT_EQ(patient->read(vif + "/mac"), "02:00:00:00:00:01") << "nor was it ever written";
  EXPECT_FALSE(patient->is_silent());
}

TEST_P(RealStore, ThatIsStoppedIsLeftWhenWhoeverWaitsIsToldTo) {
  daemon_->stop();
  const Deadline deadline(20ms);
  const auto store = open_store({.on_interrupt = [&] { deadline.check(); }});
  EXPECT_THROW(static_cast<void>(store->read(vif + "/mac")), Interrupted);
  daemon_->go_on();
}

TEST_P(RealStore, LetsManyWritersOfTheSameNodesAllSucceed) {
  constexpr int writers = 8, rounds = 50;
  std::vector<std::thread> threads;
  threads.reserve(writers);
  for (int i = 0; i < writers; ++i)
    threads.emplace_back([&] {
      const auto store = open_store();
      for (int round = 0; round < rounds; ++round)
        store->write_together(std::vector<StoreNode>{{vif + "/a", "x"}, {vif + "/b", "x"}});
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store_->read(vif + "/b"), "x");
}

TEST(OxenstoredThatLosesRaces, IsAskedAgainUntilTheNodesAreWritten) {
  std::unique_ptr<Xenstored> daemon;
  try {
    daemon = std::make_unique<Xenstored>(StoreKind::ocaml, Xenstored::Races::lose);
  } catch (const NoXenstored& reason) {
    GTEST_SKIP() << reason.what();
  }
  const auto store = open_store();
  for (int i = 0; i < 100; ++i) {
    const std::string value = std::to_string(i);
    store->write_together(std::vector<StoreNode>{{vif + "/a", value}, {vif + "/b", value}});
    ASSERT_EQ(store->read(vif + "/b"), value);
  }
}

// One end of the wire protocol (xen/io/xs_wire.h), which answers as the test says and counts.
class ScriptedXenstored {
 public:
  struct Answer {
    std::uint32_t type;
    std::string body;  // with its NUL, where the protocol has one
    bool hang_up = false;
    bool silence = false;
  };
  using Script = std::function<Answer(std::uint32_t type)>;

  explicit ScriptedXenstored(Script script) : script_(std::move(script)) {
    const std::string path = folder_ / "socket";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listener_, 5), 0);
    setenv("XENSTORED_PATH", path.c_str(), 1);
    thread_ = std::thread([this] { serve(); });
  }
  ~ScriptedXenstored() {
    unsetenv("XENSTORED_PATH");
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  [[nodiscard]] int requests() const { return requests_; }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void serve() {
    for (int client; (client = accept(listener_, nullptr, nullptr)) >= 0; close(client)) {
      ++connections_;
      while (answered(client)) {
      }
    }
  }

  bool answered(int client) {
    xsd_sockmsg message;
    if (recv(client, &message, sizeof message, MSG_WAITALL) != sizeof message) return false;
    std::string body(message.len, '\0');
    if (message.len > 0) recv(client, body.data(), body.size(), MSG_WAITALL);
    ++requests_;
    const Answer answer = script_(message.type);
    if (answer.hang_up) return false;
    if (answer.silence) return true;
    message.type = answer.type;
    message.len = static_cast<std::uint32_t>(answer.body.size());
    const std::string whole =
        std::string(reinterpret_cast<const char*>(&message), sizeof message) + answer.body;
    return send(client, whole.data(), whole.size(), MSG_NOSIGNAL) > 0;
  }

  TempFolder folder_;
  Script script_;
  int listener_ = -1;
  std::atomic<int> requests_{0};
  std::atomic<int> connections_{0};
  std::thread thread_;
};

ScriptedXenstored::Answer error(const char* name) {
  return {XS_ERROR, std::string(name) + '\0'};
}

ScriptedXenstored::Answer fine(std::uint32_t type) {
  return {type, std::string(type == XS_TRANSACTION_START ? "7" : "OK") + '\0'};
}

const std::vector<StoreNode> two_nodes{{"a", "1"}, {"b", "2"}};

TEST(ScriptedStore, IsNotTouchedBeforeTheFirstCall) {
  const ScriptedXenstored xenstored(fine);
  static_cast<void>(open_store());
  EXPECT_EQ(xenstored.requests(), 0);
}

TEST(ScriptedStore, IsAskedOnceForARead) {
  const ScriptedXenstored xenstored(fine);
  static_cast<void>(open_store()->read("a"));
  EXPECT_EQ(xenstored.requests(), 1);
}

TEST(ScriptedStore, IsAskedFourTimesToWriteTwoNodesTogether) {
  const ScriptedXenstored xenstored(fine);
  open_store()->write_together(two_nodes);
  EXPECT_EQ(xenstored.requests(), 4);
}

TEST(ScriptedStore, IsAskedFiveTimesToWriteTwoNodesWithinAFolder) {
  const ScriptedXenstored xenstored(fine);
  EXPECT_TRUE(open_store()->write_within("a", std::vector<StoreNode>{{"a/b", "1"}, {"a/c", "2"}}));
  EXPECT_EQ(xenstored.requests(), 5);
}

TEST(ScriptedStore, KeepsItsConnectionWhereOnlyTheAnswerIsNo) {
  const ScriptedXenstored xenstored(
      [](std::uint32_t type) { return type == XS_READ ? error("EACCES") : fine(type); });
  const auto store = open_store();
  for (int i = 0; i < 3; ++i) EXPECT_THROW(static_cast<void>(store->read("a")), Error);
  EXPECT_EQ(xenstored.connections(), 1);
}

TEST(ScriptedStore, SaysWhenANodeMayNotBeSeen) {
  const ScriptedXenstored xenstored([](std::uint32_t) { return error("EACCES"); });
  const auto store = open_store();
  try {
    static_cast<void>(store->read("/local/domain/0/name"));
    FAIL() << "read a node that may not be seen";
  } catch (const Error& refused) {
    EXPECT_EQ(refused.code(), std::errc::permission_denied);
    EXPECT_STREQ(refused.what(), "reading /local/domain/0/name in xenstore: Permission denied");
  }
  EXPECT_THROW(static_cast<void>(store->children("/")), Error);
  EXPECT_THROW(store->remove("/local"), Error);
}

TEST(ScriptedStore, WritesAgainAfterALostRace) {
  int lost = 0;
  const ScriptedXenstored xenstored([&](std::uint32_t type) {
    return type == XS_TRANSACTION_END && ++lost <= 3 ? error("EAGAIN") : fine(type);
  });
  open_store()->write_together(two_nodes);
  EXPECT_EQ(xenstored.requests(), 4 * 4);
}

TEST(ScriptedStore, GivesUpWhenEveryRaceIsLost) {
  const ScriptedXenstored xenstored(
      [](std::uint32_t type) { return type == XS_TRANSACTION_END ? error("EAGAIN") : fine(type); });
  try {
    open_store()->write_together(two_nodes);
    FAIL() << "wrote what it could not";
  } catch (const Error& refused) {
    EXPECT_EQ(refused.code(), std::errc::resource_unavailable_try_again);
  }
}

TEST(ScriptedStore, ConnectsAnewAfterTheDaemonHungUp) {
  bool first = true;
  const ScriptedXenstored xenstored([&](std::uint32_t type) {
    ScriptedXenstored::Answer answer = fine(type);
    answer.hang_up = std::exchange(first, false);
    return answer;
  });
  const auto store = open_store();
  try {
    store->write("a", "1");
    FAIL() << "did not notice";
  } catch (const Error& gone) {
    EXPECT_STREQ(
        gone.what(),
        "writing a in xenstore: xenstored hung up or broke the protocol (Bad file descriptor)");
  }
  EXPECT_NO_THROW(store->write("a", "1"));
}

TEST(StoreThatNeverAnswers, IsLeftByTheLastResortWhereNobodyElseSaysWhen) {
  const ScriptedXenstored xenstored([](std::uint32_t type) {
    ScriptedXenstored::Answer answer = fine(type);
    answer.silence = true;
    return answer;
  });
  const pid_t child = fork();
  if (child == 0) {
    const Deadline deadline(1ms, {.after = 20ms, .line = ""});
    static_cast<void>(open_store()->read("a"));
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

TEST(FakeStoreOfATest, FailsAtTheCallThatItWasToldAndDoesNothingThen) {
  FakeStore store;
  store.fail_at(2);
  store.write("a", "1");
  EXPECT_THROW(store.write_together(two_nodes), Error);
  EXPECT_EQ(store.written(), (std::vector<StoreNode>{{"/local/domain/0/a", "1"}}));
  EXPECT_NO_THROW(store.write_together(two_nodes));
}

}  // namespace
}  // namespace vifchain

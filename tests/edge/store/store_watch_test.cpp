// SPDX-License-Identifier: Apache-2.0
// Hearing of nodes, from both kinds of xenstored.
#include "edge/store/store_watch.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include "edge/base/error.hpp"
#include "edge/store/store.hpp"
#include "host.hpp"

namespace vifchain {
namespace {

class StoreWatchTest : public ::testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override {
    try {
      store_daemon_.emplace(GetParam());
    } catch (const NoXenstored& missing) {
      GTEST_SKIP() << missing.what();
    }
  }

  // Everything that is told until this node is.
  static std::vector<std::string> told_until(StoreWatch& watch, const std::string& path) {
    std::vector<std::string> all;
    EXPECT_TRUE(eventually([&] {
      for (auto& each : watch.take()) all.push_back(std::move(each));
      return !all.empty() && all.back() == path;
    })) << path;
    return all;
  }

  std::optional<Xenstored> store_daemon_;
};

TEST_P(StoreWatchTest, TellsTheNodeItselfFirstAndThenWhatChangesBelowIt) {
  const auto store = open_store();
  store->write("/a/b", "0");
  const auto watch = watch_store("/a");
  told_until(*watch, "/a");
  store->write("/a/b/c", "1");
  store->write("/elsewhere", "1");
  store->write("/a/b/d", "1");
  EXPECT_EQ(told_until(*watch, "/a/b/d"), (std::vector<std::string>{"/a/b/c", "/a/b/d"}));
  store->remove("/a/b");
  told_until(*watch, "/a/b");
}

TEST_P(StoreWatchTest, WaitsForANodeThatIsNotThereYet) {
  const auto watch = watch_store("/local/domain/0/backend/vif");
  told_until(*watch, "/local/domain/0/backend/vif");
  open_store()->write("/local/domain/0/backend/vif/5/0/state", "2");
  told_until(*watch, "/local/domain/0/backend/vif/5/0/state");
}

TEST_P(StoreWatchTest, IsReadableWhenThereIsSomethingToTake) {
  const auto watch = watch_store("/a");
  told_until(*watch, "/a");
  pollfd waiting{watch->descriptor(), POLLIN, 0};
  EXPECT_EQ(poll(&waiting, 1, 0), 0);
  open_store()->write("/a/b", "0");
  EXPECT_EQ(poll(&waiting, 1, 20000), 1);
}

// Who serves links as well must not wait for it.
TEST_P(StoreWatchTest, IsMadeWhileXenstoredIsStoppedAndToldWhenItGoesOn) {
  store_daemon_->stop();
  const auto watch = watch_store("/a");
  EXPECT_TRUE(watch->take().empty());
  store_daemon_->go_on();
  told_until(*watch, "/a");
}

TEST_P(StoreWatchTest, SaysWhatXenstoredRefused) {
  const auto watch = watch_store("/a//b");
  EXPECT_THROW(told_until(*watch, "never"), Error);
}

TEST_P(StoreWatchTest, NoticesThatXenstoredHasGone) {
  const auto watch = watch_store("/a");
  told_until(*watch, "/a");
  store_daemon_->kill();
  pollfd line{watch->descriptor(), POLLIN, 0};
  EXPECT_EQ(poll(&line, 1, 20000), 1);
  EXPECT_THROW(watch->take(), Error);
  EXPECT_THROW(watch_store("/a"), Error);
}

INSTANTIATE_TEST_SUITE_P(Kinds, StoreWatchTest, ::testing::Values(StoreKind::c, StoreKind::ocaml),
                         [](const auto& kind) {
                           return kind.param == StoreKind::c ? "C" : "Ocaml";
                         });

}  // namespace
}  // namespace vifchain

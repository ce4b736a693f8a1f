// SPDX-License-Identifier: Apache-2.0
// Changes that nobody looks after any more, and those without a window: what goes back, what stays
// and what is remembered, on the fake kernel.
#include "flow/host/checkpoint.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "edge/base/durable_file.hpp"
#include "edge/state/rollback_file.hpp"
#include "fake_env.hpp"
#include "flow/run/converge.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

bool has(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

// A host on which a change, by a new text of its file, has made xenbr1.
struct Changed : FakeEnv {
  Changed() {
    keep_file(env.places.config, "new");
    kernel.perform({{Create{{.name = name("xenbr1"), .kind = Bridge{}, .up = true}}, "a test"}});
  }

  void leave(Phase phase, const std::string& boot = this_boot()) {
    const unsigned me = ::getuid(), mine = ::getgid();
    RollbackRecord way{.opened = this_opener(), .boot = boot, .window = 60};
    begin_window(way);
    way.phase = phase;
    way.goal.emplace(name("xenbr1"), std::nullopt);
    way.files = {{env.places.config,
                  {.text = "new", .uid = me, .gid = mine},
                  FileState{.text = "old", .uid = me, .gid = mine}}};
    keep_file(env.places.rollback, document_of(way));
  }

  bool ends() { return end_forgotten_change(env, *lock); }
  bool ends_at_boot() { return end_forgotten_change_at_boot(env, *lock); }

  bool bridge_stands() { return kernel.everything().contains(name("xenbr1")); }
  std::string file() { return read_file(env.places.config).value_or("(none)"); }
  bool is_open() { return is_change_open(env.places); }
  bool is_remembered() { return last_applied(env.places).has_value(); }

  std::optional<ChangeLock> lock = ChangeLock::if_free(env.places.state_folder(), Hold::exclusive);
};

std::string refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const Refusal& refused) {
    return refused.what();
  }
  return "";
}

TEST(ForgottenChange, ThatNobodyConfirmedGoesBackWithItsFile) {
  for (const Phase phase : {Phase::changing, Phase::waiting, Phase::going_back}) {
    Changed host;
    host.leave(phase);
    EXPECT_TRUE(host.ends());
    EXPECT_FALSE(host.bridge_stands());
    EXPECT_EQ(host.file(), "old");
    EXPECT_FALSE(host.is_open());
    EXPECT_FALSE(host.is_remembered());
  }
}

TEST(ForgottenChange, ThatWasConfirmedStaysAndIsRemembered) {
  Changed host;
  host.leave(Phase::confirmed);
  EXPECT_FALSE(host.ends());
  EXPECT_TRUE(host.bridge_stands());
  EXPECT_EQ(host.file(), "new");
  EXPECT_FALSE(host.is_open());
  EXPECT_TRUE(host.is_remembered());
}

// Its file is what somebody goes on writing at.
TEST(ForgottenChange, ThatFailedGoesBackWithoutItsFile) {
  Changed host;
  host.leave(Phase::undoing);
  EXPECT_TRUE(host.ends());
  EXPECT_FALSE(host.bridge_stands());
  EXPECT_EQ(host.file(), "new");
  EXPECT_FALSE(host.is_open());
}

// Even where it cannot be put back at once.
TEST(ForgottenChange, CannotBeConfirmedOnceItGoesBack) {
  Changed host;
  host.leave(Phase::waiting);
  bool refused = false;
  host.kernel.after_step = [&](const FakeNet&, const Op&) {
    refused = has(refusal([&] { confirm(host.env.places); }), "being rolled back");
  };
  EXPECT_TRUE(host.ends());
  EXPECT_TRUE(refused);
}

TEST(ForgottenChange, OfThisBootGoesBackAtBootWithItsLinks) {
  Changed host;
  host.leave(Phase::waiting);
  EXPECT_TRUE(host.ends_at_boot());
  EXPECT_FALSE(host.bridge_stands());
  EXPECT_EQ(host.file(), "old");
}

TEST(ForgottenChange, FromBeforeThisBootGoesBackByItsFileAlone) {
  Changed host;
  host.leave(Phase::waiting, "another boot");
  EXPECT_TRUE(host.ends_at_boot());
  EXPECT_TRUE(host.bridge_stands()) << "it is another one by now";
  EXPECT_EQ(host.file(), "old");
  EXPECT_FALSE(host.is_open());
  EXPECT_FALSE(host.is_remembered());
}

TEST(ForgottenChange, FromBeforeThisBootThatWasConfirmedIsRemembered) {
  Changed host;
  host.leave(Phase::confirmed, "another boot");
  EXPECT_FALSE(host.ends_at_boot());
  EXPECT_EQ(host.file(), "new");
  EXPECT_FALSE(host.is_open());
  EXPECT_TRUE(host.is_remembered());
}

TEST(ConfirmedChange, IsRememberedByWhoeverConfirmsItWhereNobodyWatches) {
  Changed host;
  host.leave(Phase::confirmed);
  host.lock.reset();
  wait_until_remembered(host.env.places);
  EXPECT_FALSE(host.is_open());
  EXPECT_TRUE(host.is_remembered());
}

TEST(ConfirmedChange, IsNoneWhereSomebodyElsesWaitsByNow) {
  Changed host;
  host.leave(Phase::waiting);
  host.lock.reset();
  wait_until_remembered(host.env.places);
  EXPECT_TRUE(host.is_open());
  EXPECT_FALSE(host.is_remembered());
}

TEST(GoingBackIsAskedFor, WhereThereIsNothingAndThatIsSaid) {
  Changed host;
  EXPECT_TRUE(
      has(refusal([&] { ask_to_go_back(host.env.places); }), "no change is pending confirmation"));
}

TEST(GoingBackIsAskedFor, WhileTheChangeIsMadeAndComesTooEarlyUnlessItsMakerIsGone) {
  Changed host;
  host.leave(Phase::changing);
  EXPECT_TRUE(has(refusal([&] { ask_to_go_back(host.env.places); }), "still being applied"));
  host.lock.reset();
  EXPECT_EQ(refusal([&] { ask_to_go_back(host.env.places); }), "");
  EXPECT_EQ(open_change(host.env.places)->phase, Phase::going_back);
}

TEST(GoingBackIsAskedFor, OfAChangeThatFailedWithoutItsFileAllTheSame) {
  Changed host;
  host.leave(Phase::undoing);
  EXPECT_EQ(refusal([&] { ask_to_go_back(host.env.places); }), "");
  EXPECT_EQ(open_change(host.env.places)->phase, Phase::undoing);
}

TEST(AChangeWithoutAWindow, IsRememberedWhenItIsDone) {
  Changed host;
  const auto& places = host.env.places;
  const FileState text{.text = "new"};
  Checkpoint checkpoint(host.env, *host.lock,
                        {.links = {}, .file = applied_file(places, places.config, text)}, {});
  checkpoint.before({});
  EXPECT_FALSE(host.is_open());
  EXPECT_FALSE(checkpoint.done());
  ASSERT_TRUE(host.is_remembered());
  EXPECT_EQ(last_applied(places)->window, 0);
  EXPECT_EQ(applied_file(places, places.config, {}).before, text);
}

TEST(AChangeWithoutAWindow, ThatWasNoneHasItsFileRemembered) {
  Changed host;
  const auto& places = host.env.places;
  const FileState text{.text = "new"};
  Checkpoint checkpoint(host.env, *host.lock,
                        {.links = {}, .file = applied_file(places, places.config, text)}, {});
  EXPECT_FALSE(checkpoint.done());
  EXPECT_FALSE(host.is_remembered());
  EXPECT_EQ(applied_file(places, places.config, {}).before, text);
}

}  // namespace
}  // namespace vifchain

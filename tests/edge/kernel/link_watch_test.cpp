// SPDX-License-Identifier: Apache-2.0
// Waiting for links, on this kernel.
#include <gtest/gtest.h>
#include <sys/time.h>

#include <csignal>
#include <thread>

#include "edge/kernel/link_watch.hpp"
#include "netns.hpp"

namespace vifchain::test {
namespace {

using namespace std::chrono_literals;

class LinkWatchTest : public testing::Test {
 protected:
  // What the kernel says of a link some time after it changed (addresses, carrier) is over.
  void quiet() {
    while (watch_->wait(0ms)) {
    }
  }

  Namespace namespace_;
  std::unique_ptr<LinkWatch> watch_ = watch_links();
};

TEST_F(LinkWatchTest, HearsOfALinkThatComes) {
  make_nic("eth0");
  EXPECT_TRUE(watch_->wait(20s));
}

TEST_F(LinkWatchTest, HearsOfALinkThatGoes) {
  make_nic("eth0");
  quiet();
  delete_link("eth0");
  EXPECT_TRUE(watch_->wait(20s));
}

TEST_F(LinkWatchTest, HearsOfALinkThatChanges) {
  make_nic("eth0");
  quiet();
  set_up("eth0");
  EXPECT_TRUE(watch_->wait(20s));
}

TEST_F(LinkWatchTest, HearsWhileItWaits) {
  std::thread somebody([] { make_nic("eth0"); });  // in the namespace of its maker
  const bool change = watch_->wait(20s);
  somebody.join();
  EXPECT_TRUE(change);
}

TEST_F(LinkWatchTest, KnowsNothingOfWhatWasBefore) {
  make_nic("eth0");
  const auto later = watch_links();
  EXPECT_FALSE(later->wait(0ms));
}

TEST_F(LinkWatchTest, KnowsNothingOfOtherNamespaces) {
  {
    const Namespace elsewhere;
    make_nic("eth0");
  }
  EXPECT_FALSE(watch_->wait(0ms));
}

TEST_F(LinkWatchTest, TellsManyChangesOnce) {
  for (const char* nic : {"eth0", "eth1", "eth2"}) make_nic(nic);
  EXPECT_TRUE(watch_->wait(0ms));
  EXPECT_FALSE(watch_->wait(0ms));
}

TEST_F(LinkWatchTest, SaysSoWhenNothingChanged) {
  EXPECT_FALSE(watch_->wait(10ms));
}

TEST_F(LinkWatchTest, ReturnsWhenASignalComes) {
  struct sigaction action = {}, former = {};
  action.sa_handler = [](int) {};
  sigaction(SIGALRM, &action, &former);
  const itimerval ticks{.it_interval = {0, 10'000}, .it_value = {0, 10'000}};
  const itimerval never{};
  setitimer(ITIMER_REAL, &ticks, nullptr);
  EXPECT_FALSE(watch_->wait(1h));
  setitimer(ITIMER_REAL, &never, nullptr);
  sigaction(SIGALRM, &former, nullptr);
}

// The usual receive buffer holds some fifty notifications.
TEST_F(LinkWatchTest, CountsLostNotificationsAsAChangeAndGoesOn) {
  for (int i = 0; i < 200; ++i) make_nic("eth" + std::to_string(i));
  EXPECT_TRUE(watch_->wait(0ms));
  quiet();
  set_up("eth0");
  EXPECT_TRUE(watch_->wait(20s));
}

}  // namespace
}  // namespace vifchain::test

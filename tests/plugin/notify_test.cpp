// SPDX-License-Identifier: Apache-2.0
// What the service manager hears, with a socket of the test's own in its place.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>

#include "edge/base/descriptor.hpp"
#include "notify.hpp"
#include "temp_folder.hpp"
#include "watchdog.hpp"

namespace vifchain {
namespace {

class Notify : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string path = folder_ / "notify";
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  void TearDown() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }

  // "" when nothing was said.
  [[nodiscard]] std::string heard() const {
    char buffer[4096];
    const auto size = ::recv(socket_.number(), buffer, sizeof buffer, MSG_DONTWAIT);
    return size < 0 ? "" : std::string(buffer, static_cast<std::size_t>(size));
  }

  TempFolder folder_;
  Descriptor socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

TEST_F(Notify, HearsWhatTheDaemonIsAt) {
  notify_ready();
  EXPECT_EQ(heard(), "READY=1");
  notify_stopping();
  EXPECT_EQ(heard(), "STOPPING=1");
  notify_alive();
  EXPECT_EQ(heard(), "WATCHDOG=1");
  EXPECT_EQ(heard(), "");
}

TEST_F(Notify, HearsWhenAReloadBegan) {
  notify_reloading();
  const auto words = heard();
  const std::string start = "RELOADING=1\nMONOTONIC_USEC=";
  ASSERT_TRUE(words.starts_with(start)) << words;
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto age = now.tv_sec - std::stoll(words.substr(start.size())) / 1'000'000;
  EXPECT_TRUE(age >= 0 && age < 20) << age;
}

TEST_F(Notify, HearsAStatusOfOneLine) {
  notify_status("12 vifs\nREADY=1");
  EXPECT_EQ(heard(), "STATUS=12 vifs READY=1");
}

TEST_F(Notify, IsToldTwiceAsOftenAsItWantsToHear) {
  ::setenv("WATCHDOG_USEC", "3000000", 1);
  EXPECT_EQ(watchdog_pause(), std::chrono::microseconds(1'500'000));
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_EQ(watchdog_pause(), std::chrono::microseconds(1'500'000));
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(watchdog_pause(), std::nullopt) << "another process is meant";
}

TEST_F(Notify, HearsThatTheLoopGoesRound) {
  ::setenv("WATCHDOG_USEC", "2000", 1);
  boost::asio::io_context loop(1);
  const Watchdog watchdog(loop);
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(heard(), "");
    loop.run_one();
    EXPECT_EQ(heard(), "WATCHDOG=1");
  }
}

TEST_F(Notify, WakesNobodyWhereNobodyWatches) {
  boost::asio::io_context loop(1);
  const Watchdog watchdog(loop);
  EXPECT_EQ(loop.run(), 0U);
}

TEST_F(Notify, IsNotMissedWhereThereIsNone) {
  ::unsetenv("NOTIFY_SOCKET");
  notify_ready();
  notify_alive();
  EXPECT_EQ(heard(), "");
}

}  // namespace
}  // namespace vifchain

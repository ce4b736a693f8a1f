// SPDX-License-Identifier: Apache-2.0
// Log, with a socket and a file of the test's own in the place of syslog's and Xen's.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>

#include "edge/base/log.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

class Syslog {
 public:
  explicit Syslog(const std::string& path)
      : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Syslog() { close(socket_); }

  // "" if no line is waiting.
  std::string next() {
    char buffer[4096];
    const ssize_t size = recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
    return size < 0 ? "" : std::string(buffer, static_cast<std::size_t>(size));
  }

 private:
  int socket_;
};

class LogTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string file() const { return contents_of(places_.file); }

  TempFolder folder_;
  LogPlaces places_{.socket = folder_ / "log", .file = folder_ / "xen-hotplug.log"};
  std::string us_ = "vif-chain[" + std::to_string(getpid()) + "]: /etc/xen/scripts/vif-chain: ";
};

TEST_F(LogTest, TellsSyslogInTheShapeOfXensOwnScripts) {
  Syslog syslog(places_.socket);
  Log log("/etc/xen/scripts/vif-chain", places_);
  log.debug("online type_if=vif");
  EXPECT_EQ(syslog.next(), "<31>" + us_ + "online type_if=vif");
}

TEST_F(LogTest, GivesEachLineItsLevelOfTheDaemonFacility) {
  Syslog syslog(places_.socket);
  Log log("/etc/xen/scripts/vif-chain", places_);
  log.err("a");
  log.warning("b");
  log.info("c");
  EXPECT_EQ(syslog.next(), "<27>" + us_ + "a");
  EXPECT_EQ(syslog.next(), "<28>" + us_ + "b");
  EXPECT_EQ(syslog.next(), "<30>" + us_ + "c");
}

TEST_F(LogTest, AppendsWhatIsMoreThanDebugToTheFileWithItsTime) {
  Syslog syslog(places_.socket);
  std::ofstream(places_.file) << "from a stock script\n";
  Log log("/etc/xen/scripts/vif-chain", places_);
  log.debug("nothing of note");
  log.err("no bridge");
  const std::string all = file();
  EXPECT_TRUE(all.starts_with("from a stock script\n")) << all;
  EXPECT_TRUE(all.ends_with("Z " + us_ + "no bridge\n")) << all;
  EXPECT_EQ(all.find("nothing of note"), std::string::npos) << all;
}

TEST_F(LogTest, WritesTheTimeInUtc) {
  Log log("/etc/xen/scripts/vif-chain", places_);
  const auto before = time(nullptr);
  log.err("no bridge");
  tm parsed{};
  ASSERT_NE(strptime(file().c_str(), "%Y-%m-%dT%H:%M:%SZ vif", &parsed), nullptr) << file();
  EXPECT_GE(timegm(&parsed), before);
  EXPECT_LE(timegm(&parsed), time(nullptr));
}

TEST_F(LogTest, TellsTheFileWhatSyslogDidNotTake) {
  Log log("/etc/xen/scripts/vif-chain", places_);
  log.debug("nobody listens");
  EXPECT_TRUE(file().ends_with(us_ + "nobody listens\n")) << file();
}

TEST_F(LogTest, DoesNotWaitForASyslogThatIsFull) {
  Syslog syslog(places_.socket);
  Log log("/etc/xen/scripts/vif-chain", places_);
  for (int i = 0; i < 5000 && file().empty(); ++i) log.debug(std::to_string(i));
  EXPECT_NE(file(), "");
}

TEST_F(LogTest, MakesOneLineOfATextThatHasMany) {
  Syslog syslog(places_.socket);
  Log log("/etc/xen/scripts/vif-chain", places_);
  log.err("bridge=x\nroot logged in\x1b[0m\x7f");
  EXPECT_EQ(syslog.next(), "<27>" + us_ + "bridge=x?root logged in?[0m?");
}

TEST_F(LogTest, GoesOnWithoutAnyPlaceToWriteTo) {
  places_.file = folder_ / "missing/xen-hotplug.log";
  Log log("/etc/xen/scripts/vif-chain", places_);
  log.err("nobody listens");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "missing"));
}

TEST_F(LogTest, GoesOnWithASocketWhoseNameIsTooLong) {
  places_.socket = folder_ / std::string(200, 'x');
  Log log("/etc/xen/scripts/vif-chain", places_);
  log.err("still in the file");
  EXPECT_TRUE(file().ends_with("still in the file\n")) << file();
}

TEST_F(LogTest, OpensNothingBeforeTheFirstLine) {
  { const Log log("/etc/xen/scripts/vif-chain", places_); }
  EXPECT_FALSE(std::filesystem::exists(places_.file));
}

TEST_F(LogTest, SaysNothingOnStdoutAndStderr) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Log log("/etc/xen/scripts/vif-chain", places_);
  log.err("no bridge");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace vifchain

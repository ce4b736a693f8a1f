// SPDX-License-Identifier: Apache-2.0
// The daemon's lines, with a socket of the test's own in the place of journald's.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <optional>
#include <set>
#include <sstream>

#include "edge/base/descriptor.hpp"
#include "host.hpp"
#include "journal.hpp"
#include "log_places.hpp"

namespace vifchain {
namespace {

using Fields = std::set<std::string>;

Descriptor datagrams_at(const std::string& path) {
  Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  EXPECT_EQ(::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
            0);
  return socket;
}

std::string next_in(const Descriptor& socket) {
  char buffer[8192];
  const auto size = ::recv(socket.number(), buffer, sizeof buffer, MSG_DONTWAIT);
  return size < 0 ? "" : std::string(buffer, static_cast<std::size_t>(size));
}

class Journal : public ::testing::Test {
 protected:
  void start_journald() {
    sh("mkdir -p /run/systemd/journal");
    journal_.emplace(datagrams_at("/run/systemd/journal/socket"));
  }

  // Of the next entry (systemd's JOURNAL_NATIVE_PROTOCOL: one "NAME=value" a line).
  Fields heard() {
    Fields fields;
    std::istringstream lines(next_in(*journal_));
    for (std::string line; std::getline(lines, line);) fields.insert(line);
    return fields;
  }

  Host host_;
  std::optional<Descriptor> journal_;
};

TEST_F(Journal, HasALineWithTheVifAndTheDomainThatItIsAbout) {
  start_journald();
  EXPECT_TRUE(tell_journal(Level::warning, "vif5.1: there is no bridge xenbr9"));
  EXPECT_EQ(heard(),
            (Fields{"MESSAGE=vif5.1: there is no bridge xenbr9", "PRIORITY=4", "SYSLOG_FACILITY=3",
                    "SYSLOG_IDENTIFIER=vifchaind", "VIFCHAIN_DOMAIN=5", "VIFCHAIN_VIF=vif5.1"}));
}

TEST_F(Journal, HasNoFieldsOfAVifWhereThereIsNone) {
  start_journald();
  for (const char* text :
       {"the file has changed", "vifchaind runs", "vif5 and vif.0 are no vifs"}) {
    EXPECT_TRUE(tell_journal(Level::info, text));
    EXPECT_EQ(heard().size(), 4U) << text;
  }
}

TEST_F(Journal, FindsTheVifWhereverItIs) {
  start_journald();
  for (const char* text : {"took vif12.3 off xenbr0", "it was \"vif12.3\"", "back on vif12.3.",
                           "vif12.3-emu, vif4.0", "xenbr0.5: vif12.3"}) {
    tell_journal(Level::info, text);
    const auto fields = heard();
    EXPECT_TRUE(fields.contains("VIFCHAIN_VIF=vif12.3")) << text;
    EXPECT_TRUE(fields.contains("VIFCHAIN_DOMAIN=12")) << text;
  }
}

TEST_F(Journal, KnowsWhatIsBeingDoneWhenALineDoesNotSay) {
  start_journald();
  {
    const About about("vifchaind connects vif12.3");
    tell_journal(Level::err, "there is no bridge xenbr9");
    EXPECT_TRUE(heard().contains("VIFCHAIN_VIF=vif12.3"));
    tell_journal(Level::err, "vif5.0: there is no bridge xenbr9");
    EXPECT_TRUE(heard().contains("VIFCHAIN_DOMAIN=5")) << "its own word goes first";
  }
  tell_journal(Level::err, "there is no bridge xenbr9");
  EXPECT_EQ(heard().size(), 4U);
}

TEST_F(Journal, MakesOneLineOfATextThatHasMany) {
  start_journald();
  tell_journal(Level::err, "bridge=x\nPRIORITY=0\x1b");
  EXPECT_TRUE(heard().contains("MESSAGE=bridge=x?PRIORITY=0?"));
}

TEST_F(Journal, IsToldInThePlaceOfSyslog) {
  start_journald();
  const auto syslog = datagrams_at("/run/log");
  auto places = daemon_log_places(false);
  places.socket = "/run/log";
  Log log("vifchaind", places);
  log.debug("vif5.0 is on xenbr0");
  log.info("begins");
  EXPECT_TRUE(heard().contains("PRIORITY=7"));
  EXPECT_TRUE(heard().contains("MESSAGE=begins"));
  EXPECT_EQ(next_in(syslog), "");
  EXPECT_TRUE(has(Host::log(), ": vifchaind: begins\n")) << Host::log();
  EXPECT_FALSE(has(Host::log(), "vif5.0")) << "what is for debugging only";
}

TEST_F(Journal, LeavesTheLineToTheFileWhenItIsGone) {
  start_journald();
  Log log("vifchaind", daemon_log_places(false));
  journal_.reset();
  log.debug("vif5.0 is on xenbr0");
  EXPECT_TRUE(has(Host::log(), "vif5.0 is on xenbr0\n")) << Host::log();
}

TEST_F(Journal, LeavesTheLineToSyslogWhereThereIsNone) {
  EXPECT_FALSE(journal_listens());
  auto places = daemon_log_places(false);
  const auto syslog = datagrams_at("/run/log");
  places.socket = "/run/log";
  Log("vifchaind", places).info("begins");
  EXPECT_TRUE(has(next_in(syslog), "vifchaind[")) << "the line";
}

TEST_F(Journal, IsNotToldInTheForeground) {
  start_journald();
  ::testing::internal::CaptureStderr();
  Log log("vifchaind", daemon_log_places(true));
  log.info("begins");
  log.err("vif5.0: no\x1b");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "vifchaind: begins\nvifchaind: error: vif5.0: no?\n");
  EXPECT_TRUE(heard().empty());
}

}  // namespace
}  // namespace vifchain

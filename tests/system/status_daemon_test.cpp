// SPDX-License-Identifier: Apache-2.0
// vifchain status beside a vifchaind: what it says of itself, to people, to machines and to
// Prometheus.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>

#include "edge/base/descriptor.hpp"
#include "example_files.hpp"
#include "host.hpp"
#include "served_report.hpp"
#include "some_report.hpp"

namespace vifchain {
namespace {

// A report of one that began ten minutes ago.
DaemonReport fresh_report() {
  DaemonReport report = some_report();
  const std::int64_t later = std::time(nullptr) - 1'000'600;
  report.since += later;
  report.config_taken += later;
  for (auto& waiting : report.waiting) waiting.since += later;
  for (auto& repair : report.repairs) repair.when += later;
  return report;
}

class StatusDaemon : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    Host::write_config(one_bridge);
    Host::add_nic("eth0");
    ASSERT_EQ(vifchain("apply").exit_code, 0);
  }

  static nlohmann::json daemon_in_json() {
    const Ran ran = vifchain("status --json");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return nlohmann::json::parse(ran.out).at("daemon");
  }

  // Somebody has its socket and does not answer.
  static Descriptor mute_daemon() {
    sh("mkdir -p /run/vifchain");
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    std::string(daemon_socket).copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    EXPECT_EQ(::listen(socket.number(), 4), 0);
    return socket;
  }

  static constexpr const char* nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";
  std::optional<Host> host_;
};

TEST_F(StatusDaemon, SaysBelowTheTreesWhatItWaitsForAndWhatItHealed) {
  const ServedReport served(fresh_report());
  const Ran ran = vifchain("status");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  const auto tree = ran.out.find("└─ eth0"), daemon = ran.out.find("\n\nvifchaind  process 812"),
             verdict = ran.out.find("\n\nNo problems found");
  ASSERT_NE(verdict, std::string::npos) << ran.out;
  EXPECT_TRUE(tree < daemon && daemon < verdict) << ran.out;
  EXPECT_TRUE(has(ran.out, "  waits for 3 min: vif9.0: there is no bridge xenbr9\n")) << ran.out;
  EXPECT_TRUE(has(ran.out, ": vif7.0: back on xenbrlan\n")) << ran.out;
  EXPECT_FALSE(has(ran.out, "counted:")) << ran.out;
}

TEST_F(StatusDaemon, CountsWhenAsked) {
  const ServedReport served(fresh_report());
  EXPECT_TRUE(has(vifchain("status --counters").out, "  counted: attached 14, refused 2, "));
}

TEST_F(StatusDaemon, IsNotAskedForABridgeAlone) {
  const ServedReport served(fresh_report());
  EXPECT_FALSE(has(vifchain("status xenbr0").out, "vifchaind"));
}

TEST_F(StatusDaemon, TellsMachinesAllOfIt) {
  const auto report = fresh_report();
  const ServedReport served(report);
  const auto json = daemon_in_json();
  EXPECT_EQ(read_report(json.dump()), report);
}

TEST_F(StatusDaemon, IsNoWordWhereThereIsNone) {
  EXPECT_FALSE(has(vifchain("status").out, "vifchaind"));
  EXPECT_TRUE(daemon_in_json().is_null());
}

TEST_F(StatusDaemon, ThatDoesNotAnswerIsNamedAndNothingElseIsMissing) {
  const auto mute = mute_daemon();
  const Ran ran = vifchain("status");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(ran.out, "└─ eth0")) << ran.out;
  EXPECT_TRUE(has(ran.out,
                  "note: state of vifchaind not shown: asking vifchaind "
                  "(/run/vifchain/vifchaind.sock): Connection timed out\n"))
      << ran.out;
  EXPECT_TRUE(daemon_in_json().contains("error"));
}

TEST_F(StatusDaemon, GivesPrometheusItsNumbers) {
  const ServedReport served(fresh_report());
  const Ran ran = vifchain("status --metrics");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  for (const char* line :
       {"\nvifchaind_up 1\n", "\nvifchaind_vifs_connected 12\n", "\nvifchaind_config_mistake 1\n",
        "\nvifchaind_healed_chains_total 5\n", "\nvifchaind_uptime_seconds 6"})
    EXPECT_TRUE(has(ran.out, line)) << line << ran.out;
}

TEST_F(StatusDaemon, IsNotUpForPrometheusWhereThereIsNoneOrItHangs) {
  const std::string down = "\nvifchaind_up 0\n";
  EXPECT_TRUE(vifchain("status --metrics").out.ends_with(down));
  const auto mute = mute_daemon();
  const Ran ran = vifchain("status --metrics");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_TRUE(ran.out.ends_with(down)) << ran.out;
  EXPECT_TRUE(has(ran.err, "asking vifchaind")) << ran.err;
}

TEST_F(StatusDaemon, IsAskedByRootAlone) {
  const ServedReport served(fresh_report());
  const Ran people = vifchain("status", nobody);
  EXPECT_EQ(people.exit_code, 0) << people.err;
  EXPECT_TRUE(has(people.out, "state of vifchaind not shown")) << people.out;
  EXPECT_FALSE(has(people.out, "vif9.0")) << people.out;
  const Ran numbers = vifchain("status --metrics", nobody);
  EXPECT_EQ(numbers.exit_code, 1);
  EXPECT_EQ(numbers.out, "") << "nothing rather than that it is not up";
}

TEST_F(StatusDaemon, CountsForPrometheusAlone) {
  for (const char* words : {"--json", "--counters", "--watch=1", "xenbr0"})
    EXPECT_EQ(vifchain(std::string("status --metrics ") + words).exit_code, 1) << words;
}

}  // namespace
}  // namespace vifchain

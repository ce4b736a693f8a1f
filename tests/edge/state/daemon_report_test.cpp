// SPDX-License-Identifier: Apache-2.0
// What the daemon says of itself, as JSON, as text and for Prometheus.
#include <gtest/gtest.h>

#include <cerrno>

#include "core/view/daemon_text.hpp"
#include "core/view/metrics.hpp"
#include "edge/base/error.hpp"
#include "edge/state/daemon_socket.hpp"
#include "some_report.hpp"

namespace vifchain {
namespace {

constexpr std::int64_t now = 1'000'600;

// Of process 7, which began then.
DaemonReport report_since(std::int64_t since) {
  DaemonReport report;
  report.pid = 7;
  report.since = since;
  return report;
}

TEST(ReportJson, ComesBackAsItWas) {
  EXPECT_EQ(read_report(report_json(some_report())), some_report());
  EXPECT_EQ(read_report(report_json({})), DaemonReport{});
}

TEST(ReportJson, KeepsEveryCounterToItsLastUnit) {
  DaemonReport report;
  report.counters.link_events = ~std::uint64_t{0};
  report.counters.store_restarts = 1;
  EXPECT_EQ(read_report(report_json(report)), report);
}

TEST(ReportJson, IsOneLineWhateverIsInIt) {
  DaemonReport report;
  report.waiting = {{.subject = "vif5.0", .reason = "a\nb\"\\\x1b and \xff", .since = 1}};
  const auto json = report_json(report);
  EXPECT_EQ(json.find('\n'), std::string::npos) << json;
  EXPECT_EQ(read_report(json).waiting[0].reason, "a\nb\"\\\x1b and \xef\xbf\xbd");
}

TEST(ReportJson, IsAsTheManualSays) {
  DaemonReport report = report_since(3);
  report.version = "1";
  report.domid = 4;
  report.config = "/f";
  report.waiting = {{.subject = "vif5.0", .reason = "r", .since = 6}};
  report.repairs = {{.subject = "br0", .what = "w", .when = 7, .delay = 8}};
  EXPECT_EQ(report_json(report),
            R"({"format":1,"version":"1","pid":7,"since":3,"domid":4,"config":{"path":"/f"},)"
            R"("vifs":0,"counters":{"attached":0,"refused":0,"released":0,"healed_ports":0,)"
            R"("healed_chains":0,"gave_way":0,"torn_down":0,"store_events":0,"link_events":0,)"
            R"("lost_events":0,"store_restarts":0},)"
            R"("waiting":[{"subject":"vif5.0","reason":"r","since":6}],)"
            R"("repairs":[{"subject":"br0","what":"w","when":7,"delay_us":8}]})");
}

TEST(ReportJson, OfAnotherVersionIsReadAsFarAsItGoes) {
  const auto report = read_report(R"({"format":1,"pid":7,"mood":"good","counters":{"smiles":1}})");
  EXPECT_EQ(report, report_since(0));
}

TEST(ReportJson, IsRefusedWhenItIsNoReport) {
  for (const char* nonsense : {"",
                               "nonsense",
                               "[]",
                               "7",
                               "null",
                               "{}",
                               R"({"format":2})",
                               R"({"format":"1"})",
                               R"({"format":1,"pid":"812"})",
                               R"({"format":1,"pid":1.5})",
                               R"({"format":1,"pid":3000000000})",
                               R"({"format":1,"domid":-1})",
                               R"({"format":1,"vifs":-1})",
                               R"({"format":1,"version":7})",
                               R"({"format":1,"config":[]})",
                               R"({"format":1,"config":{"path":1}})",
                               R"({"format":1,"counters":{"attached":-1}})",
                               R"({"format":1,"waiting":{}})",
                               R"({"format":1,"waiting":["vif5.0"]})",
                               R"({"format":1,"repairs":[{"when":true}]})",
                               R"({"format":1,"pid":7)"}) {
    try {
      read_report(nonsense);
      ADD_FAILURE() << "took " << nonsense;
    } catch (const Error& error) {
      EXPECT_EQ(error.code().value(), EBADMSG) << nonsense;
      EXPECT_TRUE(std::string(error.what()).starts_with("reading what vifchaind says: "))
          << error.what();
    }
  }
}

TEST(ReportJson, CutOffAnywhereIsNoReport) {
  const auto whole = report_json(some_report());
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_THROW(read_report(std::string_view(whole).substr(0, size)), Error) << size;
}

TEST(Metrics, AreAsPrometheusReadsThem) {
  EXPECT_EQ(metrics_text(some_report(), now), R"(# HELP vifchaind_up Whether vifchaind answers.
# TYPE vifchaind_up gauge
vifchaind_up 1
# HELP vifchaind_info Its version.
# TYPE vifchaind_info gauge
vifchaind_info{version="0.1.0"} 1
# HELP vifchaind_uptime_seconds Seconds since its start.
# TYPE vifchaind_uptime_seconds gauge
vifchaind_uptime_seconds 600
# HELP vifchaind_vifs_connected Connected vifs of this domain's backends.
# TYPE vifchaind_vifs_connected gauge
vifchaind_vifs_connected 12
# HELP vifchaind_waiting Vifs and links that wait for a retry.
# TYPE vifchaind_waiting gauge
vifchaind_waiting 1
# HELP vifchaind_config_mistake Whether the file has errors, so that an older one is kept.
# TYPE vifchaind_config_mistake gauge
vifchaind_config_mistake 1
# HELP vifchaind_attached_total Vifs connected.
# TYPE vifchaind_attached_total counter
vifchaind_attached_total 14
# HELP vifchaind_refused_total Attempts to connect a vif that were refused.
# TYPE vifchaind_refused_total counter
vifchaind_refused_total 2
# HELP vifchaind_released_total Vifs taken off their bridge.
# TYPE vifchaind_released_total counter
vifchaind_released_total 3
# HELP vifchaind_healed_ports_total Vifs put back onto their bridge.
# TYPE vifchaind_healed_ports_total counter
vifchaind_healed_ports_total 4
# HELP vifchaind_healed_chains_total Chains repaired.
# TYPE vifchaind_healed_chains_total counter
vifchaind_healed_chains_total 5
# HELP vifchaind_gave_way_total Repairs suspended, as a chain kept changing.
# TYPE vifchaind_gave_way_total counter
vifchaind_gave_way_total 6
# HELP vifchaind_torn_down_total Chains deleted with their last vif.
# TYPE vifchaind_torn_down_total counter
vifchaind_torn_down_total 7
# HELP vifchaind_store_events_total Bursts of xenstore events.
# TYPE vifchaind_store_events_total counter
vifchaind_store_events_total 800
# HELP vifchaind_link_events_total Bursts of rtnetlink events.
# TYPE vifchaind_link_events_total counter
vifchaind_link_events_total 900
# HELP vifchaind_lost_events_total Losses of rtnetlink events.
# TYPE vifchaind_lost_events_total counter
vifchaind_lost_events_total 1
# HELP vifchaind_store_restarts_total Restarts of xenstored.
# TYPE vifchaind_store_restarts_total counter
vifchaind_store_restarts_total 0
)");
}

TEST(Metrics, OfNoDaemonAreThatItIsNotUp) {
  EXPECT_EQ(metrics_text(std::nullopt, now),
            "# HELP vifchaind_up Whether vifchaind answers.\n"
            "# TYPE vifchaind_up gauge\n"
            "vifchaind_up 0\n");
}

TEST(Metrics, StandAVersionWithQuotesAndAClockThatWasSetBack) {
  DaemonReport report = report_since(now + 5);
  report.version = "a\"b\\c\nd";
  const auto text = metrics_text(report, now);
  EXPECT_NE(text.find("version=\"a\\\"b\\\\c\\nd\"} 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("uptime_seconds 0\n"), std::string::npos) << text;
}

TEST(DaemonText, TellsWhatItWaitsForAndWhatItHealed) {
  EXPECT_EQ(daemon_text(some_report(), now, {}),
            "vifchaind  process 812, up for 10 min, 12 vifs connected\n"
            "  ! /etc/xen/vifchain.toml:3:1: prots: no such key (keeping the configuration of 10 "
            "min ago)\n"
            "  waits for 3 min: vif9.0: there is no bridge xenbr9\n"
            "  repaired 45 s ago, in 2.4 ms: vif7.0: back on xenbrlan\n"
            "  repaired 8 min ago, in 1.5 s: xenbrlan: made again\n");
}

TEST(DaemonText, IsOneLineWhereNothingHappens) {
  DaemonReport report = report_since(now - 3 * 86'400);
  report.vifs = 1;
  EXPECT_EQ(daemon_text(report, now, {}), "vifchaind  process 7, up for 3 days, 1 vif connected\n");
  report.since = now - 47 * 3600;
  EXPECT_EQ(daemon_text(report, now, {}), "vifchaind  process 7, up for 47 h, 1 vif connected\n");
}

TEST(DaemonText, SaysNothingOfATimeThatItWasNotTold) {
  DaemonReport report = report_since(0);
  report.waiting = {{.subject = "vif5.0", .reason = "no bridge"}};
  EXPECT_EQ(daemon_text(report, now, {}),
            "vifchaind  process 7, 0 vifs connected\n  waits: vif5.0: no bridge\n");
  EXPECT_NE(metrics_text(report, now).find("\nvifchaind_uptime_seconds 0\n"), std::string::npos);
}

TEST(DaemonText, CountsWhenAsked) {
  const auto text = daemon_text(report_since(now - 7200), now, {.counters = true});
  EXPECT_EQ(text,
            "vifchaind  process 7, up for 2 h, 0 vifs connected\n"
            "  counted: attached 0, refused 0, released 0, healed ports 0, healed chains 0, gave "
            "way 0, torn down 0, store events 0, link events 0, lost events 0, store restarts 0\n");
}

TEST(DaemonText, SaysThatNoFileEverHeld) {
  DaemonReport report;
  report.config_mistake = "wrong";
  const auto text = daemon_text(report, now, {});
  EXPECT_NE(text.find("  ! wrong (no configuration is in use)\n"), std::string::npos) << text;
}

TEST(DaemonText, NamesTheFirstTwentyAndCountsTheRest) {
  const auto text = daemon_text(long_report(), now, {});
  EXPECT_NE(text.find("vif18.0"), std::string::npos);
  EXPECT_EQ(text.find("vif19.0"), std::string::npos);
  EXPECT_NE(text.find("  and for 4981 more\n"), std::string::npos) << text;
}

TEST(DaemonText, DoesNotLetAReasonSpeakToTheTerminal) {
  DaemonReport report;
  report.waiting = {{.subject = "vif5.0", .reason = "\x1b[2J\nall is well", .since = now}};
  const auto text = daemon_text(report, now, {});
  EXPECT_NE(text.find("vif5.0: ?[2J?all is well\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace vifchain

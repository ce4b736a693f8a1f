// SPDX-License-Identifier: Apache-2.0
// A run as a value, as a line, and back.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "cli/gather/recorded_runs.hpp"
#include "cli/show/show_why.hpp"
#include "edge/state/run_record.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

Step join(const std::string& port, const std::string& controller) {
  return {Join{name(port), name(controller)}, "it is a port of " + controller};
}

RunRecord full_record() {
  RunRecord run{.began = 1763914695123, .took = 812, .call = "vifchain apply --confirm 60"};
  run.caller = "network-chain start netdev=eth0";
  run.pid = 4711;
  run.uid = 1000;
  run.sudo_user = "alice";
  run.ending = Ending::failed;
  run.message = "join eth1 to bond1: Device can not be enslaved while up (Operation not permitted)";
  run.planned = 7;
  add_step(run, join("eth0", "bond1"), StepFate::done);
  add_step(run, join("eth1", "bond1"), StepFate::tried);
  add_step(run, {Leave{name("eth0")}, "it was none"}, StepFate::undone);
  add_conflicts(run, {{name("eth7"), "is a port of br0, which is not vifchain's"}});
  add_note(run, "eth3 is not on this host; bond1 goes without it");
  return run;
}

RunRecord read_back(const RunRecord& run) {
  const auto line = encode(run);
  EXPECT_TRUE(line.ends_with("}\n")) << line;
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
  const auto again = decode_run(line);
  if (!again) ADD_FAILURE() << "cannot be read: " << line;
  return again.value_or(RunRecord{});
}

TEST(RunRecord, IsTheSameWhenItIsReadBack) {
  EXPECT_EQ(read_back(full_record()), full_record());
  EXPECT_EQ(read_back({.began = 1, .call = "x"}), (RunRecord{.began = 1, .call = "x"}));
  for (const auto ending : {Ending::began, Ending::done, Ending::nothing_to_do, Ending::refused,
                            Ending::failed, Ending::interrupted})
    EXPECT_EQ(read_back({.began = 1, .call = "x", .ending = ending}).ending, ending);
}

TEST(RunRecord, SurvivesWhateverIsInItsTexts) {
  for (const std::string hostile :
       {"a\"b", "\\", "\\\"", "\",\"end\":\"done", "{\"began\":1}", "line\nline", "\x1b[31mred",
        "nul\\u0000", "ünïcode", "]}", "\t", "%s%n"}) {
    RunRecord run = full_record();
    run.call = run.message = run.sudo_user = hostile;
    run.notes = {hostile};
    run.links = {hostile};
    const RunRecord again = read_back(run);
    EXPECT_EQ(again.ending, Ending::failed) << hostile;
    EXPECT_EQ(again.steps, run.steps) << hostile;
    EXPECT_EQ(again.call.size(), hostile.size()) << hostile;
  }
}

TEST(RunRecord, SurvivesRandomBytes) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    RunRecord run{.began = 5, .call = "x"};
    for (auto i = random() % 60; i > 0; --i) run.message += static_cast<char>(random());
    EXPECT_EQ(read_back(run).began, 5);
  }
}

TEST(RunRecord, OfALongRunKeepsSomeStepsAndTheNamesOfAllLinks) {
  RunRecord run{.began = 1, .call = "vifchain apply"};
  for (int vid = 0; vid < 500; ++vid)
    for (int i = 0; i < 7; ++i)
      add_step(run, join("bond1." + std::to_string(vid), "xenbr" + std::to_string(vid)),
               StepFate::done);
  EXPECT_EQ(run.steps.size(), most_steps);
  EXPECT_EQ(run.more_steps, 3500 - most_steps);
  EXPECT_TRUE(run.links.contains("bond1.499") && run.links.contains("xenbr499"));
  EXPECT_EQ(read_back(run), run);
  EXPECT_LT(encode(run).size(), 64000U);
}

TEST(RunRecord, OfALongRunIsShownAsOneOfWhichSomeStepsAreNotKept) {
  RunRecord run{.began = 1, .call = "vifchain apply"};
  const auto shown = [&] {
    Why why;
    why.now.name = "eth0";
    why.kept.runs = {run};
    return why_text(why, false);
  };
  const std::string not_kept = "not all of them recorded";
  while (run.steps.size() < most_steps) add_step(run, join("eth9", "xenbr9"), StepFate::done);
  EXPECT_EQ(shown().find(not_kept), std::string::npos) << shown();
  add_step(run, join("eth9", "xenbr9"), StepFate::done);
  EXPECT_NE(shown().find(not_kept), std::string::npos) << shown();
}

TEST(RunRecord, CutsALongTextBetweenTwoCharacters) {
  RunRecord run{.began = 1, .call = "x"};
  for (int i = 0; i < 1000; ++i) run.message += "ü";
  run.message.insert(0, "a");
  const auto again = read_back(run);
  EXPECT_LE(again.message.size(), longest_text + 3);
  EXPECT_TRUE(again.message.ends_with("ü...")) << again.message;
}

TEST(RunRecord, OfAnotherProgramIsNone) {
  for (const char* line : {"", "{", "[]", "7", "null", "{}", "{\"began\":\"today\",\"pid\":1}",
                           "{\"began\":1,\"pid\":1}", "{\"began\":1,\"pid\":1,\"end\":7}",
                           "{\"began\":1,\"pid\":1,\"end\":\"done\",\"steps\":[7]}",
                           "{\"began\":1,\"pid\":1,\"end\":\"done\",\"links\":\"eth0\"}",
                           "Nov 23 16:00:00 host vif-chain: eth0 is fine", "\xff\xfe"})
    EXPECT_FALSE(decode_run(line)) << line;
  EXPECT_TRUE(decode_run("{\"began\":1,\"pid\":1,\"end\":\"done\",\"new\":true}"))
      << "a later version may know more";
}

TEST(RunRecord, KnowsWhichLinksItMentions) {
  EXPECT_TRUE(mentions("join eth0 to bond1", "bond1"));
  EXPECT_TRUE(mentions("bond1: is gone", "bond1"));
  EXPECT_TRUE(mentions("eth3 is not here; bond1 goes without it", "bond1"));
  EXPECT_TRUE(mentions("it is a port of bond1.", "bond1"));
  EXPECT_TRUE(mentions("\"bond1\"", "bond1"));
  EXPECT_TRUE(mentions("bond1.2 is stacked on bond1", "bond1"));
  EXPECT_FALSE(mentions("join eth0 to bond1.2", "bond1"));
  EXPECT_FALSE(mentions("join eth0 to bond10", "bond1"));
  EXPECT_FALSE(mentions("join xeth0 to bond1", "eth0"));
  EXPECT_FALSE(mentions("join eth0-emu to bond1", "eth0"));
  EXPECT_FALSE(mentions("", "eth0"));
  EXPECT_FALSE(mentions("eth0", ""));
}

TEST(RunRecord, IsAboutTheLinksOfItsStepsConflictsNotesAndReason) {
  const RunRecord run = full_record();
  for (const char* link : {"eth0", "eth1", "bond1", "eth7", "br0", "eth3"})
    EXPECT_TRUE(concerns(run, link)) << link;
  EXPECT_FALSE(concerns(run, "eth2"));
}

RunRecord about(const std::string& link, std::int64_t when) {
  RunRecord run{.began = when, .call = "vif-chain online vif1.0", .pid = when};
  if (link.empty())
    run.call = "vifchain apply";
  else
    run.links = {link};
  return run;
}

std::vector<std::int64_t> times(const std::vector<RunRecord>& runs) {
  std::vector<std::int64_t> all;
  for (const auto& run : runs) all.push_back(run.began);
  return all;
}

TEST(RunsAbout, AreTheNewestOfThoseThatConcernTheLink) {
  const std::vector runs{about("eth0", 1), about("eth1", 2), about("eth0", 3), about("eth0", 4)};
  EXPECT_EQ(times(runs_about(runs, {"eth0"}, 10)), (std::vector<std::int64_t>{1, 3, 4}));
  EXPECT_EQ(times(runs_about(runs, {"eth0"}, 2)), (std::vector<std::int64_t>{3, 4}));
  EXPECT_EQ(times(runs_about(runs, {"eth0", "eth1"}, 10)).size(), 4U);
}

TEST(RunsAbout, HaveAmongThemTheLastThatFoundNothingToDoForAnyLink) {
  const std::vector runs{about("", 1), about("", 2), about("eth0", 3), about("", 4), about("", 5)};
  EXPECT_EQ(times(runs_about(runs, {"eth0"}, 10)), (std::vector<std::int64_t>{3, 5}));
}

}  // namespace
}  // namespace vifchain

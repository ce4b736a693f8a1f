// SPDX-License-Identifier: Apache-2.0
// What is recorded of a run, on the fake kernel: all that was done, and how it ended.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include "cli/gather/recorded_runs.hpp"
#include "edge/parse/toml.hpp"
#include "example_files.hpp"
#include "fake_env.hpp"
#include "flow/host/apply.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/recorded_kernel.hpp"
#include "flow/vif/handle.hpp"
#include "names.hpp"
#include "through_kernel.hpp"

namespace vifchain {
namespace {

// A host with eth0, eth3, vif5.0 and the file of the README.
struct FakeHost : FakeEnv {
  std::string ring = folder / "lib/runs";
  std::optional<RunRecord> began;  // what the last run wrote before it ended

  FakeHost() {
    std::ofstream(folder / "vifchain.toml") << seven_lines;
    kernel.add_nic({.name = name("eth0"), .mac = {{2, 0, 0, 0, 0, 1}}, .up = true});
    kernel.add_nic({.name = name("eth3"), .mac = {{2, 0, 0, 0, 0, 2}}});
    kernel.add_nic({.name = name("vif5.0"), .mac = vif_mac});
    store.write(backend + "/bridge", "xenbrdmz");
    store.write(backend + "/hotplug-status", "");
  }

  // What is kept of `work`.
  RunRecord record_of(const std::function<void(Env&)>& work) {
    {
      Recorder recorder(log, ring, "test");
      const auto door = recorded(std::make_unique<ThroughKernel>(kernel), recorder);
      Env seen{store, *door, names, filter, deadline, log, env.places};
      seen.recorder = &recorder;
      try {
        recording(recorder, [&] { work(seen); });
      } catch (const std::exception&) {
        // it is in the record
      }
      began.reset();
      if (const auto kept = recorded_runs(ring).runs;
          !kept.empty() && kept.back().ending == Ending::began)
        began = kept.back();
    }
    const auto kept = recorded_runs(ring).runs;
    EXPECT_FALSE(kept.empty());
    return kept.empty() ? RunRecord{} : kept.back();
  }

  RunRecord online() {
    return record_of([](Env& seen) {
      handle(seen, {Action::online, {5, 0}, "backend/vif/5/0", "vif-chain"});
    });
  }

  RunRecord apply_file(const char* text) {
    const auto topology = std::get<Topology>(parse_topology(text));
    return record_of([&](Env& seen) { apply(seen, desired_by_file(seen, topology, {}), {}); });
  }

  static inline const std::string backend = "/local/domain/0/backend/vif/5/0";
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t number_of(const RunRecord& run, StepFate fate) {
  return static_cast<std::size_t>(
      std::ranges::count_if(run.steps, [&](const StepRecord& step) { return step.fate == fate; }));
}

bool did(const RunRecord& run, const std::string& step, StepFate fate = StepFate::done) {
  return std::ranges::any_of(run.steps, [&](const StepRecord& each) {
    return each.step.starts_with(step) && each.fate == fate;
  });
}

TEST(Recorder, KeepsWhatAnOnlineDidAndWhatForIt) {
  FakeHost host;
  const RunRecord run = host.online();
  EXPECT_EQ(run.ending, Ending::done);
  EXPECT_EQ(run.call, "test bridge=xenbrdmz");
  EXPECT_TRUE(did(run, "create bond1, a bond"));
  EXPECT_TRUE(did(run, "join eth3 to bond1"));
  EXPECT_TRUE(did(run, "join vif5.0 to xenbrdmz"));
  for (const auto& step : run.steps) EXPECT_NE(step.because, "") << step.step;
  for (const char* link : {"bond1", "bond1.2", "xenbrdmz", "eth0", "eth3", "vif5.0"})
    EXPECT_TRUE(run.links.contains(link)) << link;
  EXPECT_FALSE(run.links.contains("xenbrlan")) << "nobody asked for it";
  EXPECT_FALSE(host.began) << "an event is short";
}

TEST(Recorder, OnAStandingChainKeepsThePortAlone) {
  FakeHost host;
  host.online();
  const RunRecord run = host.online();
  EXPECT_EQ(run.ending, Ending::nothing_to_do);
  EXPECT_EQ(run.links, (std::set<std::string>{"xenbrdmz"}));
}

TEST(Recorder, KeepsWhatStoodInTheWay) {
  FakeHost host;
  host.kernel.try_step_as_somebody(Create{{.name = name("br0"), .kind = Bridge{}}});
  host.kernel.try_step_as_somebody(Join{name("eth0"), name("br0")});
  const RunRecord run = host.online();
  EXPECT_EQ(run.ending, Ending::refused);
  EXPECT_TRUE(has(run.message, "eth0: already a port of ")) << run.message;
  ASSERT_EQ(run.conflicts.size(), 1U);
  EXPECT_EQ(run.conflicts[0].link, "eth0");
  EXPECT_TRUE(run.steps.empty());
  EXPECT_TRUE(concerns(run, "br0"));
}

TEST(Recorder, KeepsTheFaultAndWhatWasUndoneForIt) {
  for (std::size_t fault = 0; fault < 8; ++fault) {
    FakeHost host;
    host.kernel.fail_at(fault);
    const RunRecord run = host.online();
    EXPECT_EQ(run.ending, Ending::failed) << fault;
    EXPECT_GT(number_of(run, StepFate::tried), 0U) << fault;
    EXPECT_NE(run.message, "") << fault;
    EXPECT_TRUE(std::ranges::none_of(run.notes, [&](const auto& note) {
      return has(note, run.message);
    })) << "the reason is kept once";
    EXPECT_GT(number_of(run, StepFate::undone), 0U) << fault;
  }
}

TEST(Recorder, KeepsWhatTheLogWasWarnedOf) {
  FakeHost host;
  const RunRecord run =
      host.record_of([](Env& env) { env.log.warning("eth3 is not on this host"); });
  EXPECT_EQ(run.notes, (std::vector<std::string>{"eth3 is not on this host"}));
  host.log.warning("after it");
}

TEST(Recorder, KeepsThatAnApplyBeganBeforeItsFirstChange) {
  FakeHost host;
  const RunRecord run = host.apply_file("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  EXPECT_EQ(run.ending, Ending::done);
  ASSERT_TRUE(host.began);
  EXPECT_EQ(host.began->planned, run.planned);
  EXPECT_EQ(host.began->steps.size(), run.planned);
  EXPECT_TRUE(did(*host.began, "join eth0 to xenbr0", StepFate::planned));
  EXPECT_TRUE(did(run, "join eth0 to xenbr0", StepFate::done));
}

TEST(Recorder, OfAnApplyWithNothingToDoKeepsThatAlone) {
  FakeHost host;
  host.apply_file("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  const RunRecord run = host.apply_file("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  EXPECT_EQ(run.ending, Ending::nothing_to_do);
  EXPECT_TRUE(run.links.empty());
  EXPECT_FALSE(host.began);
}

TEST(Recorder, KeepsWhyAnApplyEnded) {
  const std::pair<std::function<void()>, Ending> ends[] = {
      {[] { throw Refusal("no"); }, Ending::refused},
      {[] { throw Interrupted("ended by SIGTERM"); }, Ending::interrupted},
      {[] { throw std::runtime_error("odd"); }, Ending::failed}};
  for (const auto& [end, ending] : ends) {
    FakeHost host;
    EXPECT_EQ(host.record_of([&throws = end](Env&) { throws(); }).ending, ending);
  }
}

TEST(Recorder, ThatCannotWriteFailsNobodyAndSaysSoInTheLog) {
  FakeHost host;
  host.ring = host.folder / "no/such/folder/runs";
  {
    Recorder recorder(host.log, host.ring, "test");
    const auto door = recorded(std::make_unique<ThroughKernel>(host.kernel), recorder);
    const std::vector<Step> steps{{Op{vifchain::SetUp{name("eth3")}}, "test"}};
    EXPECT_NO_THROW(door->perform(steps));
  }
  EXPECT_TRUE(has(contents_of(host.folder / "xen-hotplug.log"), "cannot be recorded"));
}

}  // namespace
}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// One vif event in one process: every fault at every step, on the fake kernel and store.
#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>

#include "edge/base/error.hpp"
#include "edge/state/chain_requests.hpp"
#include "example_files.hpp"
#include "fake_env.hpp"
#include "flow/vif/handle.hpp"
#include "flow/vif/move.hpp"
#include "names.hpp"
#include "outcomes.hpp"
#include "through_kernel.hpp"

namespace vifchain {
namespace {

// A host with eth0, eth3, vif5.0 and the file of the README; every call of its doors can fail.
struct FakeHost : FakeEnv {
  explicit FakeHost(FakeKernel::AfterFailure after = FakeKernel::AfterFailure::go_on)
      : FakeEnv(after) {
    std::ofstream(env.places.config) << seven_lines;
    kernel.add_nic({.name = name("eth0"), .mac = {{2, 0, 0, 0, 0, 1}}, .up = true});
    kernel.add_nic({.name = name("eth3"), .mac = {{2, 0, 0, 0, 0, 2}}});
    kernel.add_nic({.name = name("vif5.0"), .mac = vif_mac});
    store.write(backend + "/bridge", "xenbrdmz");
    store.write(backend + "/hotplug-status", "");
    store.write("/local/domain/5/device/vif/0/state", "1");
  }

  Outcome online() { return handle(env, {Action::online, {5, 0}, "backend/vif/5/0", "vif-chain"}); }
  Outcome comes(unsigned domid, const std::string& bridge) {
    const VifId vif{domid, 0};
    kernel.add_nic({.name = name(vif.str().c_str()), .mac = vif_mac});
    store.write(vif.backend() + "/bridge", bridge);
    return handle(env, {Action::online, vif, vif.backend(), "vif-chain"});
  }
  Outcome offline() {
    return handle(env, {Action::offline, {5, 0}, "backend/vif/5/0", "vif-chain"});
  }

  static inline const std::string backend = "/local/domain/0/backend/vif/5/0";
};

TEST(Attach, MakesTheChainAndConnects) {
  FakeHost host;
  const Outcome outcome = host.online();
  ASSERT_TRUE(connected(outcome)) << reason(outcome);
  const Actual links = host.kernel.everything();
  EXPECT_EQ(links.at(name("vif5.0")).controller, name("xenbrdmz"));
  EXPECT_EQ(links.at(name("bond1.2")).controller, name("xenbrdmz"));
  EXPECT_EQ(links.at(name("eth3")).controller, name("bond1"));
  EXPECT_EQ(host.store.read(FakeHost::backend + "/hotplug-status"), "connected");
  EXPECT_TRUE(host.kernel.thefts().empty());
}

TEST(Attach, WritesTheStatusLast) {
  FakeHost host;
  ASSERT_TRUE(connected(host.online()));
  EXPECT_EQ(host.store.written().back(),
            (StoreNode{FakeHost::backend + "/hotplug-status", "connected"}));
}

TEST(Attach, OnAStandingChainMakesNoLink) {
  FakeHost host;
  ASSERT_TRUE(connected(host.online()));
  host.offline();
  const Actual before = host.kernel.everything();
  ASSERT_TRUE(connected(host.online()));
  EXPECT_EQ(host.kernel.everything().size(), before.size());
}

class FaultAt : public ::testing::TestWithParam<FakeKernel::AfterFailure> {};

TEST_P(FaultAt, EveryStepOfTheKernelLeavesItAsItWas) {
  std::size_t faults = 0;
  for (std::size_t step = 0;; ++step) {
    FakeHost host(GetParam());
    const Actual before = host.kernel.everything();
    host.kernel.fail_at(step);
    const Outcome outcome = host.online();
    if (connected(outcome)) break;
    ++faults;
    EXPECT_EQ(host.kernel.everything(), before) << "step " << step << ": " << reason(outcome);
    EXPECT_EQ(host.store.read(FakeHost::backend + "/hotplug-status"), "error");
    EXPECT_EQ(host.store.read(FakeHost::backend + "/hotplug-error"), reason(outcome));
    EXPECT_TRUE(host.kernel.thefts().empty());
  }
  EXPECT_GE(faults, 8U) << "bond, two ports, bridge, VLAN, vif: each of them can fail";
}

TEST_P(FaultAt, EveryStepTheNextRunConnects) {
  for (std::size_t step = 0;; ++step) {
    FakeHost host(GetParam());
    host.kernel.fail_at(step);
    if (connected(host.online())) break;
    const Outcome again = host.online();
    EXPECT_TRUE(connected(again)) << "step " << step << ": " << reason(again);
  }
}

TEST_P(FaultAt, EveryCallOfTheStoreLeavesTheKernelAsItWas) {
  int faults = 0;
  for (int call = 1;; ++call) {
    FakeHost host(GetParam());
    const Actual before = host.kernel.everything();
    host.store.fail_at(call);
    const Outcome outcome = host.online();
    if (connected(outcome)) break;
    ++faults;
    EXPECT_EQ(host.kernel.everything(), before) << "call " << call << ": " << reason(outcome);
  }
  EXPECT_EQ(faults, 3) << "listing, reading bridge, and the frontend's mtu with the status";
}

INSTANTIATE_TEST_SUITE_P(Kernels, FaultAt,
                         ::testing::Values(FakeKernel::AfterFailure::go_on,
                                           FakeKernel::AfterFailure::stop),
                         [](const auto& kernel) {
                           return kernel.param == FakeKernel::AfterFailure::stop ? "ThatStops"
                                                                                 : "ThatGoesOn";
                         });

TEST(Attach, UndoingLeavesAloneWhatAnotherGuestUsesMeanwhile) {
  FakeHost host;
  ASSERT_TRUE(connected(host.online()));
  const Actual stands = host.kernel.everything();
  // The second guest's own attachment fails; the chain under the first one stays.
  host.kernel.add_nic({.name = name("vif6.0"), .mac = vif_mac});
  host.store.write("/local/domain/0/backend/vif/6/0/bridge", "xenbrdmz");
  host.kernel.fail_at(0);
  const Outcome outcome =
      handle(host.env, {Action::online, {6, 0}, "backend/vif/6/0", "vif-chain"});
  EXPECT_FALSE(connected(outcome));
  Actual now = host.kernel.everything();
  now.erase(name("vif6.0"));
  EXPECT_EQ(now, stands);
}

// The guest is on a bond of another mode then, as a warning says.
TEST(Attach, LeavesTheBondOfOthersInItsMode) {
  FakeHost host;
  ASSERT_TRUE(connected(host.online()));
  std::ofstream(host.env.places.config)
      << "[bond.bond1]\nports = [\"eth0\", \"eth3\"]\nmode = \"balance-xor\"\n"
         "[bridge.xenbrdmz]\nports = [\"bond1.2\"]\n";
  const Link before = host.kernel.everything().at(name("bond1"));
  ASSERT_TRUE(connected(host.comes(6, "xenbrdmz")));
  EXPECT_EQ(host.kernel.everything().at(name("bond1")), before);
}

TEST(Attach, MakesNoLinkAnewThatOthersUse) {
  FakeHost host;
  const auto write_id = [&](const char* id) {
    std::ofstream(host.env.places.config)
        << "[vlan.dmz]\nlink = \"eth0\"\nid = " << id << "\n[bridge.xenbrdmz]\nports = [\"dmz\"]\n";
  };
  write_id("2");
  ASSERT_TRUE(connected(host.online()));
  write_id("3");
  const Link before = host.kernel.everything().at(name("dmz"));
  const auto why = reason(host.comes(6, "xenbrdmz"));
  EXPECT_NE(why.find("changing it would interrupt guests"), std::string::npos) << why;
  EXPECT_EQ(host.kernel.everything().at(name("dmz")), before);
}

TEST(Attach, ForgetsThatSomebodyTookItsBridgeDown) {
  FakeHost host;
  record_chain_requests(host.env.places.locks, {{name("xenbrdmz"), ChainRequest::stays_down}});
  ASSERT_TRUE(connected(host.online()));
  EXPECT_FALSE(chain_requests(host.env.places.locks).contains(name("xenbrdmz")));
}

// Each step fails, and the first of its undoing too, when there is no time left.
TEST(Attach, HasTimeOfItsOwnToUndoWhatItDid) {
  for (std::size_t step = 0;; ++step) {
    FakeHost host(FakeKernel::AfterFailure::stop);
    const Actual before = host.kernel.everything();
    host.kernel.after_step = [&, taken = std::size_t{0}](const FakeNet&, const Op&) mutable {
      if (taken++ == step) host.deadline.grace(std::chrono::milliseconds(0));
    };
    host.kernel.fail_at(step);
    host.kernel.fail_at(step + 1);
    const Outcome outcome = host.online();
    if (connected(outcome)) break;
    EXPECT_EQ(host.kernel.everything(), before) << "step " << step << ": " << reason(outcome);
  }
}

// Links are found by their own names.
struct OwnNames final : LinkNames {
  explicit OwnNames(const FakeNet& there) : net(there) {}
  std::optional<LinkName> present(const LinkName& link) override {
    return net.devices().contains(link) ? std::optional(link) : std::nullopt;
  }
  std::vector<LinkName> others(const LinkName&) override { return {}; }
  void rename(const LinkName&, const LinkName&) override {}
  const FakeNet& net;
};

TEST(Attach, OfAPortThatCameLateTakesTheChainDownThatWasMadeBeforeIt) {
  FakeHost host;
  const Actual before = host.kernel.everything();
  OwnNames names(host.kernel.net());
  Env env{host.store, host.kernel, names, host.filter, host.deadline, host.log, host.env.places};
  host.store.write("/local/domain/0/backend/vif/6/0/bridge", "xenbrdmz");
  const Nic late{.name = name("vif6.0"), .mac = vif_mac};
  host.log.tell_also([&, came = false](Level, std::string_view line) mutable {
    if (line.find("create xenbrdmz") == std::string::npos || std::exchange(came, true)) return;
    host.kernel.add_nic(late);
    host.kernel.fail_at(0);
  });
  EXPECT_FALSE(connected(handle(env, {Action::online, {6, 0}, "backend/vif/6/0", "vif-chain"})));
  Actual now = host.kernel.everything();
  EXPECT_EQ(now.erase(late.name), 1U);
  EXPECT_EQ(now, before);
}

TEST(Attach, TakesAPortFromAnotherBridgeOfOurs) {
  FakeHost host;
  std::ofstream(host.env.places.config, std::ios::app) << "[bridge.other]\nports = []\n";
  ASSERT_TRUE(connected(host.online()));
  host.store.write(FakeHost::backend + "/bridge", "other");
  const Outcome outcome = host.online();
  EXPECT_TRUE(connected(outcome)) << reason(outcome);
  EXPECT_EQ(host.kernel.everything().at(name("vif5.0")).controller, name("other"));
}

// Who says where it is to go may say so wherever it is.
TEST(Attach, OfAMoveTakesAPortFromABridgeOfOthers) {
  FakeHost host;
  ASSERT_EQ(host.kernel.try_step_as_somebody(
                Create{{.name = name("theirs"), .kind = Bridge{}, .up = true}}),
            0);
  host.store.write(FakeHost::backend + "/bridge", "theirs");
  ASSERT_TRUE(connected(host.online()));
  const VifEvent event{Action::online, {5, 0}, "backend/vif/5/0", "vif-chain"};
  const Outcome outcome =
      move_vif(host.env, {event, "/libxl/5/device/vif/0", {{"bridge", "xenbrdmz"}}});
  EXPECT_TRUE(connected(outcome)) << reason(outcome);
  EXPECT_EQ(host.kernel.everything().at(name("vif5.0")).controller, name("xenbrdmz"));
}

TEST(Attach, WithoutABackendDirectorySaysSoAndLeavesNoneBehind) {
  FakeHost host;
  const auto before = host.store.written();
  const Outcome outcome =
      handle(host.env, {Action::online, {7, 0}, "backend/vif/7/0", "vif-chain"});
  EXPECT_EQ(reason(outcome), "vif7.0: there is no directory backend/vif/7/0 in xenstore");
  EXPECT_EQ(host.store.written(), before);
}

// The toolstack takes the guest away at any moment: what it took stays away.
TEST(Attach, OfAVifThatGoesMeanwhileWritesNothingAndLeavesTheKernelAsItWas) {
  FakeHost host;
  const Actual before = host.kernel.everything();
  host.store.lose_at_next_write(FakeHost::backend);
  const Outcome outcome = host.online();
  EXPECT_EQ(reason(outcome),
            "vif5.0: the directory backend/vif/5/0 in xenstore is gone: "
            "the toolstack has removed the vif");
  EXPECT_EQ(host.kernel.everything(), before);
  EXPECT_EQ(host.store.read(FakeHost::backend), std::nullopt);
}

// A tap has a MAC of its own before it joins, and after it was to join.
TEST(Attach, ThatFailsGivesAPortTheMacBackThatItCameWith) {
  FakeHost host;
  host.kernel.add_nic({.name = name("vif6.0"), .mac = {{2, 0, 0, 0, 0, 6}}});
  host.store.write("/local/domain/0/backend/vif/6/0/bridge", "xenbrdmz");
  const Actual before = host.kernel.everything();
  host.store.lose_at_next_write("/local/domain/0/backend/vif/6/0");
  EXPECT_FALSE(
      connected(handle(host.env, {Action::online, {6, 0}, "backend/vif/6/0", "vif-chain"})));
  EXPECT_EQ(host.kernel.everything(), before);
}

TEST(Attach, MakesNoFrontendForAGuestThatHasNone) {
  FakeHost host;
  host.store.remove("/local/domain/5");
  ASSERT_TRUE(connected(host.online()));
  EXPECT_EQ(host.store.read("/local/domain/5"), std::nullopt);
}

// "vif32000.100-emu" is one byte too long for any link.
TEST(Attach, OfAnEmulatedNicWhoseNameWouldBeTooLongIsRefusedAndItsWayOutSucceeds) {
  FakeHost host;
  const VifId vif{32000, 100};
  VifEvent event{Action::add, vif, vif.backend(), "vif-chain"};
  event.tap = event.key();
  EXPECT_EQ(reason(handle(host.env, event)),
            "vif32000.100: its link would be called vif32000.100-emu, which is 16 bytes long, at "
            "most 15 are allowed");
  event.action = Action::remove;
  EXPECT_TRUE(std::holds_alternative<Released>(handle(host.env, event)));
}

TEST(Attach, SaysAReasonOnceToWhoeverWasToldIt) {
  FakeHost host;
  host.store.write(FakeHost::backend + "/bridge", "nowhere");
  const std::string told = reason(host.online());
  const auto written = host.store.written().size();
  const VifEvent event{Action::online, {5, 0}, "backend/vif/5/0", "vif-chain"};
  EXPECT_EQ(reason(handle(host.env, event, told)), told);
  EXPECT_EQ(host.store.written().size(), written);
  EXPECT_EQ(reason(handle(host.env, event, "vif5.0: another one")), told);
  EXPECT_GT(host.store.written().size(), written);
}

TEST(Attach, TellsTheFrontendNoMtuThatTheKernelDidNotTake) {
  for (std::size_t step = 0;; ++step) {
    FakeHost host;
    host.store.write(FakeHost::backend + "/mtu", "9000");
    host.kernel.fail_at(step);
    const bool has_it = connected(host.online());
    const auto told = host.store.read("/local/domain/5/device/vif/0/mtu");
    EXPECT_EQ(told, has_it ? std::optional<std::string>("9000") : std::nullopt) << "step " << step;
    if (has_it) break;
  }
}

// In a driver domain relative paths begin in its own directory, and nobody in dom0 hears of a
// failure but by what stands there.
TEST(Attach, OfADriverDomainIsAnsweredInItsOwnDirectory) {
  FakeHost host;
  FakeStore store("/local/domain/3");
  Env env{store, host.kernel, host.names, host.filter, host.deadline, host.log, host.env.places};
  const std::string backend = "/local/domain/3/backend/vif/5/0";
  store.write(backend + "/bridge", "nowhere");
  EXPECT_FALSE(connected(handle(env, {Action::online, {5, 0}, "backend/vif/5/0", "vif-chain"})));
  EXPECT_EQ(store.read(backend + "/hotplug-status"), "error");
  EXPECT_TRUE(store.read(backend + "/hotplug-error").value().find("nowhere") != std::string::npos);
  store.write(backend + "/bridge", "xenbrdmz");
  ASSERT_TRUE(connected(handle(env, {Action::online, {5, 0}, "backend/vif/5/0", "vif-chain"})));
  EXPECT_EQ(store.read(backend + "/hotplug-status"), "connected");
  EXPECT_EQ(store.read(backend + "/hotplug-error"), std::nullopt);
  EXPECT_EQ(host.store.read(FakeHost::backend + "/hotplug-status"), "") << "dom0's own is another";
}

TEST(Attach, GoesWithoutAnMtuForTheFrontendWhereItMayNotBeWritten) {
  FakeHost host;
  host.store.forbid("/local/domain/5/device/vif/0/mtu");
  ASSERT_TRUE(connected(host.online()));
  EXPECT_EQ(host.store.read(FakeHost::backend + "/hotplug-status"), "connected");
}

TEST(Detach, OfNothingIsSuccess) {
  FakeHost host;
  const Outcome outcome =
      handle(host.env, {Action::offline, {9, 1}, "backend/vif/9/1", "vif-chain"});
  EXPECT_TRUE(std::holds_alternative<Released>(outcome)) << reason(outcome);
}

TEST(Detach, ThatFailsIsRefusedAsLongAsTheVifIsThere) {
  FakeHost host;
  ASSERT_TRUE(connected(host.online()));
  host.kernel.fail_at(0);
  EXPECT_NE(reason(host.offline()), "it was not refused");
}

// The kernel's door; the link goes as soon as anything is done to it.
struct DoorOfALinkThatGoes final : ThroughKernel {
  DoorOfALinkThatGoes(FakeKernel& door, LinkName goes)
      : ThroughKernel(door), link(std::move(goes)) {}

  Actual snapshot(const std::vector<Ask>& asked) override {
    Actual links = ThroughKernel::snapshot(asked);
    if (gone) links.erase(link);
    return links;
  }
  void perform(const std::vector<Step>& steps) override {
    for (const auto& step : steps)
      if (target_of(step.op) == link) {
        gone = true;
        throw Error(ENODEV, describe(step.op));
      }
    ThroughKernel::perform(steps);
  }

  LinkName link;
  bool gone = false;
};

TEST(Detach, OfAVifThatGoesInTheMidstOfItIsSuccess) {
  FakeHost host;
  ASSERT_TRUE(connected(host.online()));
  DoorOfALinkThatGoes door(host.kernel, name("vif5.0"));
  Env env{host.store, door, host.names, host.filter, host.deadline, host.log, host.env.places};
  const Outcome outcome = handle(env, {Action::offline, {5, 0}, "backend/vif/5/0", "vif-chain"});
  EXPECT_TRUE(std::holds_alternative<Released>(outcome)) << reason(outcome);
  EXPECT_TRUE(door.gone);
}

TEST(Detach, TakesTheVifDownAndOffItsBridge) {
  FakeHost host;
  ASSERT_TRUE(connected(host.online()));
  const Outcome outcome = host.offline();
  ASSERT_TRUE(std::holds_alternative<Released>(outcome)) << reason(outcome);
  const Link vif = host.kernel.everything().at(name("vif5.0"));
  EXPECT_EQ(vif.controller, std::nullopt);
  EXPECT_EQ(vif.up, false);
}

}  // namespace
}  // namespace vifchain

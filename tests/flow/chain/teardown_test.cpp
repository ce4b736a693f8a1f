// SPDX-License-Identifier: Apache-2.0
// What goes with the last vif of a bridge, and what does not, on the fake kernel and store.
#include "flow/chain/teardown.hpp"

#include <gtest/gtest.h>

#include <set>

#include "edge/state/chain_requests.hpp"
#include "edge/state/nic_memory.hpp"
#include "fake_env.hpp"
#include "flow/vif/handle.hpp"
#include "flow/vif/move.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

// A host with eth0 and vif5.0, on a bridge that goes with its last vif.
struct FakeHost : FakeEnv {
  FakeHost() {
    std::ofstream(env.places.config)
        << "[bridge.xenbr0]\nports = [\"eth0\"]\nteardown = \"last-vif\"\nlinger = 7\n";
    kernel.add_nic({.name = name("eth0"), .mac = {{2, 0, 0, 0, 0, 1}}, .up = true});
    kernel.add_nic({.name = name("vif5.0"), .mac = vif_mac});
    store.write(backend + "/bridge", "xenbr0");
    store.write(backend + "/hotplug-status", "");
    EXPECT_TRUE(std::holds_alternative<Connected>(handle(env, event(Action::online))));
  }

  static VifEvent event(Action action) { return {action, {5, 0}, "backend/vif/5/0", "vif-chain"}; }

  // Which bridge goes, and after how many seconds; "" when the vif went and none does.
  std::string leaving() {
    const Outcome outcome = handle(env, event(Action::offline));
    const auto* released = std::get_if<Released>(&outcome);
    if (released == nullptr) return "it was refused";
    if (!released->leaving) return {};
    return released->leaving->bridge.str() + " " + std::to_string(released->leaving->linger);
  }

  void as_somebody(const Op& op) { ASSERT_EQ(kernel.try_step_as_somebody(op), 0) << describe(op); }
  bool is_there() { return kernel.everything().contains(name("xenbr0")); }

  static inline const std::string backend = "/local/domain/0/backend/vif/5/0";
};

TEST(Teardown, TakesABridgeThatNobodyUsesAndFreesItsNic) {
  FakeHost host;
  EXPECT_EQ(host.leaving(), "xenbr0 7");
  take_down_unused(host.env, name("xenbr0"));
  EXPECT_FALSE(host.is_there());
  EXPECT_EQ(host.kernel.everything().at(name("eth0")).controller, std::nullopt);
}

TEST(Teardown, LeavesItsNicAsItWasBeforeAndRemembersNothingOfIt) {
  FakeHost host;
  const std::string kept = host.env.places.locks + "/nics";
  ASSERT_EQ(recorded_nics(kept), std::set{name("eth0")});
  keep_nic(kept, {.name = name("eth0"), .up = false});
  host.leaving();
  take_down_unused(host.env, name("xenbr0"));
  EXPECT_EQ(host.kernel.everything().at(name("eth0")).up, false);
  EXPECT_TRUE(recorded_nics(kept).empty());
}

TEST(Teardown, LeavesANicThatSomebodyHasTakenToAnotherBridge) {
  FakeHost host;
  host.leaving();
  host.as_somebody(Create{{.name = name("br0"), .kind = Bridge{}}});
  host.as_somebody(Leave{name("eth0")});
  host.as_somebody(Join{name("eth0"), name("br0")});
  take_down_unused(host.env, name("xenbr0"));
  EXPECT_FALSE(host.is_there());
  EXPECT_EQ(host.kernel.everything().at(name("eth0")).controller, name("br0"));
}

TEST(Teardown, LeavesANicThatIsOnAnotherBridgeOfOursByNow) {
  FakeHost host;
  ASSERT_EQ(host.leaving(), "xenbr0 7");
  ASSERT_EQ(host.kernel.try_step(Leave{name("eth0")}), 0);
  ASSERT_EQ(host.kernel.try_step(Create{{.name = name("other"), .kind = Bridge{}, .up = true}}), 0);
  ASSERT_EQ(host.kernel.try_step(Join{name("eth0"), name("other")}), 0);
  take_down_unused(host.env, name("xenbr0"));
  EXPECT_FALSE(host.is_there());
  EXPECT_EQ(host.kernel.everything().at(name("eth0")).controller, name("other"));
}

TEST(Teardown, LeavesABondOnWhichAnotherChainStands) {
  FakeHost host;
  std::ofstream(host.env.places.config)
      << "[bond.bond1]\nports = [\"eth1\"]\n[bridge.a]\nports = [\"bond1.2\"]\n"
         "teardown = \"last-vif\"\n[bridge.b]\nports = [\"bond1.3\"]\n";
  host.kernel.add_nic({.name = name("eth1"), .mac = {{2, 0, 0, 0, 0, 2}}});
  for (const char* bridge : {"a", "b"}) {
    host.store.write(FakeHost::backend + "/bridge", bridge);
    ASSERT_TRUE(
        std::holds_alternative<Connected>(handle(host.env, FakeHost::event(Action::online))));
  }
  take_down_unused(host.env, name("a"));
  const Actual links = host.kernel.everything();
  EXPECT_FALSE(links.contains(name("a")) || links.contains(name("bond1.2")));
  EXPECT_TRUE(links.contains(name("b")) && links.contains(name("bond1.3")));
  EXPECT_EQ(links.at(name("eth1")).controller, name("bond1"));
}

// To linger is for guests that come back at once.
TEST(Teardown, ComesAtOnceWhenTheLastVifIsMovedAway) {
  FakeHost host;
  std::ofstream(host.env.places.config, std::ios::app) << "[bridge.other]\nports = []\n";
  const Outcome outcome = move_vif(
      host.env, {FakeHost::event(Action::online), "/libxl/5/device/vif/0", {{"bridge", "other"}}});
  EXPECT_TRUE(std::holds_alternative<Connected>(outcome));
  EXPECT_FALSE(host.is_there());
}

TEST(Teardown, LeavesABridgeOnWhichAVifCameMeanwhile) {
  FakeHost host;
  EXPECT_EQ(host.leaving(), "xenbr0 7");
  host.kernel.add_nic({.name = name("vif6.0"), .mac = vif_mac});
  host.as_somebody(Join{name("vif6.0"), name("xenbr0")});
  take_down_unused(host.env, name("xenbr0"));
  EXPECT_TRUE(host.is_there());
}

// An administrator may have come over it.
TEST(Teardown, LeavesABridgeThatCarriesAnAddressOfTheHost) {
  FakeHost host;
  EXPECT_EQ(host.leaving(), "xenbr0 7");
  host.as_somebody(SetAddresses{name("xenbr0"), {LinkAddress::parse("10.0.0.5/24").value()}, {}});
  take_down_unused(host.env, name("xenbr0"));
  EXPECT_TRUE(host.is_there());
}

TEST(Teardown, LeavesABridgeOfWhichTheFileSaysSoNoMore) {
  FakeHost host;
  std::ofstream(host.env.places.config) << "[bridge.xenbr0]\nports = [\"eth0\"]\n";
  EXPECT_EQ(host.leaving(), "");
  take_down_unused(host.env, name("xenbr0"));
  EXPECT_TRUE(host.is_there());
}

// So it is made anew by the next vif, and by nobody before.
TEST(Teardown, LeavesNoDesiredForTheBridge) {
  FakeHost host;
  record_chain_requests(host.env.places.locks, {{name("xenbr0"), ChainRequest::stands}});
  EXPECT_EQ(host.leaving(), "xenbr0 7");
  take_down_unused(host.env, name("xenbr0"));
  EXPECT_FALSE(chain_requests(host.env.places.locks).contains(name("xenbr0")));
}

// netback mostly has taken the link away before offline runs: then the store tells the bridge.
TEST(Teardown, ComesAlsoWhereTheVifsLinkHasGoneBefore) {
  FakeHost host;
  host.store.write("/local/domain/0/backend/vif/6/0/bridge", "xenbr0");
  const Outcome outcome =
      handle(host.env, {Action::offline, {6, 0}, "backend/vif/6/0", "vif-chain"});
  const auto& leaving = std::get<Released>(outcome).leaving;
  ASSERT_TRUE(leaving);
  EXPECT_EQ(leaving->bridge, name("xenbr0"));
}

// ---- who goes, goes

TEST(Offline, SucceedsWhereNoLockCanBeHad) {
  FakeHost host;
  std::filesystem::remove_all(host.env.places.locks);
  std::ofstream(host.env.places.locks) << "a file where the folder is to be\n";
  EXPECT_NE(host.leaving(), "it was refused");
  EXPECT_EQ(host.kernel.everything().at(name("vif5.0")).controller, std::nullopt);
}

}  // namespace
}  // namespace vifchain

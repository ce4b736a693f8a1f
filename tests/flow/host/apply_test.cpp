// SPDX-License-Identifier: Apache-2.0
// The host from one file, in one process: every fault at every step, on the fake kernel.
#include <gtest/gtest.h>

#include "edge/base/error.hpp"
#include "edge/parse/toml.hpp"
#include "edge/state/chain_requests.hpp"
#include "edge/state/rollback_file.hpp"
#include "example_files.hpp"
#include "fake_env.hpp"
#include "flow/host/apply.hpp"
#include "flow/host/down.hpp"
#include "flow/host/go_back.hpp"
#include "flow/run/converge.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

LinkAddress address(const char* text) {
  return LinkAddress::parse(text).value();
}

constexpr const char* one_bridge = "[bridge.xenbr0]\nports = [\"eth0\"]\n";
constexpr const char* two_bridges_on_a_bond =
    "[bond.bond1]\nports = [\"eth0\", \"eth3\"]\nmode = \"active-backup\"\nmiimon = 100\n"
    "[bridge.xenbr0]\nports = [\"bond1\"]\n[bridge.xenbrdmz]\nports = [\"bond1.2\"]\nmtu = 1400\n";

// A host that people have come to over eth0.
struct FakeHost : FakeEnv {
  explicit FakeHost(FakeKernel::AfterFailure after = FakeKernel::AfterFailure::go_on)
      : FakeEnv(after) {
    kernel.add_nic({.name = name("eth0"), .mac = {{2, 0, 0, 0, 0, 1}}, .up = true});
    kernel.add_nic({.name = name("eth3"), .mac = {{2, 0, 0, 0, 0, 2}}});
    kernel.add_nic({.name = name("vif5.0"), .mac = vif_mac});
    must(SetAddresses{name("eth0"), {address("10.0.0.5/24"), address("2001:db8::5/64")}, {}});
    must(SetRoutes{name("eth0"), {gateway("10.0.0.1"), gateway("2001:db8::1"), far_network()}, {}});
  }

  void must(const Op& op) { ASSERT_EQ(kernel.try_step_as_somebody(op), 0) << describe(op); }

  static Route gateway(const char* via) {
    Route route = default_route(IpAddress::parse(via).value());
    route.protocol = 4;  // "static": an administrator's
    return route;
  }
  static Route far_network() {
    Route route = gateway("10.0.0.9");
    route.to = address("198.51.100.0/24");
    route.table = 77;
    return route;
  }

  HostPlan apply_file(const char* text, bool allow_disrupt = false) {
    topology = std::get<Topology>(parse_topology(text));
    return apply(env, desired_by_file(env, topology, {}), {.allow_disrupt = allow_disrupt});
  }

  HostPlan take_all_down(bool force = false) {
    return apply(env, nothing_of_ours(force), {.allow_disrupt = true});
  }

  // All there is, routes included.
  Actual all() {
    Actual links = kernel.everything();
    std::vector<LinkName> names_of_all;
    for (const auto& [one, link] : links) names_of_all.push_back(one);
    kernel.read_routes(links, names_of_all);
    return links;
  }

  Topology topology;
};

TEST(Apply, MakesTheHostAsTheFileSaysAndThenHasNothingToDo) {
  FakeHost host;
  EXPECT_FALSE(host.apply_file(two_bridges_on_a_bond).plan.steps.empty());
  const Actual links = host.all();
  EXPECT_EQ(links.at(name("bond1.2")).controller, name("xenbrdmz"));
  EXPECT_EQ(links.at(name("bond1")).controller, name("xenbr0"));
  EXPECT_EQ(links.at(name("eth3")).controller, name("bond1"));
  EXPECT_TRUE(host.apply_file(two_bridges_on_a_bond).plan.steps.empty());
}

TEST(Apply, MovesAddressesAndRoutesToTheTopOfWhatTheirNicBecomesPartOf) {
  for (const char* file : {one_bridge, two_bridges_on_a_bond}) {
    FakeHost host;
    const Actual before = host.all();
    host.apply_file(file);
    const Actual links = host.all();
    const Link &eth0 = links.at(name("eth0")), &bridge = links.at(name("xenbr0"));
    EXPECT_EQ(bridge.addresses, before.at(name("eth0")).addresses) << file;
    EXPECT_EQ(bridge.routes, before.at(name("eth0")).routes) << file;
    EXPECT_EQ(bridge.mac, before.at(name("eth0")).mac) << "neighbours must not notice";
    EXPECT_TRUE(eth0.addresses->empty() && eth0.routes->empty()) << file;
  }
}

TEST(Apply, DoesNotTakeDownANicThatJoinsABridgeAsItIs) {
  FakeHost host;
  for (const auto& step : host.apply_file(one_bridge).plan.steps)
    EXPECT_FALSE(std::holds_alternative<SetDown>(step.op)) << describe(step.op);
}

TEST(Apply, IsUndoneByDownToTheLastAddress) {
  for (const char* file : {one_bridge, two_bridges_on_a_bond}) {
    FakeHost host;
    const Actual before = host.all();
    host.apply_file(file);
    host.take_all_down();
    Actual after = host.all();
    // What it was before is not written anywhere: the second NIC stays as a bond leaves it.
    after.at(name("eth3")).up = before.at(name("eth3")).up;
    after.at(name("eth0")).up = before.at(name("eth0")).up;
    EXPECT_EQ(after, before) << file;
  }
}

TEST(Apply, LeavesANicThatWentFromBridgeToBridgeAsItWasBeforeTheFirst) {
  FakeHost host;
  ASSERT_EQ(host.all().at(name("eth3")).up, false);
  host.apply_file("[bridge.xenbr1]\nports = [\"eth3\"]\n");
  host.apply_file("[bridge.xenbr2]\nports = [\"eth3\"]\n");
  const Link port = host.all().at(name("eth3"));
  EXPECT_EQ(port.controller, name("xenbr2"));
  EXPECT_EQ(port.up, true);
  host.apply_file("[bridge.xenbr2]\nports = []\n");
  EXPECT_EQ(host.all().at(name("eth3")).up, false);
}

TEST(Apply, GivesLinksTheFilesAddressesAndLeavesThoseOfOthers) {
  FakeHost host;
  host.apply_file("[bridge.xenbr9]\naddresses = [\"172.16.0.1/24\"]\ngateway = \"172.16.0.9\"\n");
  host.must(SetAddresses{name("xenbr9"), {address("172.16.0.77/32")}, {}});
  host.apply_file("[bridge.xenbr9]\naddresses = [\"172.16.1.1/24\"]\n");
  const Actual links = host.all();
  EXPECT_EQ(links.at(name("xenbr9")).addresses,
            (std::vector{address("172.16.0.77/32"), address("172.16.1.1/24")}))
      << "what vifchain gave and the file no longer says is gone";
  EXPECT_TRUE(links.at(name("xenbr9")).routes->empty());
}

TEST(Apply, TakesAwayWhatTheFileNoLongerSaysUnlessAGuestUsesIt) {
  FakeHost host;
  host.apply_file("[bridge.xenbr1]\n[bridge.xenbr2]\n");
  host.must(Join{name("vif5.0"), name("xenbr2")});
  const auto plan = host.apply_file("[bridge.xenbr3]\n");
  const Actual links = host.all();
  EXPECT_FALSE(links.contains(name("xenbr1")));
  EXPECT_EQ(links.at(name("vif5.0")).controller, name("xenbr2"));
  ASSERT_EQ(plan.notes.size(), 1U);
  EXPECT_EQ(plan.notes.front(), "xenbr2 is no longer in the file: kept, as it is in use");
}

TEST(Apply, DownOfABridgeLeavesTheBondThatAnotherLinkIsOnWhosesoeverItIs) {
  FakeHost host;
  host.apply_file(two_bridges_on_a_bond);
  host.must(Create{{.name = name("theirs"),
                    .kind = Vlan{.parent = name("bond1"), .id = VlanId::from(9).value()}}});
  for (const char* bridge : {"xenbrdmz", "xenbr0"}) {
    apply(host.env, without_chains({bridge}, false, {}), {.allow_disrupt = true});
    EXPECT_FALSE(host.all().contains(name(bridge)));
  }
  EXPECT_EQ(host.all().at(name("eth0")).controller, name("bond1"));
  EXPECT_FALSE(host.all().contains(name("bond1.2")));
}

TEST(Apply, RefusesWhatAGuestWouldNoticeAndNamesIt) {
  constexpr const char* file =
      "[bond.bond1]\nports = [\"eth3\"]\nmode = \"active-backup\"\n"
      "[bridge.xenbrdmz]\nports = [\"bond1.2\"]\n";
  constexpr const char* other =
      "[bond.bond1]\nports = [\"eth3\"]\nmode = \"802.3ad\"\n"
      "[bridge.xenbrdmz]\nports = [\"bond1.2\"]\n";
  FakeHost host;
  host.apply_file(file);
  host.must(Join{name("vif5.0"), name("xenbrdmz")});
  const Actual before = host.all();
  try {
    host.apply_file(other);
    FAIL() << "it was not refused";
  } catch (const Refusal& refusal) {
    EXPECT_NE(std::string(refusal.what()).find("vif5.0"), std::string::npos) << refusal.what();
    EXPECT_NE(std::string(refusal.what()).find("--allow-disrupt"), std::string::npos);
  }
  EXPECT_EQ(host.all(), before);
  host.apply_file(other, true);
  EXPECT_EQ(host.all().at(name("vif5.0")).controller, name("xenbrdmz"));
}

TEST(Apply, ARouteThatCannotBeMovedIsAnObstacle) {
  FakeHost host;
  Route odd = FakeHost::gateway("10.0.0.7");
  odd.metric = 7;
  odd.foreign = "several next hops";
  host.must(SetRoutes{name("eth0"), {odd}, {}});
  const Actual before = host.all();
  EXPECT_THROW(host.apply_file(one_bridge), Refusal);
  EXPECT_EQ(host.all(), before);
}

class FaultOfApply : public ::testing::TestWithParam<FakeKernel::AfterFailure> {};

TEST_P(FaultOfApply, AtEveryStepLeavesTheHostAsItWasWithItsAddressesAndRoutes) {
  for (const char* file : {one_bridge, two_bridges_on_a_bond}) {
    std::size_t faults = 0;
    for (std::size_t step = 0;; ++step) {
      FakeHost host(GetParam());
      const Actual before = host.all();
      host.kernel.fail_at(step);
      try {
        host.apply_file(file);
        break;
      } catch (const Error&) {
        ++faults;
      }
      EXPECT_EQ(host.all(), before) << file << "step " << step;
      EXPECT_TRUE(host.kernel.thefts().empty());
    }
    EXPECT_GE(faults, 6U) << "bridge, addresses, routes, NIC: each of them can fail";
  }
}

TEST_P(FaultOfApply, AtEveryStepOfDownLeavesTheChainsStanding) {
  for (const char* file : {one_bridge, two_bridges_on_a_bond}) {
    for (std::size_t step = 0;; ++step) {
      FakeHost host(GetParam());
      host.apply_file(file);
      const Actual before = host.all();
      host.kernel.fail_at(step);
      try {
        host.take_all_down();
        break;
      } catch (const Error&) {
      }
      EXPECT_EQ(host.all(), before) << file << "step " << step;
    }
  }
}

// The record of a change by this file, as it is read from the disk, and the change made.
RollbackRecord apply_with_record(FakeHost& host, const char* file) {
  std::string document;
  host.topology = std::get<Topology>(parse_topology(file));
  apply(host.env, desired_by_file(host.env, host.topology, {}),
        {.before_changes = [&](const HostPlan& plan) {
          document = document_of(rollback_record_from(plan, {}));
        }});
  return std::get<RollbackRecord>(rollback_record_in(document));
}

TEST_P(FaultOfApply, AtEveryStepOfGoingBackIsOverWithTheNextTry) {
  for (const char* file : {one_bridge, two_bridges_on_a_bond}) {
    for (std::size_t step = 0;; ++step) {
      FakeHost host(GetParam());
      const Actual before = host.all();
      const RollbackRecord way = apply_with_record(host, file);
      host.kernel.fail_at(step);
      bool failed = false;
      try {
        put_links_back(host.env, way, {.allow_disrupt = true});
      } catch (const Error&) {
        failed = true;
        put_links_back(host.env, way, {.allow_disrupt = true});
      }
      EXPECT_EQ(host.all(), before) << file << "step " << step;
      EXPECT_TRUE(is_as_before(host.env, way));
      if (!failed) break;
    }
  }
}

TEST(GoingBack, LeavesGuestsTheirBridgeAndTakesTheHostsAddressesBack) {
  FakeHost host;
  const RollbackRecord way = apply_with_record(host, one_bridge);
  host.must(Join{name("vif5.0"), name("xenbr0")});
  put_links_back(host.env, way, {.allow_disrupt = true});
  const Actual links = host.all();
  EXPECT_EQ(links.at(name("vif5.0")).controller, name("xenbr0"));
  EXPECT_FALSE(links.at(name("eth0")).controller);
  EXPECT_EQ(links.at(name("eth0")).addresses->size(), 2U);
  EXPECT_EQ(links.at(name("eth0")).routes->size(), 3U);
  EXPECT_TRUE(links.at(name("xenbr0")).addresses->empty());
  EXPECT_TRUE(links.at(name("xenbr0")).routes->empty());
}

INSTANTIATE_TEST_SUITE_P(Kernels, FaultOfApply,
                         ::testing::Values(FakeKernel::AfterFailure::go_on,
                                           FakeKernel::AfterFailure::stop),
                         [](const auto& kernel) {
                           return kernel.param == FakeKernel::AfterFailure::stop ? "ThatStops"
                                                                                 : "ThatGoesOn";
                         });

TEST(Apply, TakesASecondRoundWhereTheKernelChangedMoreThanItWasTold) {
  FakeHost host;
  host.kernel.after_step = [&, done = false](const FakeNet&, const Op& op) mutable {
    if (!std::holds_alternative<vifchain::SetUp>(op) || std::exchange(done, true)) return;
    host.must(SetMtu{target_of(op), 1400});
  };
  host.apply_file("[bridge.xenbr1]\nmtu = 1300\n");
  EXPECT_EQ(host.kernel.everything().at(name("xenbr1")).mtu, 1300U);
}

TEST(Apply, SaysHowFarItIsEveryTwoHundredSteps) {
  FakeHost host;
  std::string file;
  for (int bridge = 0; bridge < 45; ++bridge)
    file += "[bridge.xenbr" + std::to_string(bridge) + "]\nports = []\n";
  host.topology = std::get<Topology>(parse_topology(file));
  std::vector<std::size_t> said;
  ApplyOptions options;
  options.progress = [&](std::size_t done, std::size_t) { said.push_back(done); };
  apply(host.env, desired_by_file(host.env, host.topology, {}), options);
  ASSERT_GE(said.size(), 2U);
  EXPECT_EQ(said.at(0), 200U);
  EXPECT_GT(said.at(1), 200U);
}

// Who is at the bridge has it to the end, though only one of its ports changes.
TEST(Apply, WaitsForTheBridgeThatAPortJoins) {
  FakeHost host;
  host.apply_file(one_bridge);
  const Locks held({{"xenbr0", Hold::exclusive}}, host.deadline, host.env.places.locks);
  host.topology =
      std::get<Topology>(parse_topology("[bridge.xenbr0]\nports = [\"eth0\", \"eth3\"]\n"));
  ApplyOptions options;
  options.patience = {.at_most = std::chrono::milliseconds(50), .tell = [](const std::string&) {}};
  EXPECT_THROW(apply(host.env, desired_by_file(host.env, host.topology, {}), options), Interrupted);
  EXPECT_EQ(host.kernel.everything().at(name("eth3")).controller, std::nullopt);
}

// ---- what is to stand, and what to stay down, as vifchaind finds it

using Requests = std::map<LinkName, ChainRequest>;

TEST(Apply, KeepsTheDesiredThatItsChainsStandAndThatWhatItTookAwayStaysDown) {
  FakeHost host;
  host.apply_file("[bridge.xenbr1]\n[bridge.xenbr2]\n");
  EXPECT_EQ(
      chain_requests(host.env.places.locks),
      (Requests{{name("xenbr1"), ChainRequest::stands}, {name("xenbr2"), ChainRequest::stands}}));
  host.apply_file("[bridge.xenbr2]\n");
  EXPECT_EQ(chain_requests(host.env.places.locks),
            (Requests{{name("xenbr1"), ChainRequest::stays_down},
                      {name("xenbr2"), ChainRequest::stands}}));
}

TEST(Apply, KeepsNoDesiredForANicThatIsFree) {
  FakeHost host;
  host.apply_file("[bridge.xenbr1]\nports = [\"eth3\"]\n");
  host.apply_file("[bridge.xenbr1]\n");
  EXPECT_EQ(host.all().at(name("eth3")).controller, std::nullopt);
  EXPECT_EQ(chain_requests(host.env.places.locks),
            (Requests{{name("xenbr1"), ChainRequest::stands}}));
}

// Else what stands after a failed down would not be looked after any more.
TEST(Apply, ThatFailsLeavesTheDesiredAsTheyWere) {
  for (std::size_t step = 0;; ++step) {
    FakeHost host;
    host.apply_file("[bridge.xenbr1]\n[bridge.xenbr2]\n");
    const auto before = chain_requests(host.env.places.locks);
    host.kernel.fail_at(step);
    try {
      host.take_all_down();
      EXPECT_GE(step, 2U);
      break;
    } catch (const Error&) {
    }
    EXPECT_EQ(chain_requests(host.env.places.locks), before) << step;
  }
}

}  // namespace
}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// The host at boot: what cannot stand is left out, a NIC that comes late joins, on the fake kernel.
#include <gtest/gtest.h>

#include "edge/base/error.hpp"
#include "edge/parse/toml.hpp"
#include "edge/state/waiting_chains.hpp"
#include "fake_env.hpp"
#include "flow/host/boot.hpp"
#include "flow/host/down.hpp"
#include "flow/host/late_nic.hpp"
#include "flow/run/converge.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

constexpr const char* bond_with_two_bridges =
    "[bond.bond1]\nports = [\"eth0\", \"eth3\"]\nmode = \"active-backup\"\nprimary = \"eth3\"\n"
    "[bridge.xenbrlan]\nports = [\"bond1.3\"]\n[bridge.xenbrdmz]\nports = [\"bond1.2\"]\n";
constexpr const char* two_chains =
    "[bridge.xenbr0]\nports = [\"eth0\"]\n[bridge.xenbr3]\nports = [\"eth3.7\"]\n"
    "addresses = [\"172.16.0.1/24\"]\n";
constexpr const char* bridge_of_two = "[bridge.xenbr0]\nports = [\"eth0\", \"eth3\"]\n";

// A host that boots; NICs come when a test says so.
class Boot : public ::testing::Test, protected FakeEnv {
 protected:
  void plug_in(const std::string& nic) {
    kernel.add_nic({.name = name(nic), .mac = {{2, 0, 0, 0, 0, ++last_mac}}});
  }

  void write(const char* text) { topology = std::get<Topology>(parse_topology(text)); }

  HostPlan boot(const char* text) {
    write(text);
    return apply_what_can(env, topology, {});
  }

  HostPlan comes(const std::string& nic) { return nic_came(env, topology, name(nic)); }

  std::string left_out(const HostPlan& plan) {
    std::string text;
    for (const auto& left : plan.left_out) text += in_words(left) + "\n";
    return text;
  }

  std::string controller_of(const std::string& link) {
    const Actual links = kernel.everything();
    const auto found = links.find(name(link));
    if (found == links.end()) return "(no such link)";
    return found->second.controller ? found->second.controller->str() : "(none)";
  }
  bool is_there(const std::string& link) { return kernel.everything().contains(name(link)); }

  Topology topology;
  std::uint8_t last_mac = 0;
};

TEST_F(Boot, IsApplyWhereNothingIsMissing) {
  plug_in("eth0");
  plug_in("eth3");
  const HostPlan done = boot(bond_with_two_bridges);
  EXPECT_FALSE(done.plan.steps.empty());
  EXPECT_EQ(left_out(done), "");
  EXPECT_EQ(controller_of("bond1.2"), "xenbrdmz");
  EXPECT_TRUE(boot(bond_with_two_bridges).plan.steps.empty());
}

TEST_F(Boot, LeavesOutTheChainThatMissesItsNicAndMakesTheOthers) {
  plug_in("eth0");
  EXPECT_EQ(left_out(boot(two_chains)), "xenbr3: skipped (eth3: no such link on this host)\n");
  EXPECT_EQ(controller_of("eth0"), "xenbr0");
  EXPECT_FALSE(is_there("xenbr3"));
}

TEST_F(Boot, LeavesOutAllThatStandsOnABondWithoutPorts) {
  const auto text = left_out(boot(bond_with_two_bridges));
  EXPECT_EQ(
      text,
      "xenbrdmz: skipped (eth0: no such link on this host; eth3: no such link on this host)\n"
      "xenbrlan: skipped (eth0: no such link on this host; eth3: no such link on this host)\n");
  EXPECT_FALSE(is_there("bond1"));
}

TEST_F(Boot, ABondAndABridgeGoWithoutAPortThatIsMissing) {
  plug_in("eth0");
  EXPECT_EQ(left_out(boot(bond_with_two_bridges)), "");
  EXPECT_EQ(controller_of("eth0"), "bond1");
  EXPECT_EQ(left_out(boot(bridge_of_two)),
            "xenbr0: skipped port eth3 (no such link on this host)\n");
}

TEST_F(Boot, LeavesAloneWhatOnlyALeftOutChainWants) {
  plug_in("eth0");
  plug_in("eth3");
  ASSERT_EQ(kernel.try_step_as_somebody(Create{{.name = name("xenbr3"), .kind = Bond{}}}), 0);
  const auto text = left_out(boot(two_chains));
  EXPECT_NE(text.find("xenbr3: skipped (foreign link: expected a bridge, found a bond)"),
            std::string::npos)
      << text;
  EXPECT_FALSE(is_there("eth3.7"));
  EXPECT_EQ(controller_of("eth0"), "xenbr0");
}

TEST_F(Boot, AChainThatTheKernelRefusesTakesNoOtherWithIt) {
  plug_in("eth0");
  plug_in("eth3");
  write(two_chains);
  const auto steps = plan_what_can(env, desired_by_file(env, topology, {})).plan.steps;
  for (std::size_t fault = 0; fault < steps.size(); ++fault) {
    SCOPED_TRACE(describe(steps[fault].op));
    apply(env, nothing_of_ours(true), {.allow_disrupt = true});
    kernel.set_after_failure(FakeKernel::AfterFailure::stop);
    kernel.fail_at(fault);
    EXPECT_EQ(left_out(boot(two_chains)), "");
    EXPECT_EQ(controller_of("eth0"), "xenbr0");
    EXPECT_EQ(controller_of("eth3.7"), "xenbr3");
  }
}

TEST_F(Boot, ANicThatComesLateBringsTheChainThatWaitsForIt) {
  plug_in("eth0");
  boot(two_chains);
  plug_in("eth3");
  const HostPlan done = comes("eth3");
  EXPECT_FALSE(done.plan.steps.empty());
  EXPECT_EQ(controller_of("eth3.7"), "xenbr3");
  const Actual links = kernel.everything();
  EXPECT_EQ(links.at(name("xenbr3")).addresses->size(), 1U) << "and this host's addresses";
  EXPECT_TRUE(waiting_chains(waiting_folder(env.places)).empty());
  for (const auto& step : comes("eth3").plan.steps)
    ADD_FAILURE() << describe(step.op) << ": " << step.because;
}

TEST_F(Boot, ABridgeThatSomebodyMadeMeanwhileGetsTheFilesAddressesWithItsLateNic) {
  plug_in("eth0");
  boot(two_chains);
  ASSERT_EQ(kernel.try_step_as_somebody(Create{{.name = name("xenbr3"), .kind = Bridge{}}}), 0);
  plug_in("eth3");
  comes("eth3");
  EXPECT_EQ(controller_of("eth3.7"), "xenbr3");
  EXPECT_EQ(kernel.everything().at(name("xenbr3")).addresses->size(), 1U);
}

TEST_F(Boot, ALatePortJoinsItsBond) {
  plug_in("eth0");
  boot(bond_with_two_bridges);
  plug_in("eth3");
  EXPECT_EQ(left_out(comes("eth3")), "");
  EXPECT_EQ(controller_of("eth3"), "bond1");
  EXPECT_TRUE(boot(bond_with_two_bridges).plan.steps.empty())
      << "its options, the primary port among them, are as the file says";
}

TEST_F(Boot, ALatePortJoinsItsBridge) {
  plug_in("eth0");
  boot(bridge_of_two);
  plug_in("eth3");
  comes("eth3");
  EXPECT_EQ(controller_of("eth3"), "xenbr0");
}

TEST_F(Boot, ALateNicThatSomebodyHasTakenByThenIsTheirs) {
  plug_in("eth0");
  boot(bridge_of_two);
  plug_in("eth3");
  ASSERT_EQ(kernel.try_step_as_somebody(Create{{.name = name("br0"), .kind = Bridge{}}}), 0);
  ASSERT_EQ(kernel.try_step_as_somebody(Join{name("eth3"), name("br0")}), 0);
  const HostPlan done = comes("eth3");
  EXPECT_TRUE(done.plan.steps.empty());
  EXPECT_EQ(left_out(done), "");
  EXPECT_EQ(controller_of("eth3"), "br0");
}

TEST_F(Boot, ALateNicChangesNothingElse) {
  plug_in("eth0");
  boot("[bridge.xenbr0]\nports = [\"eth0\", \"eth3\"]\n");
  write(
      "[bridge.xenbr0]\nports = [\"eth0\", \"eth3\"]\nmtu = 1400\nageing_time = 30\n"
      "addresses = [\"172.16.0.1/24\"]\n[bridge.xenbr9]\nports = []\n");
  plug_in("eth3");
  comes("eth3");
  EXPECT_EQ(controller_of("eth3"), "xenbr0");
  const Link bridge = kernel.everything().at(name("xenbr0"));
  EXPECT_EQ(bridge.mtu, 1500U);
  EXPECT_TRUE(bridge.addresses->empty());
  EXPECT_FALSE(is_there("xenbr9"));
}

TEST_F(Boot, AChainThatWasTakenDownStaysDown) {
  plug_in("eth0");
  plug_in("eth3");
  boot(two_chains);
  forget_waiting(env);
  apply(env, nothing_of_ours(false), {.allow_disrupt = true});
  EXPECT_TRUE(comes("eth3").plan.steps.empty());
  EXPECT_FALSE(is_there("xenbr3"));
}

TEST_F(Boot, ANicOfSomebodyElsesBridgeStaysThere) {
  plug_in("eth0");
  boot(bridge_of_two);
  plug_in("eth3");
  ASSERT_EQ(kernel.try_step_as_somebody(Create{{.name = name("br9"), .kind = Bridge{}}}), 0);
  ASSERT_EQ(kernel.try_step_as_somebody(Join{name("eth3"), name("br9")}), 0);
  EXPECT_TRUE(comes("eth3").plan.steps.empty());
  EXPECT_EQ(controller_of("eth3"), "br9");
}

TEST_F(Boot, ANicThatTheFileDoesNotNameIsNoneOfOurs) {
  plug_in("eth0");
  boot("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  plug_in("eth9");
  EXPECT_FALSE(is_nic_of(topology, name("eth9")));
  EXPECT_TRUE(comes("eth9").plan.steps.empty());
}

TEST_F(Boot, AChainThatStillMissesANicGoesOnWaiting) {
  write(
      "[bond.bond1]\nports = [\"eth0\"]\nmode = \"active-backup\"\n"
      "[vlan.v7]\nlink = \"bond1\"\nid = 7\n"
      "[bridge.xenbr0]\nports = [\"v7\", \"eth3.7\"]\n");
  apply_what_can(env, topology, {});
  plug_in("eth3");
  EXPECT_EQ(left_out(comes("eth3")), "xenbr0: skipped port v7 (eth0: no such link on this host)\n");
  EXPECT_EQ(controller_of("eth3.7"), "xenbr0");
  plug_in("eth0");
  EXPECT_EQ(left_out(comes("eth0")), "");
  EXPECT_EQ(controller_of("v7"), "xenbr0");
}

// Guests are at work over the bond: nobody is there to say that they may be interrupted.
TEST_F(Boot, ALateNicThatWouldInterruptOthersIsRefusedWithWhatItWouldTake) {
  plug_in("eth0");
  boot(
      "[bond.bond1]\nports = [\"eth0\"]\n[bridge.xenbr0]\nports = [\"bond1\"]\n"
      "[bridge.xenbr9]\nports = [\"eth3\"]\n");
  ASSERT_EQ(controller_of("bond1"), "xenbr0");
  write(
      "[bond.bond1]\nports = [\"eth0\"]\n[bridge.xenbr0]\n"
      "[bridge.xenbr9]\nports = [\"bond1\", \"eth3\"]\n");
  plug_in("eth3");
  const Actual before = kernel.everything();
  try {
    comes("eth3");
    FAIL() << "it was not refused";
  } catch (const Refusal& refusal) {
    EXPECT_TRUE(std::string(refusal.what()).starts_with("adding it would interrupt guests"))
        << refusal.what();
  }
  EXPECT_EQ(kernel.everything(), before);
}

}  // namespace
}  // namespace vifchain

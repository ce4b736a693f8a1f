// SPDX-License-Identifier: Apache-2.0
// Bonds in mode balance-slb as the programs make, show, change and take them away, on a real kernel
// with bonds.
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>

#include "host.hpp"

namespace vifchain {
namespace {

constexpr const char* chain = R"([vif]
wait = 0

[bond.bond1]
ports = ["eth0", "eth3"]
mode  = "balance-slb"

[bridge.xenbr0]
ports = ["bond1"]
)";

constexpr const char* as_active_backup = R"([bond.bond1]
ports  = ["eth0", "eth3"]
mode   = "active-backup"
miimon = 100

[bridge.xenbr0]
ports = ["bond1"]
)";

std::string tables() {
  return sh("nft list tables");
}

constexpr const char* one_table = "table netdev vifchain-slb-bond1\n";

// While it lives the library is not there for whoever has not loaded it yet.
class NoNftables {
 public:
  NoNftables() { sh("mount --bind /dev/null " + library_); }
  ~NoNftables() { sh("umount " + library_); }
  NoNftables(const NoNftables&) = delete;
  NoNftables& operator=(const NoNftables&) = delete;

 private:
  const std::string library_ =
      sh("readlink -f $(find /usr/lib -name libnftables.so.1 | head -1) | tr -d '\\n'");
};

class SlbHost : public testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    if (const auto why = why_no_kind("bond"); !why.empty()) GTEST_SKIP() << why;
    for (const std::string nic : {"eth0", "eth3"}) {
      Host::add_nic(nic);
      sh("ip link set " + nic + " up && ip link set " + nic +
         " down");  // it has a qdisc from now on
    }
    Host::write_config(chain);
    Host::add_vif(7, 0, "xenbr0");
  }

  std::optional<Host> host_;
};

TEST_F(SlbHost, AGuestFindsItsBondWithTheRules) {
  const Ran ran = Host::vif_chain("online", 7, 0);
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const auto bond = sh("ip -d link show bond1");
  EXPECT_TRUE(has(bond, "mode balance-xor miimon 100")) << bond;
  EXPECT_TRUE(has(bond, "xmit_hash_policy vlan+srcmac")) << bond;
  EXPECT_EQ(tables(), one_table);
  const auto status = vifchain("status").out;
  EXPECT_TRUE(has(status, "bond balance-slb, up")) << status;
  EXPECT_TRUE(has(status, "2 of 2 ports active")) << status;
  EXPECT_TRUE(has(vifchain("status --json").out, "\"mode\": \"balance-slb\""));
}

TEST_F(SlbHost, AStandingChainNeedsNoNftables) {
  ASSERT_EQ(Host::vif_chain("online", 7, 0).exit_code, 0);
  const NoNftables nowhere;
  Host::add_vif(8, 0, "xenbr0");
  const Ran ran = Host::vif_chain("online", 8, 0);
  EXPECT_EQ(ran.exit_code, 0) << ran.err << Host::log();
}

TEST_F(SlbHost, WithoutItsRulesABondIsNotMade) {
  const auto before = Host::links();
  const NoNftables nowhere;
  const Ran ran = Host::vif_chain("online", 7, 0);
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(Host::node(Host::backend(7, 0) + "/hotplug-error"), "libnftables"))
      << Host::node(Host::backend(7, 0) + "/hotplug-error");
  EXPECT_EQ(Host::links(), before);
}

TEST_F(SlbHost, RulesThatWereFlushedAreMissedAndComeBack) {
  ASSERT_EQ(vifchain("apply").exit_code, 0) << sh("cat /run/err");
  EXPECT_EQ(vifchain("plan").exit_code, 0) << sh("cat /run/out");
  sh("nft flush ruleset");
  const Ran plan = vifchain("plan");
  EXPECT_EQ(plan.exit_code, 2);
  EXPECT_TRUE(has(plan.out, "balance-slb rules of bond1: eth0, eth3")) << plan.out;
  EXPECT_TRUE(has(vifchain("status").out, "balance-slb rules: expected eth0, eth3, found none"))
      << vifchain("status").out;
  ASSERT_EQ(Host::vif_chain("online", 7, 0).exit_code, 0);
  EXPECT_EQ(tables(), one_table);
  EXPECT_EQ(vifchain("plan").exit_code, 0) << sh("cat /run/out");
}

TEST_F(SlbHost, RulesFollowThePorts) {
  ASSERT_EQ(vifchain("apply").exit_code, 0) << sh("cat /run/err");
  Host::add_nic("eth5");
  Host::write_config(
      "[bond.bond1]\nports = [\"eth0\", \"eth5\"]\nmode = \"balance-slb\"\n"
      "[bridge.xenbr0]\nports = [\"bond1\"]\n");
  const Ran ran = vifchain("apply --allow-disrupt");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const auto rules = sh("nft list ruleset");
  EXPECT_TRUE(has(rules, "device \"eth5\"")) << rules;
  EXPECT_FALSE(has(rules, "device \"eth3\"")) << rules;
}

TEST_F(SlbHost, AnotherModeLeavesNoRules) {
  ASSERT_EQ(vifchain("apply").exit_code, 0) << sh("cat /run/err");
  Host::write_config(as_active_backup);
  const Ran ran = vifchain("apply --allow-disrupt");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(tables(), "");
  Host::write_config(chain);
  ASSERT_EQ(vifchain("apply --allow-disrupt").exit_code, 0) << sh("cat /run/err");
  EXPECT_EQ(tables(), one_table);
}

TEST_F(SlbHost, NothingIsLeftWhenTheBondGoes) {
  const auto before = Host::links();
  ASSERT_EQ(vifchain("apply").exit_code, 0) << sh("cat /run/err");
  ASSERT_EQ(vifchain("down --all").exit_code, 0) << sh("cat /run/err");
  EXPECT_EQ(tables(), "");
  EXPECT_EQ(Host::links(), before);
}

TEST_F(SlbHost, SomebodyElsesBondWithoutRulesIsRefused) {
  sh("ip link add bond1 type bond mode balance-xor xmit_hash_policy vlan+srcmac miimon 100");
  const Ran ran = vifchain("apply");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.err, "balance-slb rules: expected eth0, eth3, found none")) << ran.err;
  EXPECT_EQ(tables(), "");
}

}  // namespace
}  // namespace vifchain

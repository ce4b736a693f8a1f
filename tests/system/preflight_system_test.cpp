// SPDX-License-Identifier: Apache-2.0
// What check, plan and apply say of a host that would spoil what the file wants, on a real kernel.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "host.hpp"
#include "netns.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

const std::string switches = "/proc/sys/net/bridge";

class PreflightHost : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    set_switches("0");
    Host::add_nic("eth0");
    write("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  }

  static void write(const std::string& toml) { Host::write_config(toml); }

  // A kernel that has br_netfilter has it on in every new network namespace.
  static void set_switches(const std::string& value) {
    sh("for f in " + switches + "/bridge-nf-call-*; do [ ! -e $f ] || echo " + value +
       " > $f; done");
  }

  // check and plan give this warning, and apply does too, and goes on.
  static void expect_warning(const std::string& text) {
    const Ran check = vifchain("check");
    EXPECT_EQ(check.exit_code, 0) << check.out << check.err;
    EXPECT_TRUE(has(check.out, "warning: " + text)) << check.out;
    const Ran plan = vifchain("plan");
    EXPECT_EQ(plan.exit_code, 2) << plan.out << plan.err;
    EXPECT_TRUE(has(plan.out, "warning: " + text)) << plan.out;
    EXPECT_LT(plan.out.find("warning: "), plan.out.find("create xenbr0")) << plan.out;
    const Ran apply = vifchain("apply");
    EXPECT_EQ(apply.exit_code, 0) << apply.err;
    EXPECT_TRUE(has(apply.out, "warning: " + text)) << apply.out;
  }

  // check and plan say beforehand what apply refuses; none of them changes anything.
  static void expect_obstacle(const std::string& text) {
    const auto before = Host::links();
    for (const char* command : {"check", "plan"}) {
      const Ran ran = vifchain(command);
      EXPECT_EQ(ran.exit_code, 1) << command << ran.out << ran.err;
      EXPECT_TRUE(has(ran.out, "error: ") && has(ran.out, text)) << command << ran.out;
    }
    const Ran apply = vifchain("apply");
    EXPECT_EQ(apply.exit_code, 1) << apply.out;
    EXPECT_TRUE(has(apply.err, "vifchain: error: ") && has(apply.err, text)) << apply.err;
    EXPECT_EQ(Host::links(), before);
  }

  std::optional<Host> host_;
};

TEST_F(PreflightHost, ThatIsCleanHasNothingSaidOfIt) {
  const Ran check = vifchain("check");
  EXPECT_EQ(check.exit_code, 0) << check.err;
  EXPECT_EQ(check.out, "/etc/xen/vifchain.toml is valid: 1 bridge.\n");
  for (const char* command : {"plan", "apply", "plan"}) {
    const Ran ran = vifchain(command);
    for (const char* word : {"note: ", "warning: ", "error: "})
      EXPECT_FALSE(has(ran.out, word)) << command << ran.out;
  }
}

TEST_F(PreflightHost, IsNotLookedAtForAnothersFile) {
  sh("ip link add link eth0 name mv0 type macvlan");
  const Ran ran = vifchain("check --file-only");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "/etc/xen/vifchain.toml is valid: 1 bridge.\n");
}

// Without room for a socket's descriptor nobody can ask the kernel.
TEST_F(PreflightHost, ThatCannotBeLookedAtIsNoHostThatIsRight) {
  const std::string cramped =
      "ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null -e trace=socket "
      "-e inject=socket:error=EMFILE ";
  const Ran ran = vifchain("check", cramped);
  EXPECT_EQ(ran.exit_code, 1) << ran.out;
  EXPECT_TRUE(has(ran.err, "this host was not checked: ")) << ran.err;
  const Ran told = vifchain("check --json", cramped);
  EXPECT_EQ(told.exit_code, 1) << told.out;
  EXPECT_TRUE(has(told.out, "\"read\": false")) << told.out;
  EXPECT_EQ(vifchain("check --file-only", cramped).exit_code, 0);
}

// However many may be open: all is read and said, or it is an error.
TEST_F(PreflightHost, IsNeverRightByWhatCouldNotBeRead) {
  sh("ip link add link eth0 name mv0 type macvlan && ip rule add oif eth0 table 77");
  for (const std::string command : {"check", "plan", "status", "why eth0", "check --json"}) {
    const Ran whole = vifchain(command);
    int errors = 0;
    for (int files = 4; files < 24; ++files) {
      const Ran ran = vifchain(command, "prlimit --nofile=" + std::to_string(files) + " ");
      if (ran.exit_code == 1 && !ran.err.empty())
        ++errors;
      else
        EXPECT_EQ(ran.out, whole.out) << command << " with " << files << ": " << ran.err;
    }
    EXPECT_GT(errors, 0) << command;
  }
}

TEST_F(PreflightHost, HasItsFindingsForMachinesToo) {
  sh("ip rule add iif eth0 table 77");
  const Ran ran = vifchain("plan --json");
  EXPECT_EQ(ran.exit_code, 2) << ran.err;
  EXPECT_TRUE(has(ran.out, "\"weight\": \"warning\"")) << ran.out;
  EXPECT_TRUE(has(ran.out, "\"text\": \"IPv4 policy rule")) << ran.out;
}

TEST_F(PreflightHost, IsLookedAtWithoutPrivileges) {
  sh("ip link add link eth0 name mv0 type macvlan && ip rule add oif eth0 table 77");
  const Ran ran = vifchain("plan", "setpriv --reuid 65534 --clear-groups ");
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  EXPECT_TRUE(has(ran.out, "eth0 cannot join xenbr0 while it carries mv0 (macvlan)")) << ran.out;
  EXPECT_TRUE(has(ran.out, "(oif eth0, table 77)")) << ran.out;
}

TEST_F(PreflightHost, WithAMacvlanOnAFuturePort) {
  sh("ip link add link eth0 name mv0 type macvlan");
  expect_obstacle("eth0 cannot join xenbr0 while it carries mv0 (macvlan)");
  sh("ip link del mv0");
  EXPECT_EQ(vifchain("apply").exit_code, 0);
}

TEST_F(PreflightHost, WithAMacvlanInANamedNamespace) {
  sh("ip netns add blue && ip link add link eth0 name mv0 type macvlan && "
     "ip link set mv0 netns blue");
  expect_obstacle(
      "eth0 cannot join xenbr0 while it carries mv0 in the network namespace blue (macvlan)");
}

TEST_F(PreflightHost, WithAMacvlanInANamelessNamespace) {
  sh("ip link add link eth0 name mv0 type macvlan");
  test::move_away("mv0");
  expect_obstacle(
      "eth0 cannot join xenbr0 while it carries mv0 in another network namespace (NETNSID 0");
}

// Links are numbered in each namespace anew: some have eth0's number.
TEST_F(PreflightHost, IsNoneOfTheBusinessOfOthersAmongThemselves) {
  sh("for n in red blue; do ip netns add $n && ip netns set $n auto; done; "
     "for l in a b c; do ip -n red link add $l type veth peer name p$l; done; "
     "for l in a b c pa pb pc; do ip -n red link add link $l name m$l type macvlan && "
     "ip -n red link set m$l netns blue; done");
  ASSERT_TRUE(
      has(sh("ip -n red link"), sh("ip -o link show dev eth0 | grep -o '^[0-9]*:' | tr -d '\\n'")));
  const Ran ran = vifchain("plan");
  EXPECT_EQ(ran.exit_code, 2) << ran.out << ran.err;
  EXPECT_FALSE(has(ran.out, "error: ")) << ran.out;
}

TEST_F(PreflightHost, WithAVlanLinkThatStealsFromAPort) {
  if (const auto why = why_no_kind("vlan"); !why.empty()) GTEST_SKIP() << why;
  sh("ip link add link eth0 name eth0.5 type vlan id 5");
  expect_warning("eth0.5 takes the frames of VLAN 5 from eth0, which becomes a port of xenbr0");
}

TEST_F(PreflightHost, WithAVlanThatAnotherNamespaceHolds) {
  if (const auto why = why_no_kind("vlan"); !why.empty()) GTEST_SKIP() << why;
  write("[bridge.xenbr0]\nports = [\"eth0.5\"]\n");
  sh("ip netns add blue && ip link add link eth0 name other type vlan id 5 && "
     "ip link set other netns blue");
  expect_obstacle("eth0.5: VLAN 5 on eth0 already exists as other in the network namespace blue");
  sh("ip -n blue link del other");
  EXPECT_EQ(vifchain("apply").exit_code, 0);
}

TEST_F(PreflightHost, WithTheBridgesNameAsAnAlternativeOne) {
  Host::add_nic("eth1");
  sh("ip link property add dev eth1 altname xenbr0");
  expect_obstacle("ip link property del dev eth1 altname xenbr0");
  sh("ip link property del dev eth1 altname xenbr0");
  EXPECT_EQ(vifchain("apply").exit_code, 0);
}

TEST_F(PreflightHost, WithANicThatTheFileCallsByAnotherName) {
  sh("ip link property add dev eth0 altname enp3s0");
  write("[bridge.xenbr0]\nports = [\"enp3s0\"]\n");
  const Ran ran = vifchain("plan");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.out, "warning: enp3s0 is only an alternative name of eth0")) << ran.out;
}

TEST_F(PreflightHost, WithPolicyRulesThatNameAPort) {
  sh("ip -6 rule add iif eth0 table 77 pref 123");
  expect_warning(
      "IPv6 policy rule 123 (iif eth0, table 77) matches nothing on eth0, which becomes a port");
}

TEST_F(PreflightHost, WithTcFiltersOnAPort) {
  Host::add_nic("eth1");
  sh("tc qdisc add dev eth0 clsact");
  EXPECT_FALSE(has(vifchain("plan").out, "warning")) << "there are no filters yet";
  sh("tc filter add dev eth0 ingress u32 match u32 0 0 action mirred egress redirect dev eth1");
  expect_warning("tc filters on eth0, which becomes a port of xenbr0");
}

TEST_F(PreflightHost, WithAddressesOnAFuturePort) {
  sh("ip addr add 192.0.2.5/24 dev eth0");
  const Ran check = vifchain("check");
  EXPECT_EQ(check.exit_code, 0) << check.err;
  EXPECT_TRUE(has(check.out, "note: apply moves 192.0.2.5/24 and its routes from eth0 to xenbr0"))
      << check.out;
  EXPECT_FALSE(has(vifchain("plan").out, "note: ")) << "the steps say so themselves";
}

TEST_F(PreflightHost, WithBridgesThatIptablesSees) {
  const bool was_there = std::filesystem::exists(switches);
  if (!was_there) sh("modprobe br_netfilter 2>/dev/null || true");
  if (!std::filesystem::exists(switches)) GTEST_SKIP() << "this kernel has no br_netfilter";
  set_switches("1");
  expect_warning("traffic of xenbr0 passes this host's FORWARD rules (net.bridge.bridge-nf-call-");
  set_switches("0");
  sh("ip link set xenbr0 type bridge nf_call_iptables 1");
  EXPECT_TRUE(has(vifchain("plan").out, "(nf_call_iptables is on, and not in the file)"));
  if (!was_there) sh("modprobe -r br_netfilter");
}

TEST_F(PreflightHost, WithAnotherProgramThatSetsUpTheSameLinks) {
  const auto index =
      sh("ip -o link show dev eth0 | "
         "cut -d: -f1 | tr -d '\\n'");
  sh("mkdir -p /run/NetworkManager/devices /run/systemd/netif/links /etc/network");
  sh("printf '[device]\\nmanaged=true\\n' > /run/NetworkManager/devices/" + index);
  sh("printf 'ADMIN_STATE=configured\\nNETWORK_FILE=/etc/systemd/network/a.network\\n' > "
     "/run/systemd/netif/links/" +
     index);
  sh("printf 'auto xenbr0\\niface xenbr0 inet manual\\n' > /etc/network/interfaces");
  const auto out = vifchain("plan").out;
  EXPECT_TRUE(has(out, "warning: NetworkManager also manages eth0")) << out;
  EXPECT_TRUE(
      has(out, "warning: systemd-networkd also manages eth0 (/etc/systemd/network/a.network)"))
      << out;
  expect_warning("ifupdown also manages xenbr0 (/etc/network/interfaces:2)");
}

TEST_F(PreflightHost, WithABridgeThatIsNearlyFull) {
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  std::string commands;
  for (int i = 0; i < 460; ++i) {
    const std::string name = "p" + std::to_string(i);
    commands += "link add " + name + "a type veth peer name " + name + "b\nlink set " + name +
                "a master xenbr0\nlink set " + name + "b master xenbr0\n";
  }
  std::ofstream("/run/ports") << commands;
  sh("ip -batch /run/ports");
  const Ran ran = vifchain("plan");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(ran.out, "warning: xenbr0 has 921 of at most 1023 ports")) << ran.out;
}

// On a kernel that has the driver the file can be had, and on one without it is refused; either
// way somebody was told beforehand.
class Driver : public PreflightHost {
 protected:
  static void expect_driver_or_sentence(bool kernel_has_it, const std::string& sentence) {
    if (!kernel_has_it) return expect_obstacle(sentence);
    EXPECT_EQ(vifchain("check").exit_code, 0);
    EXPECT_EQ(vifchain("plan").exit_code, 2);
    const Ran ran = vifchain("apply");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_FALSE(has(ran.out, "error: ")) << ran.out;
  }
};

TEST_F(Driver, OfBondsIsThereOrMissed) {
  write(
      "[bond.bond1]\nports = [\"eth0\"]\nmode = \"active-backup\"\nmiimon = 100\n"
      "[bridge.xenbr0]\nports = [\"bond1\"]\n");
  expect_driver_or_sentence(why_no_kind("bond").empty(), "has no bonding driver (needed by bond1)");
}

TEST_F(Driver, OfVlanLinksIsThereOrMissed) {
  write("[bridge.xenbr0]\nports = [\"eth0.3\"]\n[bridge.xenbr1]\nports = [\"eth0.4\"]\n");
  expect_driver_or_sentence(why_no_kind("vlan").empty(),
                            "has no VLAN driver (needed by eth0.3 and eth0.4)");
}

TEST_F(Driver, OfBridgesFiltersVlansOrIsMissed) {
  write("[bridge.xenbr0]\nports = [\"eth0\"]\nvlan_filtering = true\n");
  expect_driver_or_sentence(test::bridges_filter_vlans(),
                            "has no VLAN filtering of bridges (needed by xenbr0)");
}

}  // namespace
}  // namespace vifchain

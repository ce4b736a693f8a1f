// SPDX-License-Identifier: Apache-2.0
// vifchain apply --boot and vifchain nic as the init system and udev run them, and the scripts that
// do so, on a real kernel.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <optional>

#include "host.hpp"

namespace vifchain {
namespace {

// The folder with what meson made of xen-scripts/boot.
std::string boot_files() {
  const char* path = std::getenv("BOOT_FILES");
  return path != nullptr ? path : "/opt/vifchain-tests/boot";
}

// What makes a machine forget: links, and all that is kept in /run.
void reboot() {
  Host::end_programs();
  sh("ip link del xenbr0 2>/dev/null; ip link del xenbr1 2>/dev/null; rm -rf /run/vifchain; true");
}

class BootSystem : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    Host::add_nic("eth0");
    Host::write_config(two_bridges);
  }

  static bool is_port(const std::string& nic, const std::string& bridge) {
    return has(sh("ip -o link show dev " + nic), "master " + bridge + " ");
  }
  static bool is_there(const std::string& link) {
    return has(sh("ip -o link"), ": " + link + ": ") || has(sh("ip -o link"), ": " + link + "@");
  }

  static constexpr const char* two_bridges =
      "[bridge.xenbr0]\nports = [\"eth0\"]\n[bridge.xenbr1]\nports = [\"eth1\"]\n";
  std::optional<Host> host_;
};

TEST_F(BootSystem, OneMissingNicStopsNoOtherChainAndIsNamed) {
  const Ran ran = vifchain("apply --boot --wait 0");
  EXPECT_EQ(ran.exit_code, 3) << ran.err;
  EXPECT_TRUE(has(ran.out, "xenbr1: skipped (eth1: no such link on this host)\n")) << ran.out;
  EXPECT_TRUE(has(Host::log(), "xenbr1: skipped (eth1: no such link"));
  EXPECT_TRUE(is_port("eth0", "xenbr0"));
  EXPECT_FALSE(is_there("xenbr1"));
}

TEST_F(BootSystem, WithAllNicsAllOfItStands) {
  Host::add_nic("eth1");
  const Ran ran = vifchain("apply --boot");
  EXPECT_EQ(ran.exit_code, 0) << ran.err << ran.out;
  EXPECT_TRUE(is_port("eth1", "xenbr1"));
  EXPECT_EQ(vifchain("plan").exit_code, 0);
}

TEST_F(BootSystem, ANicThatComesMeanwhileIsWaitedFor) {
  sh("(" + environment() + vifchain_program() +
     " apply --boot --wait 60; echo $? >/run/code) >/run/out 2>&1 &");
  ASSERT_TRUE(eventually([] {
    return has(Host::log(), "waiting up to 60 s for eth1 (no such link)");
  })) << Host::log();
  Host::add_nic("eth1");
  EXPECT_TRUE(eventually([] { return contents_of("/run/code") == "0\n"; }))
      << contents_of("/run/out");
  EXPECT_TRUE(is_port("eth1", "xenbr1"));
}

TEST_F(BootSystem, ANicThatUdevHasYetToNameIsWaitedFor) {
  Host::add_nic("eth1");
  sh("mkdir -p /run/udev/data && touch /run/udev/control && "
     "touch /run/udev/data/n$(ip -o link show dev eth0 | cut -d: -f1)");
  sh("(" + environment() + vifchain_program() +
     " apply --boot --wait 60; echo $? >/run/code) >/run/out 2>&1 &");
  EXPECT_TRUE(eventually([] {
    return has(Host::log(), "waiting up to 60 s for eth1 (udev is not done with it)");
  })) << Host::log();
  EXPECT_FALSE(is_there("xenbr0"));
  sh("for n in $(ip -o link | cut -d: -f1); do touch /run/udev/data/n$n; done");
  EXPECT_TRUE(eventually([] { return contents_of("/run/code") == "0\n"; }))
      << contents_of("/run/out");
  EXPECT_TRUE(is_port("eth1", "xenbr1"));
}

TEST_F(BootSystem, ALateNicBringsItsChainAndNoOther) {
  ASSERT_EQ(vifchain("apply --boot --wait 0").exit_code, 3);
  sh("ip link set eth0 nomaster");  // somebody's business
  Host::add_nic("eth1");
  const Ran ran = vifchain("nic eth1");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "Added eth1 to its chains.\n");
  EXPECT_TRUE(is_port("eth1", "xenbr1"));
  EXPECT_FALSE(is_port("eth0", "xenbr0"));
  EXPECT_EQ(vifchain("nic eth1").out, "") << "once is enough";
}

TEST_F(BootSystem, ANicThatWasPulledOutJoinsAgain) {
  Host::add_nic("eth1");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  sh("ip link del eth1");
  Host::add_nic("eth1");
  ASSERT_EQ(vifchain("nic eth1").exit_code, 0);
  EXPECT_TRUE(is_port("eth1", "xenbr1"));
}

TEST_F(BootSystem, ManyNicsMayComeAtOnce) {
  std::string file;
  for (int n = 1; n <= 8; ++n)
    file += "[bridge.xenbr" + std::to_string(n) + "]\nports = [\"eth" + std::to_string(n) +
            "\", \"nic" + std::to_string(n) + "\"]\n";
  Host::write_config(file);
  ASSERT_EQ(vifchain("apply --boot --wait 0").exit_code, 3);
  std::string nics;
  for (int n = 1; n <= 8; ++n)
    for (const char* kind : {"eth", "nic"}) {
      Host::add_nic(kind + std::to_string(n));
      nics += " " + std::string(kind) + std::to_string(n);
    }
  sh("for n in" + nics + "; do " + environment() + vifchain_program() +
     " nic $n >/run/out.$n 2>&1 & done; wait");
  EXPECT_EQ(vifchain("plan").exit_code, 0) << vifchain("plan").out << sh("cat /run/out.*");
}

TEST_F(BootSystem, AChainThatWasTakenDownStaysDownWhenItsNicComesAgain) {
  ASSERT_EQ(vifchain("apply --boot --wait 0").exit_code, 3);
  ASSERT_EQ(vifchain("down --all").exit_code, 0);
  Host::add_nic("eth1");
  const Ran ran = vifchain("nic eth1");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out, "");
  EXPECT_FALSE(is_there("xenbr1"));
}

TEST_F(BootSystem, AfterAnApplyNoChainWaitsThatTheFileHadBefore) {
  ASSERT_EQ(vifchain("apply --boot --wait 0").exit_code, 3);
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  Host::write_config(two_bridges);  // nobody has said apply
  Host::add_nic("eth1");
  const Ran ran = vifchain("nic eth1");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "");
  EXPECT_FALSE(is_there("xenbr1"));
}

TEST_F(BootSystem, NicsOfNobodyAndHostsWithoutFileAreNoMistake) {
  for (const char* words : {"nic eth9", "nic eth0"}) {
    const Ran ran = vifchain(words);
    EXPECT_EQ(ran.exit_code, 0) << words << ran.err;
    EXPECT_EQ(ran.out, "") << words;
  }
  sh("rm /etc/xen/vifchain.toml");
  EXPECT_EQ(vifchain("nic eth0").exit_code, 0);
  EXPECT_FALSE(is_there("xenbr0"));
}

TEST_F(BootSystem, NothingIsAskedOfXenstoreWhichMayNotRunYet) {
  Host::add_nic("eth1");
  // Nobody looks for leaks under strace.
  const Ran ran =
      run("XENSTORED_PATH=/run/no-such-socket ASAN_OPTIONS=detect_leaks=0 strace -f "
          "-e trace=openat,connect -o /run/trace " +
          vifchain_program() + " apply --boot");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  const auto trace = sh("grep -E 'xenbus|no-such-socket|xenstored/' /run/trace || true");
  EXPECT_EQ(trace, "");
}

TEST_F(BootSystem, AfterARebootWithinTheWindowTheFileThatWasAppliedBeforeIsApplied) {
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  Host::add_nic("eth1");
  Host::write_config(two_bridges);
  ASSERT_EQ(vifchain("apply --confirm 3600").exit_code, 0);
  reboot();
  const Ran ran = vifchain("apply --boot --wait 0");
  EXPECT_EQ(ran.exit_code, 0) << ran.err << ran.out;
  EXPECT_TRUE(has(ran.out, "not confirmed: rolled back")) << ran.out;
  EXPECT_TRUE(is_port("eth0", "xenbr0"));
  EXPECT_FALSE(is_there("xenbr1"));
  EXPECT_TRUE(has(contents_of("/etc/xen/vifchain.toml.unconfirmed"), "xenbr1"));
  EXPECT_EQ(vifchain("apply --boot --wait 0").exit_code, 0);
}

// What a boot applied somebody had confirmed before, and so it is what is gone back to.
TEST_F(BootSystem, AfterARebootWithinTheWindowTheFileOfTheBootBeforeIsApplied) {
  const std::string first = "[bridge.xenbr0]\nports = [\"eth0\"]\n";
  Host::write_config(first);
  ASSERT_EQ(vifchain("apply --boot").exit_code, 0);
  Host::add_nic("eth1");
  Host::write_config(two_bridges);
  ASSERT_EQ(vifchain("apply --confirm 3600").exit_code, 0);
  reboot();
  const Ran ran = vifchain("apply --boot --wait 0");
  EXPECT_EQ(ran.exit_code, 0) << ran.err << ran.out;
  EXPECT_EQ(contents_of("/etc/xen/vifchain.toml"), first);
  EXPECT_TRUE(is_port("eth0", "xenbr0"));
  EXPECT_FALSE(is_there("xenbr1"));
}

TEST_F(BootSystem, AFileThatNobodyEverConfirmedIsNotAppliedUnseen) {
  Host::add_nic("eth1");
  ASSERT_EQ(vifchain("apply --confirm 3600").exit_code, 0);
  reboot();
  for (int boot = 0; boot < 2; ++boot) {
    const Ran ran = vifchain("apply --boot --wait 0");
    EXPECT_EQ(ran.exit_code, 3) << ran.err;
    EXPECT_TRUE(has(ran.out, "never confirmed: skipped at boot")) << ran.out;
    EXPECT_FALSE(is_there("xenbr0"));
  }
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_EQ(vifchain("apply --boot").exit_code, 0) << "now somebody has said so";
}

// Nobody is there who could mean it.
TEST_F(BootSystem, AFileThatWouldTakeAllAwayLeavesWhatStands) {
  Host::add_nic("eth1");
  ASSERT_EQ(vifchain("apply --boot").exit_code, 0);
  Host::write_config("");
  const Ran ran = vifchain("apply --boot");
  EXPECT_EQ(ran.exit_code, 3) << ran.err;
  EXPECT_TRUE(has(ran.out, "would delete all chains of this host (xenbr0 and xenbr1)") &&
              has(ran.out, "existing chains are kept") && has(ran.out, "everything else matches"))
      << ran.out;
  EXPECT_TRUE(has(Host::log(), "would delete all chains of this host"));
  EXPECT_TRUE(is_port("eth0", "xenbr0") && is_port("eth1", "xenbr1"));
}

// What the file has besides is made: the boot is not lost for one bridge that it forgot.
TEST_F(BootSystem, AFileThatForgetsTheWayOutLeavesItAndMakesTheRest) {
  Host::add_nic("eth1");
  sh("ip link set eth0 up && ip addr add 10.0.0.5/24 dev eth0 && "
     "ip route add default via 10.0.0.1 && ip link set eth1 up");
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  ASSERT_EQ(vifchain("apply --boot").exit_code, 0);
  for (const char* ports : {"\"eth1\"", "\"eth1\", \"eth0\""}) {
    Host::write_config("[bridge.xenbr1]\nports = [" + std::string(ports) + "]\n");
    const Ran ran = vifchain("apply --boot");
    EXPECT_EQ(ran.exit_code, 3) << ran.err;
    EXPECT_TRUE(has(ran.out, "xenbr0, which carries the default route")) << ran.out;
    EXPECT_TRUE(is_port("eth0", "xenbr0") && is_port("eth1", "xenbr1")) << ports;
  }
  Host::write_config("[bridge.xenbr1]\n[bridge.xenbr2]\nports = [\"eth1\"]\n");
  EXPECT_EQ(vifchain("apply --boot").exit_code, 3);
  EXPECT_TRUE(is_port("eth0", "xenbr0"));
  EXPECT_TRUE(is_port("eth1", "xenbr2")) << "both bridges are in the file";
}

TEST_F(BootSystem, AFileThatTakesAnAddressItsWayOutLeavesThat) {
  sh("ip link set eth0 up");
  const std::string bridge = "[bridge.xenbr0]\naddresses = [\"10.0.0.5/24\"]\n";
  Host::write_config(bridge + "ports = [\"eth0\"]\n");
  ASSERT_EQ(vifchain("apply --boot").exit_code, 0);
  Host::write_config(bridge + "[bridge.xenbr1]\nports = [\"eth0\"]\n");
  const Ran ran = vifchain("apply --boot");
  EXPECT_EQ(ran.exit_code, 3) << ran.err;
  EXPECT_TRUE(has(ran.out, "this host's way out: xenbr0 keeps 10.0.0.5/24")) << ran.out;
  EXPECT_TRUE(is_port("eth0", "xenbr0"));
  EXPECT_TRUE(is_there("xenbr1"));
}

TEST_F(BootSystem, AWrongFileIsTheOnlyWayToFail) {
  Host::write_config("[bridge.xenbr0]\nprots = []\n");
  const Ran ran = vifchain("apply --boot");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.err, "vifchain.toml:2:1: unknown key \"prots\"")) << ran.err;
}

// As an init of the System V kind runs it.
Ran init_script(const std::string& word) {
  return run("sh " + boot_files() + "/vifchain.init " + word);
}

TEST_F(BootSystem, TheInitScriptStartsAndStopsAndTells) {
  Host::add_nic("eth1");
  EXPECT_EQ(init_script("status").exit_code, 3);
  EXPECT_EQ(init_script("start").exit_code, 0);
  EXPECT_TRUE(is_port("eth1", "xenbr1"));
  EXPECT_EQ(init_script("status").exit_code, 0);
  EXPECT_EQ(init_script("restart").exit_code, 0);
  EXPECT_EQ(init_script("stop").exit_code, 0);
  EXPECT_TRUE(is_port("eth1", "xenbr1")) << "nothing is taken away";
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  EXPECT_EQ(init_script("reload").exit_code, 0);
  EXPECT_FALSE(is_there("xenbr1"));
  EXPECT_EQ(init_script("begin").exit_code, 2);
  Host::write_config("[bridge.xenbr0]\nprots = []\n");
  EXPECT_EQ(init_script("start").exit_code, 1);
  EXPECT_EQ(init_script("status").exit_code, 4);
}

TEST_F(BootSystem, TheInitScriptWarnsOfWhatIsLeftOut) {
  sh("sed 's/apply --boot/apply --boot --wait 0/' " + boot_files() + "/vifchain.init >/run/init");
  const Ran ran = run("sh /run/init start");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(ran.out, "xenbr1: skipped")) << ran.out;
  EXPECT_TRUE(has(ran.out + ran.err, "Some of /etc/xen/vifchain.toml was skipped"))
      << ran.out << ran.err;
  EXPECT_TRUE(is_port("eth0", "xenbr0"));
}

// What openrc-run does with a script, as far as this one asks for it.
Ran openrc_script(const std::string& word) {
  std::ofstream("/run/openrc-run") << "ebegin() { echo \"$*\"; }\n"
                                      "ewarn() { echo \"$*\" >&2; }\n"
                                      "eend() { return \"$1\"; }\n"
                                      "need() { :; }\nafter() { :; }\nbefore() { :; }\n"
                                      "provide() { :; }\n"
                                      ". \"$1\"\n\"$2\"\n";
  return run("sh -e /run/openrc-run " + boot_files() + "/vifchain.openrc " + word);
}

TEST_F(BootSystem, TheOpenRcScriptStartsAndStops) {
  Host::add_nic("eth1");
  EXPECT_EQ(openrc_script("depend").exit_code, 0);
  EXPECT_EQ(openrc_script("start").exit_code, 0) << contents_of("/run/err");
  EXPECT_TRUE(is_port("eth1", "xenbr1"));
  EXPECT_EQ(openrc_script("stop").exit_code, 0);
  EXPECT_TRUE(is_port("eth1", "xenbr1"));
  EXPECT_EQ(openrc_script("reload").exit_code, 0);
  Host::write_config("[bridge.xenbr0]\nprots = []\n");
  EXPECT_EQ(openrc_script("reload").exit_code, 1);
}

class BootDaemon : public BootSystem {
 protected:
  void SetUp() override {
    BootSystem::SetUp();
    sh("mkdir -p /run/xenstored && ln -s " + std::string(std::getenv("XENSTORED_PATH")) +
       " /run/xenstored/socket");
  }
  void TearDown() override {
    if (is_up()) script("stop");
  }

  // As an init of the System V kind runs it.
  static Ran script(const std::string& word) {
    const char* program = std::getenv("VIFCHAIND");
    return run(std::string("VIFCHAIND=") + (program != nullptr ? program : "/usr/sbin/vifchaind") +
               " sh " + boot_files() + "/vifchaind.init " + word);
  }
  static bool is_up() { return has(vifchain("status --metrics").out, "\nvifchaind_up 1\n"); }
};

TEST_F(BootDaemon, TheInitScriptStartsAndStopsAndTells) {
  EXPECT_EQ(script("status").exit_code, 3);
  EXPECT_EQ(script("start").exit_code, 0);
  EXPECT_TRUE(eventually(is_up));
  EXPECT_EQ(script("status").exit_code, 0);
  const std::string process = contents_of("/run/vifchain/vifchaind.pid");
  EXPECT_EQ(script("start").exit_code, 0) << "once is enough";
  EXPECT_EQ(script("restart").exit_code, 0);
  EXPECT_TRUE(eventually(is_up));
  EXPECT_NE(contents_of("/run/vifchain/vifchaind.pid"), process);
  EXPECT_EQ(script("stop").exit_code, 0);
  EXPECT_FALSE(is_up());
  EXPECT_EQ(script("stop").exit_code, 0);
  EXPECT_EQ(script("reload").exit_code, 1) << "there is none";
  EXPECT_EQ(script("begin").exit_code, 2);
}

TEST_F(BootDaemon, TheInitScriptHasTheFileReadAnew) {
  ASSERT_EQ(script("start").exit_code, 0);
  ASSERT_TRUE(eventually(is_up));
  Host::write_config("[bridge.xenbr0]\nprots = []\n");
  EXPECT_EQ(script("reload").exit_code, 0);
  EXPECT_TRUE(eventually(
      [] { return has(vifchain("status --metrics").out, "\nvifchaind_config_mistake 1\n"); }));
}

TEST_F(BootDaemon, TheInitScriptStartsNothingWhereThereIsNoXen) {
  if (!sh("ls -d /dev/xen/xenbus 2>/dev/null || true").empty()) GTEST_SKIP() << "this is Xen";
  sh("rm /run/xenstored/socket");
  EXPECT_EQ(script("start").exit_code, 0);
  EXPECT_EQ(script("status").exit_code, 3);
}

// systemd's own judge; it wants the program where the unit says that it is.
TEST_F(BootSystem, SystemdFindsNothingWrongWithItsUnits) {
  if (sh("command -v systemd-analyze || true").empty()) GTEST_SKIP() << "no systemd here";
  sh("mkdir -p /run/units && cp " + boot_files() + "/*.service " + boot_files() +
     "/*.path /run/units/ && "
     "sed -i -E 's,=[^=]*/vifchaind?( |$),=/bin/true\\1,' /run/units/*.service && "
     "cp /run/units/vifchain-nic@.service /run/units/vifchain-nic@eth0.service");
  const Ran ran = run(
      "systemd-analyze verify --man=no /run/units/vifchain.service /run/units/vifchaind.service "
      "/run/units/vifchain-nic@eth0.service /run/units/vifchain-dhcp.path");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out + ran.err, "");
}

}  // namespace
}  // namespace vifchain

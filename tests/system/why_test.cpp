// SPDX-License-Identifier: Apache-2.0
// vifchain why as people run it, after runs of every program on a real kernel.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "example_files.hpp"
#include "host.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

std::string program(const char* variable, const char* usual) {
  const char* path = std::getenv(variable);
  return path != nullptr ? path : usual;
}

std::string hotplug_error(unsigned domid) {
  return Host::node(Host::backend(domid, 0) + "/hotplug-error");
}

// A host with two NICs, a bridge on one of them in the file, and the vif of guest "web" (5).
class Why : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    Host::write_config(one_bridge);
    Host::add_nic("eth0");
    Host::add_nic("eth1");
    Host::add_vif(5, 0, "xenbr0");
    Host::set_node("/local/domain/5/name", "web");
    Host::set_node("/libxl/5/device/vif/0/backend", Host::backend(5, 0));
  }

  static std::string why(const std::string& words) {
    const Ran ran = vifchain("why " + words);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
    return ran.out;
  }

  static nlohmann::json json(const std::string& link) {
    return nlohmann::json::parse(why(link + " --json"));
  }

  static void online() {
    ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0) << hotplug_error(5);
  }

  std::optional<Host> host_;
};

TEST_F(Why, TellsWhichGuestMadeABridge) {
  online();
  const auto text = why("xenbr0");
  EXPECT_TRUE(has(text, "  vif-chain online vif5.0 bridge=xenbr0  (took ")) << text;
  EXPECT_TRUE(has(text, "\n    create xenbr0, a bridge")) << text;
  EXPECT_TRUE(has(text, "\n    join eth0 to xenbr0: not yet a port of xenbr0\n")) << text;
  EXPECT_TRUE(has(text, "\n  done: vif5.0 is on xenbr0\n")) << text;
  EXPECT_TRUE(has(text, "Now: xenbr0: bridge, ")) << text;
  EXPECT_TRUE(has(text, "made by vifchain (netdev group 30307)")) << text;
  EXPECT_TRUE(has(text, "matches the file")) << text;
}

TEST_F(Why, TellsOfAVifWhoseItIsAndWhatWasDoneWithIt) {
  online();
  const auto text = why("vif5.0");
  EXPECT_TRUE(has(text, "join vif5.0 to xenbr0")) << text;
  EXPECT_TRUE(has(text, "vif of web/0 (vif5.0)")) << text;
  EXPECT_TRUE(has(text, "port of xenbr0 (a bridge, made by vifchain)")) << text;
  EXPECT_FALSE(has(text, "a template of")) << text;
  ASSERT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0);
  EXPECT_TRUE(has(why("vif5.0"), "vif-chain offline vif5.0")) << why("vif5.0");
}

TEST_F(Why, KnowsAVifByTheNameItWasGiven) {
  Host::set_node(Host::backend(5, 0) + "/vifname", "web-eth0");
  online();
  for (const char* name : {"web-eth0", "vif5.0"}) {
    const auto text = why(name);
    EXPECT_TRUE(has(text, "vif-chain online vif5.0 bridge=xenbr0 vifname=web-eth0")) << text;
    EXPECT_TRUE(has(text, "Now: web-eth0: ")) << text;
  }
}

TEST_F(Why, TellsWhyAGuestWasRefusedAndWhatIsStillInTheWay) {
  sh("ip link add br0 type bridge && ip link set eth0 master br0");
  EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 1);
  for (const char* link : {"eth0", "br0", "xenbr0", "vif5.0"}) {
    const auto text = why(link);
    EXPECT_TRUE(has(text, "vif-chain online vif5.0 bridge=xenbr0")) << link << ": " << text;
    EXPECT_TRUE(has(text, "  refused: eth0: already a port of ")) << text;
  }
  const auto text = why("eth0");
  EXPECT_TRUE(has(text, "port of br0 (a bridge, foreign)")) << text;
  EXPECT_TRUE(has(text, ": port of xenbr0")) << text;
  EXPECT_TRUE(has(text, "conflict: eth0: already a port of ")) << text;
  EXPECT_TRUE(has(why("vif5.0"), "hotplug-error: vif5.0: eth0: already a port of "));
}

TEST_F(Why, TellsWhoseLinkAnApplyFoundInItsWay) {
  sh("ip link add xenbr0 type veth peer name x");
  EXPECT_EQ(vifchain("apply").exit_code, 1);
  const auto text = why("xenbr0");
  EXPECT_TRUE(has(text, "vifchain apply  (took ")) << text;
  EXPECT_TRUE(has(
      text,
      "  refused: xenbr0: foreign link: expected a bridge, found neither bond, VLAN nor bridge"))
      << text;
  EXPECT_FALSE(has(text, "\n    xenbr0: is neither")) << "once is enough: " << text;
  EXPECT_TRUE(has(text,
                  "conflict: xenbr0: foreign link: expected a bridge, found "
                  "neither bond, VLAN nor bridge"))
      << text;
  EXPECT_TRUE(has(why("eth0"), "conflict: xenbr0:")) << "nor is its port taken: " << why("eth0");
}

TEST_F(Why, TellsWhatApplyAndDownDid) {
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_TRUE(has(why("eth0"), "  nothing to do\n")) << why("eth0");
  ASSERT_EQ(vifchain("down --all").exit_code, 0);
  const auto text = why("xenbr0");
  EXPECT_TRUE(has(text, "  vifchain apply  (")) << text;
  EXPECT_TRUE(has(text, "  vifchain down --all  (")) << text;
  EXPECT_TRUE(has(text, "    delete xenbr0")) << text;
  EXPECT_TRUE(has(text, "Now: xenbr0: no such link")) << text;
  EXPECT_TRUE(has(text, "apply would create xenbr0")) << text;
}

TEST_F(Why, TellsWhoCalledFromNetworkChainAndBySudo) {
  const Ran ran =
      run("SUDO_USER=alice " + program("NETWORK_CHAIN", "/etc/xen/scripts/network-chain") +
          " start netdev=eth1 bridge=xenbr1");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const auto text = why("eth1");
  EXPECT_TRUE(has(text, "vifchain up xenbr1 --port eth1")) << text;
  EXPECT_TRUE(
      has(text, "(called by network-chain start netdev=eth1 bridge=xenbr1, by alice, took "))
      << text;
}

TEST_F(Why, TellsACallAsAShellTakesIt) {
  sh("cp /etc/xen/vifchain.toml \"/run/it's.toml\"");
  ASSERT_EQ(vifchain("apply --config \"/run/it's.toml\"").exit_code, 0);
  EXPECT_TRUE(has(why("xenbr0"), R"(apply --config '/run/it'\''s.toml')")) << why("xenbr0");
}

TEST_F(Why, TellsThatAChainCouldNotGoWithItsLastVif) {
  const std::string right = std::string(one_bridge) + "teardown = \"last-vif\"\nlinger = 3\n";
  Host::write_config(right);
  online();
  ASSERT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0);
  Host::write_config("[bridge.xenbr0]\nprots = []\n");
  EXPECT_TRUE(eventually([] { return has(Host::log(), "taking down xenbr0: "); })) << Host::log();
  Host::write_config(right);
  EXPECT_TRUE(has(why("xenbr0"), "vif-chain, as the last vif of xenbr0 has left")) << why("xenbr0");
}

TEST_F(Why, TellsOfACallThatWasNone) {
  EXPECT_EQ(Host::vif_chain("onlien", 5, 0).exit_code, 1);
  EXPECT_TRUE(has(why("vif5.0"), "vif-chain for backend/vif/5/0")) << why("vif5.0");
}

TEST_F(Why, TellsOfAChangeThatWaitsAndThatItWentBack) {
  ASSERT_EQ(vifchain("apply --confirm 5").exit_code, 0);
  const auto waiting = why("xenbr0");
  EXPECT_TRUE(has(waiting, "\"vifchain confirm\" keeps it")) << waiting;
  EXPECT_TRUE(has(waiting, "otherwise it is rolled back in ")) << waiting;
  EXPECT_TRUE(eventually([] { return has(Host::log(), "the host is as it was before"); }));
  EXPECT_TRUE(eventually([] {
    return has(vifchain("why xenbr0").out, "vifchain apply --confirm, not confirmed in time");
  })) << why("xenbr0");
  const auto text = why("xenbr0");
  EXPECT_TRUE(has(text, "    delete xenbr0")) << text;
  EXPECT_FALSE(has(text, "\"vifchain confirm\" keeps it")) << text;
}

TEST_F(Why, TellsThatAChangeWasConfirmed) {
  ASSERT_EQ(vifchain("apply --confirm 3600").exit_code, 0);
  ASSERT_EQ(vifchain("confirm").exit_code, 0);
  EXPECT_TRUE(has(why("xenbr0"), "vifchain confirm  (took ")) << why("xenbr0");
  EXPECT_TRUE(has(why("xenbr0"), "  done: the change is kept\n"));
}

// It is held at the end of its first line in the ring, which is before its first change.
TEST_F(Why, TellsOfAnApplyThatWasKilled) {
  sh(environment() +
     "ASAN_OPTIONS=detect_leaks=0 strace -o /run/trace -P /var/lib/vifchain/runs -e trace=close "
     "-e inject=close:delay_enter=600000000 " +
     program("VIFCHAIN", "/usr/sbin/vifchain") +
     " apply >/dev/null 2>&1 </dev/null & echo $! >/run/holder");
  ASSERT_TRUE(eventually([] { return has(contents_of("/var/lib/vifchain/runs"), "began"); }));
  const auto killed = json("xenbr0").at("runs").at(0);
  EXPECT_EQ(killed.at("end"), "began");
  EXPECT_TRUE(has(why("xenbr0"), "seems to be running (process ")) << why("xenbr0");
  ::kill(killed.at("pid").get<pid_t>(), SIGKILL);
  sh("kill -KILL $(cat /run/holder)");
  EXPECT_TRUE(eventually([] {
    return has(vifchain("why xenbr0").out, "did not end: it was killed, or the machine went down");
  })) << why("xenbr0");
  EXPECT_TRUE(has(why("xenbr0"), "    to do: create xenbr0, a bridge")) << why("xenbr0");
  EXPECT_TRUE(has(why("xenbr0"), "Now: xenbr0: no such link")) << why("xenbr0");
}

TEST_F(Why, WithoutPrivilegesTellsHowThingsAreAndWhatItMayNotRead) {
  online();
  const Ran ran = vifchain("why xenbr0", "setpriv --reuid 65534 --regid 65534 --clear-groups");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(ran.out,
                  "note: earlier runs are not known: reading "
                  "/var/lib/vifchain/runs: Permission denied\n"))
      << ran.out;
  EXPECT_TRUE(has(ran.out, "Now: xenbr0: bridge, ")) << ran.out;
}

TEST_F(Why, WithoutPrivilegesSaysSoWhateverUmaskTheFolderWasMadeWith) {
  sh("umask 077; " + environment() + vifchain_program() + " apply");
  sh("chmod 700 /var/lib/vifchain");
  const Ran ran = vifchain("why xenbr0", "setpriv --reuid 65534 --regid 65534 --clear-groups");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(ran.out, "earlier runs are not known: ")) << ran.out;
  EXPECT_TRUE(has(ran.out, "is not known (/var/lib/vifchain/rollback: Permission denied)"))
      << ran.out;
  EXPECT_TRUE(has(ran.out, "Now: xenbr0: ")) << ran.out;
}

TEST_F(Why, IsAlsoForMachines) {
  sh("ip link add br0 type bridge && ip link set eth0 master br0");
  EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 1);
  const auto told = json("eth0");
  EXPECT_EQ(told.at("format"), 1);
  EXPECT_EQ(told.at("link"), "eth0");
  const auto run = told.at("runs").at(0);
  EXPECT_EQ(run.at("call"), "vif-chain online vif5.0 bridge=xenbr0");
  EXPECT_EQ(run.at("end"), "refused");
  EXPECT_EQ(run.at("conflicts").at(0).at("link"), "eth0");
  EXPECT_TRUE(has(run.at("time").get<std::string>(), "Z"));
  const auto now = told.at("now");
  EXPECT_EQ(now.at("controller"), "br0");
  EXPECT_FALSE(now.at("made_by_vifchain"));
  EXPECT_EQ(now.at("conflicts").at(0).at("link"), "eth0");
}

TEST_F(Why, ShowsAsManyRunsAsAreWanted) {
  for (int i = 0; i < 4; ++i) {
    online();
    ASSERT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0);
  }
  EXPECT_EQ(json("vif5.0").at("runs").size(), 8U);
  const auto runs = json("vif5.0 -n 3").at("runs");
  ASSERT_EQ(runs.size(), 3U);
  EXPECT_EQ(runs.at(2).at("call"), "vif-chain offline vif5.0");
}

TEST_F(Why, RefusesALinkThatNobodyKnowsWithTheNearestName) {
  online();
  const auto refusal = [](const std::string& words) {
    const Ran ran = vifchain("why " + words);
    EXPECT_EQ(ran.exit_code, 1) << words;
    EXPECT_EQ(ran.out, "") << words;
    return ran.err;
  };
  EXPECT_EQ(refusal("xenbr00"),
            "vifchain: error: unknown link \"xenbr00\" (not on this host, in "
            "/etc/xen/vifchain.toml, or in the recorded runs); did you mean \"xenbr0\"?\n");
  EXPECT_TRUE(has(refusal("no/name"), "invalid link name \"no/name\": ")) << refusal("no/name");
  EXPECT_TRUE(has(refusal("a-name-far-too-long-for-a-link"), "at most 15"));
  EXPECT_TRUE(has(refusal(""), "LINK is required"));
  EXPECT_TRUE(has(refusal("eth0 -n 0"), "not in range"));
  EXPECT_TRUE(has(refusal("eth0 -n many"), "-n"));
  EXPECT_TRUE(has(refusal("eth0 eth1"), "eth1"));
}

TEST_F(Why, RemembersALinkThatIsGoneEverywhere) {
  online();
  ASSERT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0);
  sh("ip link del vif5.0");
  const auto text = why("vif5.0");
  EXPECT_TRUE(has(text, "vif-chain online vif5.0")) << text;
  EXPECT_TRUE(has(text, "Now: vif5.0: no such link")) << text;
}

TEST_F(Why, OfANicThatNobodyUsesSaysSo) {
  const auto text = why("eth1");
  EXPECT_TRUE(has(text, "note: no recorded run was about eth1\n")) << text;
  EXPECT_TRUE(has(text, "not in /etc/xen/vifchain.toml")) << text;
}

TEST_F(Why, WithAWrongFileSaysWhatIsWrong) {
  online();
  Host::write_config("[bridge.xenbr0]\nprots = [\"eth0\"]\n");
  EXPECT_TRUE(has(why("xenbr0"), "the file has errors: /etc/xen/vifchain.toml:2:1"))
      << why("xenbr0");
  sh("rm /etc/xen/vifchain.toml");
  EXPECT_TRUE(has(why("xenbr0"), "no /etc/xen/vifchain.toml"));
}

TEST_F(Why, SaysWhatItPassedOver) {
  online();
  std::ofstream("/var/lib/vifchain/runs", std::ios::app) << "somebody was here\n";
  EXPECT_TRUE(has(why("xenbr0"), "note: skipped 1 unreadable line of the recorded runs\n"))
      << why("xenbr0");
}

TEST_F(Why, NoRunFailsForADiskThatIsFullOrReadOnly) {
  sh("mkdir /var/lib/vifchain && mount -t tmpfs -o size=4k tmpfs /var/lib/vifchain && "
     "dd if=/dev/zero of=/var/lib/vifchain/filler bs=4k count=1 2>/dev/null");
  online();
  ASSERT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0);
  EXPECT_TRUE(has(Host::log(), "this run cannot be recorded: writing /var/lib/vifchain/runs"))
      << Host::log();
  sh("mount -o remount,ro /var/lib/vifchain");
  online();
  EXPECT_EQ(vifchain("down --all --force").exit_code, 0);
  EXPECT_TRUE(has(Host::log(), "Read-only file system")) << Host::log();
}

// What it costs a vif: lines of several runs do not mix only if each is one write.
TEST_F(Why, CostsAVifOneWriteAndNoWait) {
  online();
  sh(environment() +
     "ASAN_OPTIONS=detect_leaks=0 XENBUS_PATH=backend/vif/5/0 vif=vif5.0 "
     "strace -o /run/trace -P /var/lib/vifchain/runs " +
     program("VIF_CHAIN", "/etc/xen/scripts/vif-chain") + " offline type_if=vif");
  EXPECT_EQ(sh("grep -oE '^[a-z0-9]+\\(' /run/trace | sort | tr -d '\n'"),
            "close(newfstatat(openat(write(")
      << contents_of("/run/trace");
}

TEST_F(Why, KeepsWholeLinesOfManyGuestsAtOnce) {
  constexpr unsigned guests = 40;
  Host::add_vifs(100, guests, "xenbr0");
  std::vector<pid_t> runs;
  for (unsigned domid = 100; domid < 100 + guests; ++domid)
    runs.push_back(Host::start_vif_chain("online", domid, 0));
  for (const pid_t one : runs) EXPECT_EQ(exit_code_of(one), 0);
  const auto told = json("xenbr0 -n 1000");
  EXPECT_EQ(told.at("runs").size(), guests);
  EXPECT_EQ(told.at("passed_over"), 0);
}

}  // namespace
}  // namespace vifchain

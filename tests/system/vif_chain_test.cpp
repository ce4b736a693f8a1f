// SPDX-License-Identifier: Apache-2.0
// vif-chain as libxl runs it: a process of its own, on a real kernel and a real xenstored.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "edge/store/store.hpp"
#include "example_files.hpp"
#include "host.hpp"

namespace vifchain {
namespace {

// A host with one NIC and a bridge over it.
class OnABridge : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    Host::write_config(one_bridge);
    Host::add_nic("eth0");
    Host::add_vif(5, 0, "xenbr0");
  }
  std::optional<Host> host_;
};

// A host with two NICs and the chains of the README.
class OnABond : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    for (const char* kind : {"bond", "vlan"})
      if (const auto why = why_no_kind(kind); !why.empty()) GTEST_SKIP() << why;
    Host::write_config(seven_lines);
    Host::add_nic("eth0");
    Host::add_nic("eth3");
    Host::add_vif(5, 0, "xenbrdmz");
  }
  std::optional<Host> host_;
};

std::string link(const std::string& name) {
  return sh("ip -d link show dev " + name);
}

std::string status(unsigned domid, unsigned devid = 0) {
  return Host::node(Host::backend(domid, devid) + "/hotplug-status");
}

std::string hotplug_error(unsigned domid, unsigned devid = 0) {
  return Host::node(Host::backend(domid, devid) + "/hotplug-error");
}

TEST_F(OnABridge, OnlineMakesTheBridgeAndConnectsTheVif) {
  const Ran ran = Host::vif_chain("online", 5, 0);
  EXPECT_EQ(ran.exit_code, 0) << hotplug_error(5);
  EXPECT_EQ(status(5), "connected");
  EXPECT_TRUE(has(link("vif5.0"), "master xenbr0"));
  EXPECT_TRUE(has(link("vif5.0"), "UP"));
  EXPECT_TRUE(has(link("eth0"), "master xenbr0"));
  EXPECT_TRUE(has(link("xenbr0"), "group 30307"));
  EXPECT_FALSE(has(link("eth0"), "group 30307"));
  EXPECT_FALSE(has(link("vif5.0"), "group 30307"));
}

TEST_F(OnABridge, SaysNothingOnStdoutAndStderr) {
  const Ran online = Host::vif_chain("online", 5, 0);
  const Ran offline = Host::vif_chain("offline", 5, 0);
  EXPECT_EQ(online.out + online.err + offline.out + offline.err, "");
}

TEST_F(OnABridge, SaysNothingOnStdoutAndStderrWhenItRefuses) {
  Host::set_node(Host::backend(5, 0) + "/bridge", "nowhere");
  const Ran refused = Host::vif_chain("online", 5, 0), wrong = Host::vif_chain("onlin", 5, 0);
  EXPECT_EQ(refused.exit_code + wrong.exit_code, 2);
  EXPECT_EQ(refused.out + refused.err + wrong.out + wrong.err, "");
}

TEST_F(OnABridge, TheFrontendLearnsTheBridgesMtu) {
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\nmtu = 1400\n");
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0) << hotplug_error(5);
  EXPECT_EQ(Host::node(Host::frontend(5, 0) + "/mtu"), "1400");
  EXPECT_TRUE(has(link("vif5.0"), "mtu 1400"));
}

TEST_F(OnABridge, TheBackendsMtuComesFirst) {
  Host::set_node(Host::backend(5, 0) + "/mtu", "1300");
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0) << hotplug_error(5);
  EXPECT_EQ(Host::node(Host::frontend(5, 0) + "/mtu"), "1300");
  EXPECT_TRUE(has(link("vif5.0"), "mtu 1300"));
}

TEST_F(OnABridge, AnMtuThatIsNoNumberIsRefused) {
  Host::set_node(Host::backend(5, 0) + "/mtu", "big");
  EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 1);
  EXPECT_EQ(hotplug_error(5), "vif5.0: mtu: expected 68 to 65517 bytes, found \"big\"");
}

TEST_F(OnABridge, TimesThatTheKernelRoundsAreReachedAllTheSame) {
  Host::write_config(
      "[bridge.xenbr0]\nports = [\"eth0\"]\nhello_time = 1.07\nageing_time = 299.99\n");
  EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0) << hotplug_error(5);
}

TEST_F(OnABridge, TheVifGetsTheMacThatNoBridgeAdopts) {
  sh("ip link set vif5.0 address 02:00:00:00:00:05");
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  EXPECT_TRUE(has(link("vif5.0"), "link/ether fe:ff:ff:ff:ff:ff"));
}

TEST_F(OnABridge, AddressesOnTheVifAreFlushedAndNoLinkLocalComes) {
  sh("ip addr add 192.0.2.9/24 dev vif5.0");
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  sh("ip link set g5.0 up");
  EXPECT_TRUE(eventually([] { return has(link("vif5.0"), "state UP"); }));
  EXPECT_EQ(sh("ip -o addr show dev vif5.0"), "");
  EXPECT_EQ(sh("ip -o -6 addr show dev eth0"), "");
}

TEST_F(OnABridge, OnlineAgainIsSuccessAndChangesNothing) {
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  const std::string before = Host::links();
  Host::set_node(Host::backend(5, 0) + "/hotplug-status", "");
  EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  EXPECT_EQ(status(5), "connected");
  EXPECT_EQ(Host::links(), before);
}

TEST_F(OnABridge, AStaleErrorIsGoneAfterSuccess) {
  Host::set_node(Host::backend(5, 0) + "/hotplug-error", "something old");
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  EXPECT_EQ(hotplug_error(5), "(none)");
}

TEST_F(OnABridge, OfflineTakesTheVifDownAndOffAndLeavesTheChain) {
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  EXPECT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0);
  EXPECT_FALSE(has(link("vif5.0"), "master"));
  EXPECT_FALSE(has(link("vif5.0"), "UP"));
  EXPECT_TRUE(has(link("eth0"), "master xenbr0"));
}

TEST_F(OnABridge, OfflineSucceedsWhateverIsMissing) {
  EXPECT_EQ(Host::vif_chain("offline", 9, 9).exit_code, 0) << "no link, no directory";
  sh("rm /etc/xen/vifchain.toml");
  EXPECT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0) << "no file";
  sh("ip link del vif5.0");
  EXPECT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0) << "no link";
}

TEST_F(OnABridge, OfflineSucceedsWhenTheBridgeIsGone) {
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  sh("ip link del xenbr0");
  EXPECT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0);
  EXPECT_FALSE(has(link("vif5.0"), "UP"));
}

TEST_F(OnABridge, OfflineSucceedsThoughItsDirectoryIsGone) {
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  open_store()->remove(Host::backend(5, 0));
  EXPECT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0);
  EXPECT_FALSE(has(link("vif5.0"), "master"));
  EXPECT_EQ(Host::vif_chain("remove", 5, 0, "type_if=tap").exit_code, 0);
}

TEST_F(OnABridge, AnUndeclaredBridgeIsRefusedWithTheNamesThatExist) {
  Host::set_node(Host::backend(5, 0) + "/bridge", "xenbrdmx");
  const Ran ran = Host::vif_chain("online", 5, 0);
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(status(5), "error");
  EXPECT_EQ(
      hotplug_error(5),
      "vif5.0: Could not find bridge device xenbrdmx: /etc/xen/vifchain.toml declares xenbr0, "
      "and no bridge of this name is on the host; add it there or correct the guest's "
      "bridge=");
  EXPECT_FALSE(has(link("eth0"), "master"));
  EXPECT_TRUE(has(Host::log(), "Could not find bridge device xenbrdmx"));
}

TEST_F(OnABridge, AWrongFileIsRefusedWithThePlaceOfTheMistake) {
  Host::write_config("[bridge.xenbr0]\nprots = [\"eth0\"]\n");
  EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 1);
  EXPECT_EQ(status(5), "error");
  EXPECT_TRUE(has(hotplug_error(5), "/etc/xen/vifchain.toml:2:1")) << hotplug_error(5);
  EXPECT_FALSE(has(link("eth0"), "master"));
}

TEST_F(OnABridge, AllMistakesOfTheFileAreInTheLog) {
  Host::write_config("[bridge.xenbr0]\nprots = [\"eth0\"]\nstpp = 1\n");
  EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 1);
  EXPECT_TRUE(has(hotplug_error(5), "and 1 more, all in the log")) << hotplug_error(5);
  EXPECT_TRUE(has(Host::log(), "vifchain.toml:2:1") && has(Host::log(), "vifchain.toml:3:1"));
}

TEST_F(OnABridge, AVifThatWouldBeInNoVlanIsRefused) {
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\nvlan_filtering = true\n");
  if (Host::vif_chain("online", 5, 0).exit_code == 1 &&
      has(hotplug_error(5), "Operation not supported"))
    GTEST_SKIP() << "this machine's kernel has no VLAN filtering; the lab's has";
  EXPECT_EQ(status(5), "error");
  EXPECT_TRUE(has(hotplug_error(5), "has no vlan_default_pvid")) << hotplug_error(5);
}

TEST_F(OnABridge, AMissingFileIsRefusedByName) {
  sh("rm /etc/xen/vifchain.toml");
  EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 1);
  EXPECT_TRUE(has(hotplug_error(5), "/etc/xen/vifchain.toml")) << hotplug_error(5);
}

TEST_F(OnABridge, OtherPairsOfCommandAndTypeAskNothing) {
  EXPECT_EQ(Host::vif_chain("online", 5, 0, "type_if=tap").exit_code, 0);
  EXPECT_EQ(Host::vif_chain("add", 5, 0, "type_if=vif").exit_code, 0);
  EXPECT_EQ(status(5), "");
  EXPECT_FALSE(has(link("vif5.0"), "master"));
}

TEST_F(OnABridge, OtherPairsLeaveAConnectedVifAlone) {
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  EXPECT_EQ(Host::vif_chain("offline", 5, 0, "type_if=tap").exit_code, 0);
  EXPECT_EQ(Host::vif_chain("remove", 5, 0, "type_if=vif").exit_code, 0);
  EXPECT_EQ(status(5), "connected");
  EXPECT_TRUE(has(link("vif5.0"), "master xenbr0"));
}

TEST_F(OnABridge, WordsThatNobodyKnowsArePassedOver) {
  const Ran ran =
      Host::vif_chain_with({"XENBUS_PATH=backend/vif/5/0", "vif=vif5.0"},
                           "antispoof=no online type_if=vif colour=red empty= =nothing a=b=c");
  EXPECT_EQ(ran.exit_code, 0) << hotplug_error(5);
  EXPECT_EQ(status(5), "connected");
}

TEST_F(OnABridge, AnUnknownCommandIsRefused) {
  EXPECT_EQ(Host::vif_chain("onlin", 5, 0).exit_code, 1);
  EXPECT_TRUE(has(hotplug_error(5), "unknown command \"onlin\""));
  EXPECT_EQ(status(5), "error");
}

TEST_F(OnABridge, AMissingXenbusPathIsRefusedWhereTheNameTells) {
  const Ran ran = Host::vif_chain_with({"vif=vif5.0"}, "online");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(hotplug_error(5), "XENBUS_PATH")) << hotplug_error(5);
}

TEST_F(OnABridge, EveryWrongCallLeavesItsReasonWhereTheToolstackLooks) {
  struct Call {
    std::string environment, words, reason;
  };
  for (const auto& [environment, words, reason] : std::vector<Call>{
           {"XENBUS_PATH=backend/vif/5/0", "onlin", "unknown command \"onlin\""},
           {"XENBUS_PATH=backend/vif/5/0", "type_if=vif", "no command"},
           {"XENBUS_PATH=backend/vif/5/0", "online type_if=bridge", "unknown type_if \"bridge\""},
           {"XENBUS_PATH=backend/vbd/5/0", "online",
            "XENBUS_PATH: expected backend/vif/DOMID/DEVID, found \"backend/vbd/5/0\""},
           {"INTERFACE=vif5.0-emu", "online", "XENBUS_PATH is not set"}}) {
    Host::set_node(Host::backend(5, 0) + "/hotplug-status", "");
    EXPECT_EQ(Host::vif_chain_with({environment, "vif=vif5.0"}, words).exit_code, 1) << words;
    EXPECT_EQ(status(5), "error") << words;
    EXPECT_TRUE(has(hotplug_error(5), reason)) << words << ": " << hotplug_error(5);
  }
}

TEST_F(OnABridge, TheAcceptedRepairByHandWorks) {
  const Ran ran = Host::vif_chain_with(
      {"XENBUS_PATH=backend/vif/5/0", "XENBUS_TYPE=vif", "XENBUS_BASE_PATH=backend", "vif=vif5.0",
       "script=/etc/xen/scripts/vif-chain"},
      "online");
  EXPECT_EQ(ran.exit_code, 0) << hotplug_error(5);
  EXPECT_EQ(status(5), "connected");
}

TEST_F(OnABridge, AnAbsoluteXenbusPathWorks) {
  const Ran ran =
      Host::vif_chain_with({"XENBUS_PATH=" + Host::backend(5, 0), "vif=vif5.0"}, "online");
  EXPECT_EQ(ran.exit_code, 0) << hotplug_error(5);
}

TEST_F(OnABridge, VariablesOfTheCallerDecideNothing) {
  const Ran ran = Host::vif_chain_with({"XENBUS_PATH=backend/vif/5/0", "vif=vif5.0", "bridge=evil",
                                        "ip=evil", "mtu=68", "vifname=evil", "dev=evil"},
                                       "online");
  EXPECT_EQ(ran.exit_code, 0) << hotplug_error(5);
  EXPECT_TRUE(has(link("vif5.0"), "mtu 1500"));
}

TEST_F(OnABridge, AMissingInterfaceIsNamed) {
  sh("ip link del vif5.0");
  EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 1);
  EXPECT_EQ(hotplug_error(5), "vif5.0: the backend has no network interface vif5.0");
  EXPECT_EQ(sh("ip -o link show master xenbr0 2>/dev/null || true"), "")
      << "the chain that was made for it is gone again";
}

TEST_F(OnABridge, AMissingNicIsNamed) {
  sh("ip link del eth0");
  EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 1);
  EXPECT_EQ(hotplug_error(5), "vif5.0: eth0: no such link on this host");
  EXPECT_EQ(sh("ip -o link show type bridge"), "");
}

TEST_F(OnABridge, ANicThatCarriesAddressesIsNotTaken) {
  sh("ip addr add 192.0.2.1/24 dev eth0");
  EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 1);
  EXPECT_TRUE(has(hotplug_error(5), "eth0: has 192.0.2.1/24")) << hotplug_error(5);
  EXPECT_EQ(sh("ip -o link show type bridge"), "");
}

TEST_F(OnABridge, APortOfSomebodyElsesBridgeIsNotStolen) {
  sh("ip link add br0 type bridge && ip link set eth0 master br0");
  EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 1);
  EXPECT_TRUE(has(hotplug_error(5), "eth0: already a port of ")) << hotplug_error(5);
  EXPECT_TRUE(has(link("eth0"), "master br0"));
}

TEST_F(OnABridge, AVifOnSomebodyElsesBridgeIsNotStolen) {
  sh("ip link add br0 type bridge && ip link set vif5.0 master br0");
  EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 1);
  EXPECT_TRUE(has(link("vif5.0"), "master br0"));
}

TEST_F(OnABridge, AVifOnAnotherBridgeOfOursMovesAndTheLogSaysSo) {
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\n[bridge.xenbr1]\nports = []\n");
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  Host::set_node(Host::backend(5, 0) + "/bridge", "xenbr1");
  EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0) << hotplug_error(5);
  EXPECT_TRUE(has(link("vif5.0"), "master xenbr1"));
  EXPECT_TRUE(has(Host::log(), "vif5.0 leaves xenbr0 for xenbr1")) << Host::log();
}

TEST_F(OnABridge, ALinkOfThatNameThatIsNoBridgeIsNotTouched) {
  sh("ip link add xenbr0 type veth peer name x");
  const std::string before = link("xenbr0");
  EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 1);
  EXPECT_TRUE(has(hotplug_error(5),
                  "xenbr0: foreign link: expected a bridge, found neither bond, VLAN nor bridge"))
      << hotplug_error(5);
  EXPECT_EQ(link("xenbr0"), before);
}

TEST_F(OnABridge, SigtermWhileWaitingEndsWithAReason) {
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  Host::add_vif(6, 0, "xenbr0");
  sh("ip link set eth0 nomaster");  // so that the run wants to change the chain
  const HeldLock lock("/run/vifchain/locks/xenbr0.lock");
  const pid_t run = Host::start_vif_chain("online", 6, 0);
  ASSERT_TRUE(eventually([&] { return has(sh("cat /proc/locks"), "-> FLOCK"); }));
  ::kill(run, SIGTERM);
  EXPECT_EQ(exit_code_of(run), 1);
  EXPECT_TRUE(has(hotplug_error(6), "SIGTERM")) << hotplug_error(6);
  EXPECT_EQ(status(6), "error");
}

TEST_F(OnABridge, AnswersWithinThirtySecondsWhenALockNeverComes) {
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  Host::add_vif(6, 0, "xenbr0");
  const HeldLock lock("/run/vifchain/locks/xenbr0.lock");
  EXPECT_EQ(Host::vif_chain("online", 6, 0).exit_code, 1);
  EXPECT_TRUE(has(hotplug_error(6), "no answer within 26 s")) << hotplug_error(6);
  EXPECT_TRUE(has(hotplug_error(6), "xenbr0")) << hotplug_error(6);
}

// --- what is gone, full, held or stopped ---------------------------------------------------------

TEST_F(OnABridge, AVifWithoutADirectoryIsRefusedAndNoneIsLeftBehind) {
  const std::string before = sh(environment() + "xenstore-ls -f /");
  EXPECT_EQ(Host::vif_chain("online", 99, 0).exit_code, 1);
  EXPECT_EQ(Host::vif_chain("add", 99, 0, "type_if=tap").exit_code, 1);
  EXPECT_EQ(Host::vif_chain("offline", 99, 0).exit_code, 0);
  EXPECT_EQ(Host::vif_chain("onlin", 99, 0).exit_code, 1);
  EXPECT_EQ(sh(environment() + "xenstore-ls -f /"), before);
  EXPECT_TRUE(has(Host::log(), "there is no directory backend/vif/99/0 in xenstore"))
      << Host::log();
}

// Where what is missing is waited for.
constexpr const char* patient_bridge = "[vif]\nwait = 20\n[bridge.xenbr0]\nports = [\"eth0\"]\n";

// Its bridge comes when it is gone.
TEST_F(OnABridge, AGuestThatIsDestroyedWhileItsVifWaitsLeavesNothing) {
  Host::write_config(patient_bridge);
  Host::set_node(Host::backend(5, 0) + "/bridge", "br9");
  const pid_t run = Host::start_vif_chain("online", 5, 0);
  ASSERT_TRUE(is_waited_for_a_link()) << hotplug_error(5);
  open_store()->remove("/local/domain/0/backend");
  open_store()->remove("/local/domain/5");
  sh("ip link add br9 type bridge && ip link set br9 up");
  EXPECT_EQ(exit_code_of(run), 1);
  EXPECT_EQ(Host::node("/local/domain/0/backend"), "(none)");
  EXPECT_EQ(Host::node("/local/domain/5"), "(none)");
  EXPECT_FALSE(has(link("vif5.0"), "master"));
}

TEST_F(OnABridge, ABridgeMayBeCalledLikeAFileOfOurs) {
  Host::write_config("[bridge.requests]\n[bridge.vifs]\n[bridge.chains]\n[bridge.filters]\n");
  unsigned domid = 10;
  for (const std::string bridge : {"requests", "vifs", "chains", "filters"}) {
    Host::add_vif(++domid, 0, bridge);
    EXPECT_EQ(Host::vif_chain("online", domid, 0).exit_code, 0) << hotplug_error(domid);
    EXPECT_EQ(Host::vif_chain("offline", domid, 0).exit_code, 0);
  }
  EXPECT_EQ(vifchain("apply").exit_code, 0);
}

TEST_F(OnABridge, OfflineSucceedsWhereRunIsReadOnly) {
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0) << hotplug_error(5);
  sh("mount -t tmpfs none /run/vifchain && mount -o remount,ro /run/vifchain");
  EXPECT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0);
  EXPECT_FALSE(has(link("vif5.0"), "master"));
  EXPECT_TRUE(has(Host::log(), "vif5.0 is handled without its lock")) << Host::log();
}

// A run that was stopped with the lock of the vif: whoever takes the guest away is not stopped.
TEST_F(OnABridge, OfflineDoesNotWaitForeverForWhoeverIsBusyWithTheVif) {
  Host::write_config(patient_bridge);
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0) << hotplug_error(5);
  Host::set_node(Host::backend(5, 0) + "/bridge", "br9");
  const pid_t run = Host::start_vif_chain("online", 5, 0);
  ASSERT_TRUE(is_waited_for_a_link()) << hotplug_error(5);
  ::kill(run, SIGSTOP);
  EXPECT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0);
  EXPECT_FALSE(has(link("vif5.0"), "master"));
  EXPECT_TRUE(
      has(Host::log(), "held by process " + std::to_string(run) + " (vif-chain, which is stopped)"))
      << Host::log();
  ::kill(run, SIGKILL);
  ::kill(run, SIGCONT);
  exit_code_of(run);
}

TEST_F(OnABridge, AnEmulatedNicWhoseNameIsTooLongIsAnswered) {
  for (const auto& [domid, devid] : {std::pair{32000U, 100U}, {1234567U, 0U}}) {
    Host::set_node(Host::backend(domid, devid) + "/bridge", "xenbr0");
    EXPECT_EQ(Host::vif_chain("add", domid, devid, "type_if=tap").exit_code, 1);
    EXPECT_TRUE(has(hotplug_error(domid, devid), "at most 15 are allowed"))
        << hotplug_error(domid, devid);
    EXPECT_EQ(Host::vif_chain("remove", domid, devid, "type_if=tap").exit_code, 0);
  }
}

// The pids of those that wait to take a chain down.
std::vector<std::string> lingering() {
  std::istringstream lines(
      sh("for p in /proc/[0-9]*; do [ \"$(cat $p/comm 2>/dev/null)\" = "
         "vif-chain ] && [ $(readlink $p/ns/net) = $(readlink "
         "/proc/self/ns/net) ] && echo ${p#/proc/}; done; true"));
  std::vector<std::string> all;
  for (std::string line; std::getline(lines, line);) all.push_back(line);
  return all;
}

TEST_F(OnABridge, OneProcessLingersForABridgeHoweverManyVifsLeave) {
  Host::write_config(
      "[bridge.xenbr0]\nports = [\"eth0\"]\nteardown = \"last-vif\"\nlinger = 300\n"
      "[bridge.xenbr1]\nteardown = \"last-vif\"\nlinger = 300\n");
  Host::add_vif(6, 0, "xenbr1");
  for (int round = 0; round < 5; ++round)
    for (const unsigned domid : {5U, 6U}) {
      ASSERT_EQ(Host::vif_chain("online", domid, 0).exit_code, 0) << hotplug_error(domid);
      ASSERT_EQ(Host::vif_chain("offline", domid, 0).exit_code, 0);
    }
  const auto left = lingering();
  EXPECT_EQ(left.size(), 2U);
  for (const auto& process : left) ::kill(std::stoi(process), SIGKILL);
}

TEST_F(OnABridge, AChainGoesSomeTimeAfterTheLastVifThatLeftIt) {
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\nteardown = \"last-vif\"\nlinger = 1\n");
  Host::add_vif(6, 0, "xenbr0");
  for (const unsigned domid : {5U, 6U}) {
    ASSERT_EQ(Host::vif_chain("online", domid, 0).exit_code, 0) << hotplug_error(domid);
    ASSERT_EQ(Host::vif_chain("offline", domid, 0).exit_code, 0);
  }
  EXPECT_TRUE(eventually([] { return !has(sh("ip link"), "xenbr0"); }));
  EXPECT_TRUE(eventually([] { return lingering().empty(); }));
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0) << "and comes again";
  ASSERT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0);
  EXPECT_TRUE(eventually([] { return !has(sh("ip link"), "xenbr0"); }));
}

class WithAStoppedStore : public ::testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override {
    try {
      host_.emplace(GetParam());
    } catch (const NoXenstored& reason) {
      GTEST_SKIP() << reason.what();
    }
    Host::write_config(one_bridge);
    Host::add_nic("eth0");
    for (const unsigned domid : {5U, 6U, 7U}) Host::add_vif(domid, 0, "xenbr0");
    for (const unsigned domid : {5U, 7U})
      ASSERT_EQ(Host::vif_chain("online", domid, 0).exit_code, 0) << hotplug_error(domid);
  }
  std::optional<Host> host_;
};

INSTANTIATE_TEST_SUITE_P(, WithAStoppedStore, ::testing::Values(StoreKind::c, StoreKind::ocaml),
                         [](const auto& kind) {
                           return kind.param == StoreKind::c ? "C" : "Ocaml";
                         });

// The kernel's clock says how long each took, whatever else this machine does.
TEST_P(WithAStoppedStore, EveryRunAnswersWithinThirtySeconds) {
  const auto began = std::chrono::steady_clock::now();
  host_->stop_store();
  const pid_t comes = Host::start_vif_chain("online", 6, 0);
  const pid_t goes = Host::start_vif_chain("offline", 5, 0);
  const std::string words = environment() + vifchain_program();
  const std::string answers = sh(words + " status >/run/status 2>&1 & one=$!; " + words +
                                 " vif 7/0 bridge=xenbr0 >/run/vif 2>&1 & two=$!; wait $one; "
                                 "echo status $?; wait $two; echo vif $?");
  EXPECT_EQ(exit_code_of(comes), 1);
  EXPECT_EQ(exit_code_of(goes), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30));
  host_->let_store_go_on();
  EXPECT_TRUE(has(answers, "vif 1")) << answers;
  EXPECT_TRUE(has(sh("cat /run/vif"), "xenstored has not answered for 15 s")) << sh("cat /run/vif");
  EXPECT_TRUE(has(sh("cat /run/status"), "xenstored has not answered")) << sh("cat /run/status");
  EXPECT_FALSE(has(link("vif5.0"), "master")) << "who goes needs nothing of xenstore";
  EXPECT_TRUE(has(link("vif7.0"), "master xenbr0"));
  EXPECT_FALSE(has(link("vif6.0"), "master"));
  EXPECT_EQ(Host::vif_chain("online", 6, 0).exit_code, 0) << hotplug_error(6);
}

TEST_F(OnABridge, WhatIsWrongWithABridgeOfOthersIsInTheLog) {
  sh("ip link add br0 type bridge && ip link add br1 type bridge stp_state 1 forward_delay 1500 && "
     "ip link set br1 up");
  Host::add_vif(6, 0, "br0");
  Host::add_vif(7, 0, "br1");
  ASSERT_EQ(Host::vif_chain("online", 6, 0).exit_code, 0) << hotplug_error(6);
  EXPECT_TRUE(has(Host::log(), "foreign bridge br0 is down, so its guests reach nobody"));
  ASSERT_EQ(Host::vif_chain("online", 7, 0).exit_code, 0) << hotplug_error(7);
  EXPECT_TRUE(
      has(Host::log(),
          "foreign bridge br1 runs STP: a new port, each guest's too, forwards nothing for 30 s"));
  EXPECT_TRUE(has(link("br0"), "state DOWN")) << "it is not ours to raise";
}

// No shell, no helper, one connection: what a vif costs besides its netlink messages.
TEST_F(OnABridge, AStandingChainCostsOneProcessAndOneConnectionToTheStore) {
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  Host::add_vif(6, 0, "xenbr0");
  sh(std::string("XENSTORED_PATH='") + std::getenv("XENSTORED_PATH") +
     "' ASAN_OPTIONS=detect_leaks=0 XENBUS_PATH=backend/vif/6/0 vif=vif6.0 strace -f -o /run/trace "
     "-e trace=execve,fork,vfork,clone,clone3,connect " +
     vif_chain_program() + " online type_if=vif");
  EXPECT_EQ(status(6), "connected");
  const auto calls = [](const std::string& pattern) {
    return sh("grep -cE '" + pattern + "' /run/trace || true");
  };
  EXPECT_EQ(calls("execve\\("), "1\n") << sh("cat /run/trace");
  EXPECT_EQ(calls("(fork|clone3?)\\("), "0\n") << sh("cat /run/trace");
  EXPECT_EQ(calls(std::string("connect\\(.*") + std::getenv("XENSTORED_PATH")), "1\n")
      << sh("cat /run/trace");
}

TEST_F(OnABond, OneRunMakesTheWholeChainOfSevenLines) {
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0) << hotplug_error(5);
  EXPECT_TRUE(has(link("vif5.0"), "master xenbrdmz"));
  EXPECT_TRUE(has(link("bond1.2"), "master xenbrdmz"));
  EXPECT_TRUE(has(link("bond1.2"), "vlan protocol 802.1Q id 2"));
  EXPECT_TRUE(has(link("bond1"), "mode 802.3ad miimon 100"));
  EXPECT_TRUE(has(link("bond1"), "lacp_rate fast"));
  EXPECT_TRUE(has(link("eth0"), "master bond1"));
  EXPECT_TRUE(has(link("eth3"), "master bond1"));
  EXPECT_TRUE(has(link("xenbrdmz"), "forward_delay 0"));
  EXPECT_TRUE(has(link("xenbrdmz"), "stp_state 0"));
  EXPECT_EQ(sh("ip -o link show xenbrlan 2>/dev/null || true"), "") << "nobody asked for it";
}

TEST_F(OnABond, BondAndBridgeAreBornWithTheFirstNicsMac) {
  sh("ip link set eth0 address 02:00:00:00:00:e0");
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0) << hotplug_error(5);
  EXPECT_TRUE(has(link("bond1"), "link/ether 02:00:00:00:00:e0"));
  EXPECT_TRUE(has(link("xenbrdmz"), "link/ether 02:00:00:00:00:e0"));
}

TEST_F(OnABond, VlanPortsHaveNoIpv6AddressOfTheirOwn) {
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0) << hotplug_error(5);
  EXPECT_EQ(sh("ip -o -6 addr show dev bond1.2"), "");
  EXPECT_EQ(sh("ip -o -6 addr show dev vif5.0"), "");
}

TEST_F(OnABond, AMissingPortLeavesTheBondDegradedAndJoinsLater) {
  sh("ip link del eth3");
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0) << hotplug_error(5);
  EXPECT_TRUE(has(Host::log(), "bond1: skipped port eth3 (no such link on this host)"));
  Host::add_nic("eth3");
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0) << hotplug_error(5);
  EXPECT_TRUE(has(link("eth3"), "master bond1"));
}

TEST_F(OnABond, ASecondGuestSharesTheChain) {
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  Host::add_vif(6, 0, "xenbrdmz");
  const std::string before = sh("ip -o link show group 30307 | cut -d: -f1,2");
  ASSERT_EQ(Host::vif_chain("online", 6, 0).exit_code, 0) << hotplug_error(6);
  EXPECT_EQ(sh("ip -o link show group 30307 | cut -d: -f1,2"), before);
  EXPECT_TRUE(has(link("vif6.0"), "master xenbrdmz"));
}

TEST_F(OnABond, AVlanLinkThatSombodyElseHoldsIsNamed) {
  sh("ip link add bond1 type bond && ip link set bond1 up && "
     "ip link add link bond1 name vlan2 type vlan id 2");
  EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 1);
  EXPECT_TRUE(has(hotplug_error(5), "bond1")) << hotplug_error(5);
  EXPECT_FALSE(has(link("eth0"), "master"));
}

TEST_F(OnABond, AVlanLinkOfSomebodyElsesThatCarriesAnAddressIsNotTaken) {
  sh("ip link add bond1 group 30307 type bond mode 802.3ad && ip link set bond1 up && "
     "ip link add link bond1 name bond1.2 type vlan id 2 && ip addr add 192.0.2.1/24 dev bond1.2");
  EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 1);
  EXPECT_TRUE(has(hotplug_error(5), "bond1.2: has 192.0.2.1/24")) << hotplug_error(5);
  EXPECT_TRUE(has(sh("ip -o addr show dev bond1.2"), "192.0.2.1/24"));
}

TEST_F(OnABond, OptionsThatWouldInterruptGuestsAreKeptAndSaidSo) {
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  Host::write_config(std::string(seven_lines) +
                     "stp = true\nvlan_filtering = true\n"
                     "vlan_default_pvid = 1\nageing_time = 100\n");
  Host::add_vif(6, 0, "xenbrdmz");
  ASSERT_EQ(Host::vif_chain("online", 6, 0).exit_code, 0) << hotplug_error(6);
  EXPECT_TRUE(has(link("xenbrdmz"), "stp_state 0"));
  EXPECT_TRUE(has(link("xenbrdmz"), "vlan_filtering 0"));
  EXPECT_TRUE(has(link("xenbrdmz"), "ageing_time 10000")) << "what interrupts nobody is done";
  EXPECT_TRUE(has(Host::log(), "xenbrdmz: stp stays false (file has true)"));
}

TEST_F(OnABond, AChainThatStandsOtherwiseIsNotRebuiltUnderGuests) {
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  Host::write_config(std::string(seven_lines) +
                     "\n[vlan.\"bond1.2\"]\nlink = \"bond1\"\nid = 2\n"
                     "protocol = \"802.1ad\"\n");
  Host::add_vif(6, 0, "xenbrdmz");
  EXPECT_EQ(Host::vif_chain("online", 6, 0).exit_code, 1);
  EXPECT_TRUE(has(hotplug_error(6), "changing it would interrupt guests")) << hotplug_error(6);
  EXPECT_TRUE(has(link("bond1.2"), "802.1Q"));
  EXPECT_TRUE(has(link("vif5.0"), "master xenbrdmz"));
}

}  // namespace
}  // namespace vifchain

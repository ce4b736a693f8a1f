// SPDX-License-Identifier: Apache-2.0
// check, plan, apply, confirm, up and down as people run them, on a real kernel.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <thread>

#include "host.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

// A host that is reached over eth0, with addresses, and routes in several tables.
class HostCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    Host::add_nic("eth0");
    Host::add_nic("eth1");
    sh("ip link set eth0 up && ip addr add 10.0.0.5/24 dev eth0 && "
       "ip addr add 10.0.0.6/24 dev eth0 label eth0:1 && "
       "ip -6 addr add 2001:db8::5/64 dev eth0 nodad && "
       "ip route add default via 10.0.0.1 metric 100 && "
       "ip route add 198.51.100.0/24 via 10.0.0.9 table 77 && "
       "ip route add 203.0.113.0/24 dev eth0 src 10.0.0.6 mtu 1400 && "
       "ip -6 route add default via 2001:db8::1 && "
       "ip -6 route add 2001:db8:5::/48 via 2001:db8::7 metric 55");
    write(one_bridge);
  }

  static void write(const std::string& toml) { Host::write_config(toml); }

  // What this host's stack has, without what differs from run to run; `link` as "LINK".
  static std::string addresses(const std::string& link) {
    return sh("{ ip -o addr show dev " + link + " scope global; ip -4 route show table all dev " +
              link + " | grep -v 'table local'; ip -6 route show table all dev " + link +
              " | grep -v 'table local\\|^fe80\\|^ff00\\|^multicast'; } | "
              "sed 's/^[0-9]*: //; s/ *linkdown//; s/ tentative//; s/ nodad//; s/dynamic //; "
              "s/ noprefixroute//; s/" +
              link + "/LINK/g; s/valid_lft.*//' | tr -s ' ' | sort");
  }

  static std::string mac_of(const std::string& link) {
    return sh("ip -o link show dev " + link + " | grep -o 'link/ether [0-9a-f:]*'");
  }

  static constexpr const char* one_bridge = "[bridge.xenbr0]\nports = [\"eth0\"]\n";

  std::optional<Host> host_;
};

TEST_F(HostCommands, CheckSaysWhatARightFileHasInIt) {
  write("[bridge.xenbr0]\nports = [\"eth0.3\"]\n[bridge.\"xenbr{vid}\"]\nvids = \"100-199\"\n");
  const Ran ran = vifchain("check --file-only");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "/etc/xen/vifchain.toml is valid: 1 bridge, 1 template, 1 VLAN link.\n");
}

TEST_F(HostCommands, CheckNamesEveryMistakeWithItsPlace) {
  write("[bridge.xenbr0]\nprots = [\"eth0\"]\nmtu = 12\n");
  for (const char* command : {"check", "plan", "apply", "up xenbr0"}) {
    const Ran ran = vifchain(command);
    EXPECT_EQ(ran.exit_code, 1) << command;
    EXPECT_TRUE(has(ran.err, "vifchain.toml:2:1: unknown key \"prots\"")) << ran.err;
    EXPECT_TRUE(has(ran.err, "vifchain.toml:3:7:")) << ran.err;
    EXPECT_TRUE(has(ran.err, "has 2 errors (listed above)")) << ran.err;
  }
}

TEST_F(HostCommands, PlanSaysEachStepWithItsReasonAndChangesNothing) {
  const auto before = Host::links();
  const Ran ran = vifchain("plan");
  EXPECT_EQ(ran.exit_code, 2) << ran.err;
  EXPECT_TRUE(has(ran.out, "create xenbr0, a bridge")) << ran.out;
  EXPECT_TRUE(has(ran.out, "join eth0 to xenbr0\n      not yet a port of xenbr0\n")) << ran.out;
  EXPECT_TRUE(has(ran.out, "\n7 steps\n")) << ran.out;
  EXPECT_EQ(Host::links(), before);
}

TEST_F(HostCommands, PlanIsAlsoForMachines) {
  const Ran ran = vifchain("plan --json");
  EXPECT_EQ(ran.exit_code, 2) << ran.err;
  EXPECT_TRUE(has(ran.out, "\"step\": \"join eth0 to xenbr0\"")) << ran.out;
  EXPECT_TRUE(has(ran.out, "\"impact\": \"hot\"")) << ran.out;
}

TEST_F(HostCommands, ApplyMovesEveryAddressAndRouteAndDownMovesThemBack) {
  const auto before = addresses("eth0");
  ASSERT_TRUE(has(before, "table 77") && has(before, "mtu 1400") && has(before, "2001:db8:5::"))
      << before;
  const Ran up = vifchain("apply");
  ASSERT_EQ(up.exit_code, 0) << up.err;
  EXPECT_EQ(addresses("xenbr0"), before);
  EXPECT_EQ(addresses("eth0"), "");
  EXPECT_EQ(mac_of("xenbr0"), mac_of("eth0"));
  EXPECT_FALSE(has(sh("ip -6 addr show dev eth0"), "fe80")) << "a port has no address";
  EXPECT_EQ(vifchain("plan").exit_code, 0);
  const Ran down = vifchain("down --all");
  ASSERT_EQ(down.exit_code, 0) << down.err;
  EXPECT_EQ(addresses("eth0"), before);
  EXPECT_TRUE(has(sh("ip -6 addr show dev eth0"), "fe80"));
  EXPECT_FALSE(has(sh("ip link"), "xenbr0"));
}

TEST_F(HostCommands, AddressesAndRoutesFollowTheOnlyNicOfABridgeThatStays) {
  const auto before = addresses("eth0");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  write("[bridge.xenbr0]\nports = []\n[bridge.xenbr1]\nports = [\"eth0\"]\n");
  EXPECT_TRUE(has(vifchain("check").out, " to xenbr1, following "));
  const Ran moved = vifchain("apply");
  ASSERT_EQ(moved.exit_code, 0) << moved.err;
  EXPECT_EQ(addresses("xenbr1"), before);
  EXPECT_EQ(addresses("xenbr0"), "");
  EXPECT_EQ(vifchain("plan").exit_code, 0) << vifchain("plan").out;
  ASSERT_EQ(vifchain("rollback").exit_code, 0);
  EXPECT_EQ(addresses("xenbr0"), before);
  EXPECT_FALSE(has(sh("ip link"), "xenbr1"));
}

TEST_F(HostCommands, UpTakesThemFromABridgeThatItIsNotAbout) {
  const auto before = addresses("eth0");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  write("[bridge.xenbr0]\nports = []\n[bridge.xenbr1]\nports = [\"eth0\"]\n");
  const Ran up = vifchain("up xenbr1");
  ASSERT_EQ(up.exit_code, 0) << up.err;
  EXPECT_EQ(addresses("xenbr1"), before);
  EXPECT_EQ(addresses("xenbr0"), "");
  const Ran plan = vifchain("plan");
  EXPECT_EQ(plan.exit_code, 0) << "it is none of this host's any more:\n" << plan.out;
}

TEST_F(HostCommands, TheFilesAddressesComeAndGoWithIt) {
  write(
      "[bridge.xenbr9]\naddresses = [\"172.16.0.1/24\", \"fd00::1/64\"]\n"
      "gateway = [\"172.16.0.9\", \"fd00::9\"]\n");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_TRUE(has(sh("ip addr show dev xenbr9"), "172.16.0.1/24"));
  EXPECT_TRUE(has(sh("ip route show default"), "via 172.16.0.9 dev xenbr9"));
  EXPECT_TRUE(has(sh("ip -6 route show default"), "via fd00::9 dev xenbr9"));
  EXPECT_EQ(vifchain("plan").exit_code, 0);
  write("[bridge.xenbr9]\naddresses = [\"172.16.0.2/24\"]\n");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_FALSE(has(sh("ip addr show dev xenbr9"), "172.16.0.1/24"));
  EXPECT_FALSE(has(sh("ip route show default"), "xenbr9"));
}

// State, MTU and the way of making IPv6 addresses; not what runs by itself.
std::string nic(const std::string& name) {
  return sh("ip -d -o link show dev " + name +
            " | grep -o 'mtu [0-9]*\\|master [^ ]*\\|addrgenmode [^ ]*\\|[<,]UP[,>]'");
}

TEST_F(HostCommands, ANicIsLeftAsItWasFound) {
  sh("ip link set eth1 mtu 1480 && echo 3 > /proc/sys/net/ipv6/conf/eth1/addr_gen_mode");
  const auto before = nic("eth1");
  write("[bridge.xenbr0]\nports = [\"eth1\"]\nmtu = 1400\n");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_TRUE(has(nic("eth1"), "mtu 1400") && has(nic("eth1"), "UP")) << nic("eth1");
  ASSERT_EQ(vifchain("apply").exit_code, 0) << "and a second one does not forget";
  ASSERT_EQ(vifchain("down xenbr0").exit_code, 0);
  EXPECT_EQ(nic("eth1"), before);
  EXPECT_EQ(sh("ls /run/vifchain/nics"), "");
}

TEST_F(HostCommands, ANicThatTheFileForgetsIsFreeAsItWas) {
  const auto before = nic("eth1");
  write("[bridge.xenbr0]\nports = [\"eth0\", \"eth1\"]\n");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_TRUE(has(nic("eth1"), "master xenbr0"));
  write(one_bridge);
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_EQ(nic("eth1"), before);
  EXPECT_TRUE(has(nic("eth0"), "master xenbr0"));
}

TEST_F(HostCommands, APortThatSomebodyElseAddedStays) {
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  sh("ip link set eth1 master xenbr0");
  EXPECT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_TRUE(has(nic("eth1"), "master xenbr0"));
}

TEST_F(HostCommands, AGuestStaysWhateverTheFileForgets) {
  Host::add_vif(5, 0, "xenbr0");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  write("[bridge.xenbr1]\nports = []\n");
  const Ran ran = vifchain("apply");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(ran.out, "xenbr0 is no longer in the file: kept, as it is in use"));
  EXPECT_TRUE(has(sh("ip link show dev vif5.0"), "master xenbr0"));
}

TEST_F(HostCommands, DownLeavesWhatAGuestUsesUnlessForced) {
  Host::add_vif(5, 0, "xenbr0");
  ASSERT_EQ(vifchain("up xenbr0").exit_code, 0);
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  const Ran kept = vifchain("down xenbr0");
  EXPECT_EQ(kept.exit_code, 1) << kept.out;
  EXPECT_EQ(kept.err,
            "vifchain: error: xenbr0 is in use by vif5.0, not deleted\n"
            "hint: vifchain down --force xenbr0\n");
  EXPECT_FALSE(has(kept.out, "deleted.")) << kept.out;
  const Ran all = vifchain("down --all");
  EXPECT_EQ(all.exit_code, 1) << all.out;
  EXPECT_TRUE(has(all.err, "xenbr0 is in use by vif5.0, not deleted")) << all.err;
  EXPECT_FALSE(has(all.out, "deleted.")) << all.out;
  EXPECT_TRUE(has(sh("ip link"), "xenbr0"));
  EXPECT_EQ(vifchain("down xenbr0 --force").exit_code, 0);
  EXPECT_FALSE(has(sh("ip link"), "xenbr0"));
  EXPECT_TRUE(has(addresses("eth0"), "10.0.0.5/24"));
}

TEST_F(HostCommands, DownOfOneInUseTakesTheOthersAway) {
  write("[bridge.xenbr0]\nports = [\"eth0\"]\n[bridge.xenbr1]\nports = [\"eth1\"]\n");
  Host::add_vif(5, 0, "xenbr0");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  EXPECT_EQ(vifchain("down --all").exit_code, 1);
  EXPECT_TRUE(has(sh("ip link"), "xenbr0"));
  EXPECT_FALSE(has(sh("ip link"), "xenbr1"));
}

TEST_F(HostCommands, DownOfWhatIsDownAlreadyIsDone) {
  for (int twice = 0; twice < 2; ++twice) {
    const Ran never = vifchain("down xenbr0");
    EXPECT_EQ(never.exit_code, 0) << never.err;
    EXPECT_TRUE(has(never.out, "Nothing to do: xenbr0 is deleted.")) << never.out;
  }
  ASSERT_EQ(vifchain("up xenbr0").exit_code, 0);
  ASSERT_EQ(vifchain("down xenbr0").exit_code, 0);
  write("[bridge.other]\nports = []\n");
  EXPECT_EQ(vifchain("down xenbr0").exit_code, 0) << "it was taken down before the file forgot it";
  sh("ip link add other type bridge");
  EXPECT_EQ(vifchain("down othre").exit_code, 1);
}

TEST_F(HostCommands, DownOfABridgeThatWasOfNoFileIsDoneOnceItIsDown) {
  ASSERT_EQ(vifchain("up xenbr9 --port eth1").exit_code, 0);
  ASSERT_EQ(vifchain("up xenbr0").exit_code, 0);
  for (int twice = 0; twice < 2; ++twice) {
    const Ran down = vifchain("down xenbr9");
    EXPECT_EQ(down.exit_code, 0) << down.err;
  }
}

TEST_F(HostCommands, DownIsAboutBridgesThatVifchainMadeAlone) {
  sh("ip link add other type bridge");
  ASSERT_EQ(vifchain("up xenbr0").exit_code, 0);
  const Ran theirs = vifchain("down other");
  EXPECT_EQ(theirs.exit_code, 1) << "that is somebody else's";
  EXPECT_TRUE(has(theirs.err, "other: no bridge of that name was made by vifchain") &&
              has(theirs.err, "(it made xenbr0)"))
      << theirs.err;
  const Ran all = vifchain("down --all");
  EXPECT_EQ(all.exit_code, 0) << all.err;
  EXPECT_FALSE(has(sh("ip link"), "xenbr0"));
  EXPECT_TRUE(has(sh("ip link"), "other"));
}

TEST_F(HostCommands, WhoHasTheLockIsToldToWhoWaitsAndTheAnswerIsInTime) {
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  const HeldLock somebody("/run/vifchain/locks/xenbr0.lock");
  const auto began = std::chrono::steady_clock::now();
  const std::string words = environment() + vifchain_program();
  sh(words +
     " down xenbr0 >/run/out.down 2>&1 & one=$!; while ! grep -q waiting /run/out.down; do "
     "sleep 0.1; done; " +
     words + " apply >/run/out.apply 2>&1 & two=$!; wait $two; wait $one; true");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(45));
  const std::string holder = ", held by process " + std::to_string(::getpid()) + " (";
  const std::string down = contents_of("/run/out.down"), apply = contents_of("/run/out.apply");
  EXPECT_TRUE(has(down, "vifchain: note: waiting for the lock of xenbr0" + holder)) << down;
  EXPECT_TRUE(has(down, "no answer within 14 s: waited 14 s for the lock of xenbr0" + holder))
      << down;
  EXPECT_TRUE(has(
      apply, "vifchain: note: waiting for another run that changes this host, held by process "))
      << apply;
  EXPECT_TRUE(has(sh("ip -o link show xenbr0"), "xenbr0")) << "nothing was changed";
}

TEST_F(HostCommands, UpWithAPortIsForBridgesThatTheFileDoesNotHave) {
  const Ran wrong = vifchain("up xenbr0 --port eth1");
  EXPECT_EQ(wrong.exit_code, 1) << wrong.out;
  EXPECT_TRUE(has(wrong.err, "xenbr0 has the port eth0 there\nhint: vifchain up xenbr0\n"))
      << wrong.err;
  EXPECT_FALSE(has(sh("ip link"), "xenbr0"));
  const Ran same = vifchain("up xenbr0 --port eth0");
  EXPECT_EQ(same.exit_code, 0) << "both say the same";
  EXPECT_FALSE(has(same.out, "the next apply")) << same.out;
  const Ran new_one = vifchain("up xenbr9 --port eth1");
  EXPECT_EQ(new_one.exit_code, 0) << new_one.err;
  EXPECT_TRUE(has(new_one.out,
                  "note: xenbr9 is not in /etc/xen/vifchain.toml: the next apply "
                  "deletes it unless it is in use\nhint: "))
      << new_one.out;
  EXPECT_TRUE(has(nic("eth1"), "master xenbr9"));
  EXPECT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_FALSE(has(sh("ip link"), "xenbr9")) << "as it was told";
  EXPECT_EQ(vifchain("down xenbr0").exit_code, 0);
  EXPECT_EQ(vifchain("up xenbr0 --port eth1 --if-new").exit_code, 0);
  EXPECT_TRUE(has(nic("eth0"), "master xenbr0"));
}

TEST_F(HostCommands, UpTakesNoAddressOfAnotherBridgeItsWayOut) {
  const std::string bridge = "[bridge.xenbr0]\naddresses = [\"192.0.2.5/24\"]\n";
  sh("ip link set eth1 up");
  write(bridge + "ports = [\"eth1\"]\n");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  write(bridge + "[bridge.xenbr1]\nports = [\"eth1\"]\n");
  const Ran ran = vifchain("up xenbr1");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.err, "these chains alone would delete") && has(ran.err, "192.0.2.5/24"))
      << ran.err;
  EXPECT_TRUE(has(nic("eth1"), "master xenbr0"));
}

TEST_F(HostCommands, ALinkThatGoesIsDeletedAndOneThatIsMadeAnewIsRecreated) {
  write("[bridge.xenbr0]\nports = [\"eth0\"]\n[bridge.xenbr1]\nports = []\n");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  write(one_bridge);
  const Ran plan = vifchain("plan");
  EXPECT_TRUE(has(plan.out, "delete xenbr1 [deleted]\n      no longer needed\n")) << plan.out;
}

TEST_F(HostCommands, AFileThatIsWrongIsToldToMachinesToo) {
  write("[bridge.xenbr0]\nprots = []\n");
  for (const char* command : {"check --json", "plan --json", "check --all --json"}) {
    const Ran ran = vifchain(command);
    EXPECT_EQ(ran.exit_code, 1) << command;
    EXPECT_TRUE(has(ran.out, "\"mistakes\": [\n") && has(ran.out, "unknown key \\\"prots\\\""))
        << ran.out;
  }
}

TEST_F(HostCommands, WhatIsConfirmedStays) {
  const Ran ran = vifchain("apply --confirm 5");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(ran.out, "Run \"vifchain confirm\" within 5 s")) << ran.out;
  EXPECT_EQ(vifchain("confirm").exit_code, 0);
  EXPECT_EQ(vifchain("confirm").exit_code, 1) << "there is nothing more to confirm";
  std::this_thread::sleep_for(std::chrono::seconds(7));  // the window, and what it takes to go back
  EXPECT_TRUE(has(addresses("xenbr0"), "10.0.0.5/24"));
}

TEST_F(HostCommands, WhatIsNotConfirmedGoesBackThoughTheTerminalDies) {
  const auto before = addresses("eth0");
  const auto links = Host::links();
  sh("setsid sh -c '" + environment() + vifchain_program() +
     " apply --confirm 5 >/run/out 2>&1; echo done >/run/done; sleep 100' "
     ">/dev/null 2>&1 & "
     "echo $! >/run/session");
  ASSERT_TRUE(eventually([] { return sh("cat /run/done 2>/dev/null || true") == "done\n"; }))
      << contents_of("/run/out");
  EXPECT_TRUE(has(contents_of("/run/out"), "Run \"vifchain confirm\" within 5 s"));
  sh("pkill -KILL -s $(cat /run/session) || true");
  EXPECT_TRUE(eventually([] { return !has(sh("ip link"), "xenbr0"); })) << Host::log();
  EXPECT_TRUE(eventually([] { return has(Host::log(), "the host is as it was"); }));
  EXPECT_EQ(addresses("eth0"), before);
  EXPECT_EQ(Host::links(), links);
}

TEST_F(HostCommands, AnUnconfirmedFileGivesItsPlaceToTheOneBefore) {
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  write("[bridge.xenbr1]\nports = [\"eth1\"]\n");
  const Ran refused = vifchain("apply --confirm 5");
  EXPECT_EQ(refused.exit_code, 1) << "xenbr0 carries the default route";
  EXPECT_TRUE(has(refused.err, "xenbr0, which carries the default route")) << refused.err;
  ASSERT_EQ(vifchain("apply --confirm 5 --allow-empty").exit_code, 0);
  EXPECT_TRUE(eventually([] { return has(Host::log(), "the host is as it was"); })) << Host::log();
  EXPECT_EQ(contents_of("/etc/xen/vifchain.toml"), one_bridge);
  EXPECT_TRUE(has(contents_of("/etc/xen/vifchain.toml.unconfirmed"), "xenbr1"));
  EXPECT_TRUE(has(addresses("xenbr0"), "10.0.0.5/24"));
  EXPECT_EQ(vifchain("plan").exit_code, 0) << Host::log();
}

TEST_F(HostCommands, AGuestThatComesMeanwhileKeepsItsBridge) {
  ASSERT_EQ(vifchain("apply --confirm 5").exit_code, 0);
  Host::add_vif(5, 0, "xenbr0");
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  EXPECT_TRUE(eventually([] { return has(Host::log(), "the host is as it was"); }));
  EXPECT_TRUE(has(addresses("eth0"), "10.0.0.5/24")) << "the way in is more than a guest's way out";
  EXPECT_TRUE(has(sh("ip link show dev vif5.0"), "master xenbr0"));
}

TEST_F(HostCommands, OneChangeAtATimeWaitsToBeConfirmed) {
  ASSERT_EQ(vifchain("apply --confirm 3600").exit_code, 0);
  write("[bridge.xenbr1]\nports = []\n");
  for (const char* command : {"apply --confirm 60", "apply", "up xenbr1", "down --all"}) {
    const Ran ran = vifchain(command);
    EXPECT_EQ(ran.exit_code, 1) << command;
    EXPECT_TRUE(has(ran.err, "pending confirmation")) << ran.err;
  }
  EXPECT_EQ(vifchain("confirm").exit_code, 0);
}

TEST_F(HostCommands, WithoutPrivilegesNothingIsChanged) {
  const auto before = Host::links();
  for (const char* command : {"apply", "up xenbr0", "down --all"}) {
    const Ran ran = vifchain(command, "setpriv --reuid 65534 --clear-groups ");
    EXPECT_EQ(ran.exit_code, 1) << command;
    EXPECT_TRUE(has(ran.err, "permission denied (uid 65534)\nhint: run as root")) << ran.err;
  }
  EXPECT_EQ(Host::links(), before);
}

TEST_F(HostCommands, WrongWordsAreAnsweredWithTheRightOnes) {
  const auto before = Host::links();
  const std::pair<const char*, const char*> cases[] = {
      {"up xenbr9", "did you mean \"xenbr0\"?"},
      {"up", "BRIDGE is required"},
      {"down xenbrx", "xenbrx: no bridge of that name was made by vifchain (there are none)"},
      {"down", "name a BRIDGE or use --all"},
      {"down --all xenbr0", "--all takes no BRIDGE"},
      {"apply --confirm 1", "not in range"},
      {"apply --confirm soon", "confirm"},
      {"plan xenbr9", "did you mean \"xenbr0\"?"},
      {"check /no/such/file", "/no/such/file"},
      {"plan --config /no/such/file", "/no/such/file"},
  };
  for (const auto& [words, answer] : cases) {
    const Ran ran = vifchain(words);
    EXPECT_EQ(ran.exit_code, 1) << words;
    EXPECT_TRUE(has(ran.err, answer)) << words << ": " << ran.err;
  }
  EXPECT_EQ(Host::links(), before);
}

}  // namespace
}  // namespace vifchain

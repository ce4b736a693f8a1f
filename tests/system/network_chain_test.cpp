// SPDX-License-Identifier: Apache-2.0
// network-chain in the place of network-bridge: the kinds of wrapper that people wrote, each as its
// author meant it, on a real kernel.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <optional>

#include "host.hpp"

namespace vifchain {
namespace {

struct Wrapper {
  const char* name;
  const char* before;     // what the distribution has set up already
  const char* text;       // the wrapper
  const char* bridges;    // after its `start`: every bridge with its ports
  const char* file = "";  // vifchain.toml, mostly none
  const char* kind = "";  // of link that the kernel must have
};

const Wrapper wrappers[] = {
    {"TwoCallsThatPassTheirArgumentsOn", "",
     "dir=$(dirname \"$0\")\n\"$dir/network-bridge\" \"$@\" vifnum=0\n"
     "\"$dir/network-bridge\" \"$@\" vifnum=1\n",
     "xenbr0: eth0\nxenbr1: eth1\n"},
    {"BridgesCalledLikeTheirNics", "",
     "dir=$(dirname \"$0\")\n\"$dir/network-bridge\" \"$@\" netdev=eth0\n"
     "\"$dir/network-bridge\" \"$@\" netdev=eth1\n",
     "xenbr0: eth0\nxenbr1: eth1\n"},
    {"EverythingGiven", "",
     "dir=$(dirname \"$0\")\n\"$dir/network-bridge\" \"$@\" vifnum=0 netdev=eth0 bridge=xenbr0\n"
     "\"$dir/network-bridge\" \"$@\" vifnum=1 netdev=eth1 bridge=xenbr1\n",
     "xenbr0: eth0\nxenbr1: eth1\n"},
    {"TheSecondBridgeFirst", "",
     "set -e\nOP=$1\nshift\ndir=$(dirname \"$0\")\n"
     "\"$dir/network-bridge\" $OP vifnum=1 netdev=eth1 bridge=xenbr1\n"
     "\"$dir/network-bridge\" $OP vifnum=0 netdev=eth0 bridge=xenbr0\n",
     "xenbr0: eth0\nxenbr1: eth1\n"},
    {"ARenamedNetworkBridge", "ln -s network-bridge /run/scripts/network-bridge.xen",
     "for n in 0 1; do\n  /run/scripts/network-bridge.xen \"$1\" vifnum=$n\ndone\n",
     "xenbr0: eth0\nxenbr1: eth1\n"},
    {"StartSaidTwice", "",
     "dir=$(dirname \"$0\")\n\"$dir/network-bridge\" start netdev=eth0 bridge=xenbr0 $*\n"
     "\"$dir/network-bridge\" start netdev=eth1 bridge=xenbr1 $*\n",
     "xenbr0: eth0\nxenbr1: eth1\n"},
    {"BridgesThatTheDistributionMade",
     "ip link add br0 type bridge && ip link set eth1 master br0 && ip link set br0 up",
     "dir=$(dirname \"$0\")\n\"$dir/network-bridge\" \"$@\" bridge=br0 netdev=eth1\n"
     "\"$dir/network-bridge\" \"$@\" bridge=xenbrlan netdev=eth0\n",
     "br0: eth1\nxenbrlan: eth0\n"},
    {"AnIsolatedBridgeOnADummy", "",
     "dir=$(dirname \"$0\")\n\"$dir/network-bridge\" \"$@\" netdev=eth0 bridge=lan\n"
     "\"$dir/network-bridge\" \"$@\" netdev=eth1 bridge=wan\n"
     "\"$dir/network-bridge\" \"$@\" netdev=dummy0 bridge=dmz\n",
     "dmz:\nlan: eth0\nwan: eth1\n"},
    {"TheBooksDummy", "",
     "dir=$(dirname \"$0\")\n\"$dir/network-bridge\" \"$@\" vifnum=0\n"
     "\"$dir/network-bridge\" \"$@\" vifnum=1 netdev=dummy0\n",
     "xenbr0: eth0\nxenbr1:\n"},
    {"RoutedOutsideAndBridgedInside", "",
     "dir=$(dirname \"$0\")\n\"$dir/network-bridge\" \"$@\" netdev=dummy0 bridge=xenbr0\n",
     "xenbr0:\n"},
    {"VlansFirstAndStartAlone", "",
     "dir=$(dirname \"$0\")\n"
     "\"$dir/network-bridge\" start vlan=3 netdev=eth0 bridge=xenbr.eth0.3\n"
     "\"$dir/network-bridge\" start netdev=eth1 bridge=xenbr.eth1\n",
     "xenbr.eth0.3: eth0.3\nxenbr.eth1: eth1\n", "", "vlan"},
    {"ALoop", "",
     "dir=$(dirname \"$0\")\nfor i in 0 1; do\n"
     "  \"$dir/network-bridge\" \"$@\" vifnum=$i netdev=eth$i bridge=xenbr$i\ndone\n",
     "xenbr0: eth0\nxenbr1: eth1\n"},
    {"KeysInAGeneratorsOrder", "",
     "dir=$(dirname \"$0\")\n\"$dir/network-bridge\" \"$@\" netdev=eth0 bridge=xenbr0 vifnum=0 "
     "antispoof=no\n",
     "xenbr0: eth0\n"},
    {"AVlanOfABond",
     "ip link add bond0 type bond mode active-backup && ip link set eth1 down && "
     "ip link set eth1 master bond0 && ip link set bond0 up",
     "dir=$(dirname \"$0\")\n\"$dir/network-bridge\" \"$@\" vlan=20 netdev=bond0 bridge=xenbr20\n",
     "xenbr20: bond0.20\n", "", "bond"},
    {"ABlankBehindTheSign", "",
     "dir=$(dirname \"$0\")\n\"$dir/network-bridge\" \"$@\" netdev= eth1 bridge=xenbr1\n",
     "xenbr1: eth1\n"},
    {"BridgesOfTheFile", "",
     "dir=$(dirname \"$0\")\n\"$dir/network-bridge\" \"$@\" bridge=xenbrlan\n"
     "\"$dir/network-bridge\" \"$@\" netdev=eth1 bridge=xenbrdmz\n",
     "xenbrdmz: eth1\nxenbrlan: eth0\n", "[bridge.xenbrlan]\nports = [\"eth0\"]\n"},
};

std::string network_chain() {
  const char* path = std::getenv("NETWORK_CHAIN");
  return path != nullptr ? path : "/etc/xen/scripts/network-chain";
}

// A host that is reached over eth0, with a folder of scripts where network-bridge is network-chain.
class NetworkChain : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    sh("mkdir -p /run/scripts && install -m 755 " + network_chain() +
       " /run/scripts/network-bridge");
    Host::add_nic("eth0");
    Host::add_nic("eth1");
    sh("ip link set eth1 up");
    Host::live_on("eth0");
  }

  // As xend, an init script or a person calls it.
  static Ran call(const std::string& script, const std::string& words) {
    const auto code = sh(environment() + "/run/scripts/" + script + " " + words +
                         " >/run/out 2>/run/err; echo $?");
    return {std::stoi(code), contents_of("/run/out"), contents_of("/run/err")};
  }

  static void write_wrapper(const std::string& text) {
    std::ofstream("/run/scripts/wrapper") << "#!/bin/bash\n" << text;
    sh("chmod +x /run/scripts/wrapper");
  }

  // "xenbr0: eth0 eth1" for each bridge, by name.
  static std::string bridges() {
    return sh(
        "for b in $(ip -o link show type bridge | sed -E 's/^[0-9]+: ([^:@]+).*/\\1/' | sort); "
        "do echo \"$b:$(ip -o link show master $b | sed -E 's/^[0-9]+: ([^:@]+).*/ \\1/' | "
        "sort | tr -d '\\n')\"; done");
  }

  std::optional<Host> host_;
};

class EveryWrapper : public NetworkChain, public ::testing::WithParamInterface<Wrapper> {};

TEST_P(EveryWrapper, DoesWhatItsAuthorMeantAsOftenAsItIsCalled) {
  const Wrapper& wrapper = GetParam();
  if (*wrapper.kind != '\0')
    if (const auto why = why_no_kind(wrapper.kind); !why.empty()) GTEST_SKIP() << why;
  if (*wrapper.file != '\0') Host::write_config(wrapper.file);
  if (*wrapper.before != '\0') sh(wrapper.before);
  write_wrapper(wrapper.text);
  for (int restart_of_xend = 0; restart_of_xend < 3; ++restart_of_xend) {
    const Ran ran = call("wrapper", "start");
    EXPECT_EQ(ran.exit_code, 0) << ran.err << ran.out;
    EXPECT_EQ(bridges(), wrapper.bridges) << ran.err;
    EXPECT_NE(sh("ip -o -4 addr show").find("10.0.0.5/24"), std::string::npos);
    EXPECT_NE(sh("ip route show default").find("via 10.0.0.1"), std::string::npos);
  }
}

INSTANTIATE_TEST_SUITE_P(Found, EveryWrapper, ::testing::ValuesIn(wrappers),
                         [](const auto& wrapper) { return std::string(wrapper.param.name); });

TEST_F(NetworkChain, StopGivesTheAddressesBackAndLeavesTheOtherBridges) {
  ASSERT_EQ(call("network-bridge", "start netdev=eth0 bridge=xenbr0").exit_code, 0);
  ASSERT_EQ(call("network-bridge", "start netdev=eth1 bridge=xenbr1").exit_code, 0);
  EXPECT_EQ(call("network-bridge", "stop netdev=eth0 bridge=xenbr0").exit_code, 0);
  EXPECT_EQ(bridges(), "xenbr1: eth1\n");
  EXPECT_NE(sh("ip -o -4 addr show dev eth0").find("10.0.0.5/24"), std::string::npos);
  EXPECT_EQ(call("network-bridge", "stop netdev=eth0 bridge=xenbr0").exit_code, 0)
      << "what is not there is stopped";
}

TEST_F(NetworkChain, StopOfABridgeInUseSaysThatItStays) {
  ASSERT_EQ(call("network-bridge", "start netdev=eth0 bridge=xenbr0").exit_code, 0);
  Host::add_vif(5, 0, "xenbr0");
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  const Ran ran = call("network-bridge", "stop netdev=eth0 bridge=xenbr0");
  EXPECT_EQ(ran.exit_code, 1) << ran.out;
  EXPECT_TRUE(has(ran.err, "xenbr0 is in use by vif5.0, not deleted")) << ran.err;
  EXPECT_FALSE(has(ran.out, "deleted.")) << ran.out;
}

TEST_F(NetworkChain, ABridgeOfTheFileIsMadeAsTheFileSays) {
  Host::write_config("[bridge.xenbr0]\nports = [\"eth1\"]\n");
  EXPECT_EQ(call("network-bridge", "start netdev=eth0 bridge=xenbr0").exit_code, 0);
  EXPECT_EQ(bridges(), "xenbr0: eth1\n");
}

TEST_F(NetworkChain, WithoutWordsItIsTheWholeFile) {
  Host::write_config("[bridge.xenbrlan]\nports = [\"eth0\"]\n[bridge.xenbrint]\n");
  EXPECT_EQ(call("network-bridge", "start").exit_code, 0);
  EXPECT_EQ(bridges(), "xenbrint:\nxenbrlan: eth0\n");
  EXPECT_NE(call("network-bridge", "status").out.find("xenbrlan"), std::string::npos);
  EXPECT_EQ(call("network-bridge", "stop").exit_code, 0);
  EXPECT_EQ(bridges(), "");
}

TEST_F(NetworkChain, WithoutFileAndWordsItIsTheLinkOfTheDefaultRoute) {
  EXPECT_EQ(call("network-bridge", "start").exit_code, 0);
  EXPECT_EQ(bridges(), "xenbr0: eth0\n");
  EXPECT_EQ(call("network-bridge", "start").exit_code, 0);
  EXPECT_EQ(bridges(), "xenbr0: eth0\n");
}

TEST_F(NetworkChain, NullIsNoBridge) {
  EXPECT_EQ(call("network-bridge", "start netdev=eth0 bridge=null").exit_code, 0);
  EXPECT_EQ(bridges(), "");
}

TEST_F(NetworkChain, WrongWordsAreAnsweredAndChangeNothing) {
  for (const char* words : {"", "restart", "start vifnum=one", "start vlan=x",
                            "start netdev=eth9 bridge=xenbr9", "start 'bridge=a b'"}) {
    const Ran ran = call("network-bridge", words);
    EXPECT_EQ(ran.exit_code, 1) << words;
    EXPECT_FALSE(ran.err.empty()) << words;
    EXPECT_EQ(bridges(), "") << words;
  }
}

}  // namespace
}  // namespace vifchain

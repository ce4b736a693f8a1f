// SPDX-License-Identifier: Apache-2.0
// What single commands of network tools tell.
#include "convert/import/script/command.hpp"

#include <gtest/gtest.h>

#include "convert/import/script/shell.hpp"
#include "draft_text.hpp"

namespace vifchain {
namespace {

DraftConfig told(std::string_view lines) {
  DraftConfig draft;
  Telling telling{draft};
  for (const auto& command : read_shell({.file = "script", .text = lines}).commands)
    tell(command, telling);
  return draft;
}

std::string file_from(std::string_view lines) {
  return file_of(told(lines));
}

std::string remarks_from(std::string_view lines) {
  return remarks_of(told(lines));
}

constexpr std::string_view bond = R"([bond.bond0]
ports  = ["eth0", "eth1"]
mode   = "802.3ad"
miimon = 100
)";

TEST(Command, MakesABondInWhateverWords) {
  EXPECT_EQ(file_from("ip link add bond0 type bond mode 4 miimon 100\n"
                      "ip link set eth0 master bond0\nip link set master bond0 dev eth1"),
            bond);
  EXPECT_EQ(file_from("modprobe bonding -o bond0 mode=802.3ad miimon=100\n"
                      "ifenslave bond0 eth0 eth1"),
            bond);
  EXPECT_EQ(
      file_from("insmod /lib/modules/bonding.ko mode=4 miimon=100; ifenslave bond0 eth0 eth1"),
      bond);
  EXPECT_EQ(file_from("B=/sys/class/net; echo +bond0 > $B/bonding_masters\n"
                      "echo 802.3ad > $B/bond0/bonding/mode; echo 100 > $B/bond0/bonding/miimon\n"
                      "echo +eth0 > $B/bond0/bonding/slaves; echo +eth1 >$B/bond0/bonding/slaves"),
            bond);
}

constexpr std::string_view bridge = R"([bridge.br0]
ports         = ["eth0"]
forward_delay = 4
ageing_time   = 120
[port.eth0]
cost = 19
)";

TEST(Command, MakesABridgeInWhateverWords) {
  EXPECT_EQ(
      file_from("brctl addbr br0; brctl stp br0 off; brctl setfd br0 4\n"
                "brctl setageing br0 120; brctl addif br0 eth0; brctl setpathcost br0 eth0 19"),
      bridge);
  EXPECT_EQ(file_from("ip link add br0 type bridge forward_delay 400 ageing_time 12000\n"
                      "ip link set eth0 master br0; ip link set eth0 type bridge_slave cost 19"),
            bridge);
  EXPECT_EQ(file_from("brctl addbr br0; ip link set dev eth0 master br0\n"
                      "echo 400 > /sys/class/net/br0/bridge/forward_delay\n"
                      "echo 12000 > /sys/devices/virtual/net/br0/bridge/ageing_time\n"
                      "echo 19 > /sys/class/net/eth0/brport/path_cost"),
            bridge);
}

TEST(Command, NamesVlanLinksAsVconfigWasTold) {
  const auto name = [](const std::string& type) {
    return told("vconfig set_name_type " + type + "; vconfig add eth0 3").links().front()->name;
  };
  EXPECT_EQ(name("VLAN_PLUS_VID"), "vlan0003");
  EXPECT_EQ(name("VLAN_PLUS_VID_NO_PAD"), "vlan3");
  EXPECT_EQ(name("DEV_PLUS_VID"), "eth0.0003");
  EXPECT_EQ(name("DEV_PLUS_VID_NO_PAD"), "eth0.3");
  EXPECT_EQ(told("vconfig add eth0 3").links().front()->name, "eth0.3");
}

constexpr std::string_view hosting = R"([bridge.br0]
ports     = []
addresses = ["192.0.2.5/24"]
gateway   = ["192.0.2.1"]
routes    = [{ to = "198.51.100.0/24", via = "192.0.2.254" }]
)";

TEST(Command, PutsAddressesAndRoutesOnTheLinkThatLeadsThere) {
  EXPECT_EQ(file_from("brctl addbr br0; ip addr add 192.0.2.5/24 brd + dev br0\n"
                      "ip route add default via 192.0.2.1\n"
                      "ip r replace 198.51.100.0/24 via 192.0.2.254 dev br0"),
            hosting);
  EXPECT_EQ(file_from("brctl addbr br0; ifconfig br0 192.0.2.5 netmask 255.255.255.0 up\n"
                      "route add default gw 192.0.2.1\n"
                      "route add -net 198.51.100.0 netmask 255.255.255.0 gw 192.0.2.254 br0"),
            hosting);
  EXPECT_EQ(remarks_from("ip route add 10.0.0.0/8 via 10.1.1.1"),
            "1: no link is known that leads to 10.1.1.1");
}

TEST(Command, TakesBackWhatALaterOneUndoes) {
  EXPECT_EQ(file_from("brctl addbr br0; brctl addif br0 eth0; brctl delif br0 eth0\n"
                      "brctl addbr br1; brctl delbr br1; ip addr add 192.0.2.1/24 dev br0\n"
                      "ip addr flush dev br0; ip link add br2 type bridge; ip link del br2"),
            "[bridge.br0]\nports = []\n");
}

TEST(Command, KeepsAPortInVlanOneUnlessItIsTakenOut) {
  EXPECT_EQ(file_from("ip link add br0 type bridge vlan_filtering 1 vlan_default_pvid 1\n"
                      "ip link set eth0 master br0; bridge vlan add dev eth0 vid 10-19\n"
                      "ip link set eth1 master br0; bridge vlan add dev eth1 vid 20\n"
                      "bridge vlan del dev eth1 vid 1"),
            "[bridge.br0]\nports             = [\"eth0\", \"eth1\"]\nvlan_filtering    = true\n"
            "vlan_default_pvid = 1\n[port.eth0]\nvlans = \"10-19\"\npvid  = 1\n"
            "[port.eth1]\nvlans = \"20\"\n");
}

TEST(Command, LeavesLinksThatOnlyStandForSomething) {
  EXPECT_EQ(file_from("brctl addbr br0; brctl addif br0 dummy0; brctl addif br0 vif1.0\n"
                      "brctl addif br0 peth0"),
            "[bridge.br0]\nports = [\"eth0\"]\n");
  EXPECT_EQ(remarks_from("brctl addif br0 vif1.0"), "1: guests' ports join when the guests start");
}

TEST(Command, SaysNothingOfWhatOnlyLooksOrWaits) {
  EXPECT_EQ(
      remarks_from("sleep 5; ip link show br0; brctl show; ifconfig; echo done; logger x\n"
                   "cat /proc/net/bonding/bond0 > /dev/null; modprobe 8021q; ip link set x up"),
      "");
}

TEST(Command, SaysWhereElseAThingBelongs) {
  EXPECT_EQ(remarks_from("ethtool -K eth0 gro off\nsysctl -w a=1\niptables -F\n"
                         "echo 1 > /proc/sys/net/ipv4/ip_forward\n/opt/thing"),
            "1: a NIC's own settings stay with ethtool\n2: kernel settings stay in sysctl.d\n"
            "3: a firewall's rules stay where they are\n4: kernel settings stay in sysctl.d\n"
            "5: it is not known what \"thing\" does: look yourself");
}

TEST(Command, IsNotFollowedWhereOnlyARunWouldTell) {
  EXPECT_EQ(file_from("brctl addbr $(hostname)"), "");
  EXPECT_EQ(remarks_from("brctl addbr $(hostname)"),
            "1: only a run would tell what brctl is to do: write what it comes to on this host");
}

TEST(Command, FollowsNoPathUpwards) {
  EXPECT_EQ(remarks_from("echo 1 > /sys/class/net/../../kernel/x"),
            "1: a path with .. is not followed");
}

TEST(NetworkBridge, MakesABridgeThatTakesOverItsPortsAddresses) {
  EXPECT_EQ(file_from("ip addr add 192.0.2.5/24 dev eth1\n"
                      "/etc/xen/scripts/network-bridge start netdev=eth1 bridge=xenbr1"),
            "[bridge.xenbr1]\nports     = [\"eth1\"]\naddresses = [\"192.0.2.5/24\"]\n");
}

// As xen-scripts/network-chain does.
TEST(NetworkBridge, NamesWhatIsNotNamed) {
  const auto names = [](const std::string& words) {
    const auto draft = told("network-bridge start " + words);
    const auto* link = draft.links().front();
    return link->name + " on " + (link->ports.empty() ? "nothing" : link->ports.front());
  };
  EXPECT_EQ(names(""), "xenbr0 on eth0");
  EXPECT_EQ(names("vifnum=2"), "xenbr2 on eth2");
  EXPECT_EQ(names("netdev=eth3"), "xenbr3 on eth3");
  EXPECT_EQ(names("netdev=eth3 bridge=eth3"), "xenbr3 on eth3");
  EXPECT_EQ(names("netdev=bond0 vlan=7"), "xenbr7 on bond0.7");
  EXPECT_EQ(names("netdev= eth2 bridge=lan"), "lan on eth2");
  EXPECT_EQ(names("netdev=dummy0 bridge=dmz"), "dmz on nothing");
}

// It is of no account where both names are given.
TEST(NetworkBridge, NeedsNoVifnumThatOnlyARunWouldTell) {
  EXPECT_EQ(file_from("network-bridge start netdev=eth0 bridge=a vifnum=$(free_number)"),
            "[bridge.a]\nports = [\"eth0\"]\n");
  EXPECT_EQ(file_from("network-bridge start netdev=eth0 vifnum=$(free_number)"), "");
}

TEST(NetworkBridge, DoesNothingWhenItIsToldNothing) {
  EXPECT_EQ(file_from("network-bridge stop netdev=eth0; network-bridge start bridge=null\n"
                      "network-bridge status"),
            "");
  EXPECT_EQ(remarks_from("network-bridge netdev=eth0"),
            "1: careful: network-bridge is told neither start nor stop, and did nothing");
}

TEST(NetworkBridge, SaysOnceWhatHadNoEffectSinceXen41) {
  EXPECT_EQ(
      remarks_from("network-bridge start netdev=eth0 bridge=a\n"
                   "network-bridge start netdev=eth1 bridge=b\n"
                   "network-bridge start netdev=eth2 bridge=c\n"),
      "2: careful: since Xen 4.1 network-bridge did nothing once there was any bridge: neither "
      "this call nor any after it had an effect");
}

TEST(NetworkBridge, TakesAntispoofForTheFilterOfEachGuest) {
  const auto draft = told("network-bridge start netdev=eth0 bridge=a antispoof=yes");
  EXPECT_EQ(draft.antispoof, Antispoof::mac);
  EXPECT_EQ(draft.remarks().size(), 1U);
}

}  // namespace
}  // namespace vifchain

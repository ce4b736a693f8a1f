// SPDX-License-Identifier: Apache-2.0
// What vifchain export writes, as an administrator would have written it.
#include <gtest/gtest.h>

#include "convert/export/exporters.hpp"
#include "edge/parse/toml.hpp"

namespace vifchain {
namespace {

Topology topology(const std::string& text) {
  return std::get<Topology>(parse_topology(text));
}

std::string all_of(const Exported& exported) {
  std::string text;
  for (const auto& file : exported.files) text += "--- " + file.name + "\n" + file.text;
  return text;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

const std::string lan = R"(
[bond.bond1]
ports = ["eth3", "eth0"]
mode = "active-backup"
miimon = 100
primary = "eth0"
[bridge.xenbrlan]
ports = ["bond1.3"]
addresses = ["192.0.2.5/24"]
gateway = "192.0.2.1"
)";

TEST(Export, ToIfupdownIsInItsHooksWords) {
  EXPECT_EQ(all_of(export_ifupdown(topology(lan))), R"(--- etc/network/interfaces
auto lo
iface lo inet loopback

auto bond1
iface bond1 inet manual
    bond-slaves eth3 eth0
    bond-mode active-backup
    bond-miimon 100
    bond-primary eth0

auto bond1.3
iface bond1.3 inet manual
    vlan-raw-device bond1

auto xenbrlan
iface xenbrlan inet static
    address 192.0.2.5/24
    gateway 192.0.2.1
    bridge_ports bond1.3
    bridge_stp off
    bridge_fd 0
)");
}

TEST(Export, ToNetworkdIsAFileForEachLinkInTheOrderOfPorts) {
  EXPECT_EQ(all_of(export_networkd(topology(lan))), R"(--- etc/systemd/network/10-eth3.network
[Match]
Name=eth3

[Network]
Bond=bond1
--- etc/systemd/network/11-eth0.network
[Match]
Name=eth0

[Network]
Bond=bond1
PrimarySlave=yes
--- etc/systemd/network/12-bond1.netdev
[NetDev]
Name=bond1
Kind=bond

[Bond]
Mode=active-backup
MIIMonitorSec=100ms
--- etc/systemd/network/12-bond1.network
[Match]
Name=bond1

[Link]
RequiredForOnline=no

[Network]
VLAN=bond1.3
--- etc/systemd/network/13-bond1.3.netdev
[NetDev]
Name=bond1.3
Kind=vlan

[VLAN]
Id=3
--- etc/systemd/network/13-bond1.3.network
[Match]
Name=bond1.3

[Network]
Bridge=xenbrlan
--- etc/systemd/network/14-xenbrlan.netdev
[NetDev]
Name=xenbrlan
Kind=bridge

[Bridge]
STP=no
ForwardDelaySec=0
--- etc/systemd/network/14-xenbrlan.network
[Match]
Name=xenbrlan

[Network]
Address=192.0.2.5/24
Gateway=192.0.2.1
)");
}

TEST(Export, ToNetplanIsOneFile) {
  EXPECT_EQ(all_of(export_netplan(topology(lan))), R"(--- etc/netplan/60-vifchain.yaml
network:
  version: 2
  renderer: networkd
  ethernets:
    eth3: {}
    eth0: {}
  bonds:
    bond1:
      interfaces: [eth3, eth0]
      parameters:
        mode: active-backup
        mii-monitor-interval: 100
        primary: eth0
  vlans:
    bond1.3:
      id: 3
      link: bond1
  bridges:
    xenbrlan:
      interfaces: [bond1.3]
      parameters:
        stp: false
        forward-delay: 0
      addresses: ["192.0.2.5/24"]
      routes:
        - to: default
          via: "192.0.2.1"
)");
}

TEST(Export, ToAScriptMakesEachLinkAfterThoseBelowIt) {
  EXPECT_EQ(all_of(export_script(topology(lan))), R"(--- vifchain.sh
#!/bin/sh
# Makes what a vifchain.toml says, on a host that has nothing of it yet. As root.
set -e

ip link add name bond1 type bond mode active-backup miimon 100 primary eth0
ip link set eth3 down
ip link set eth3 master bond1
ip link set eth0 down
ip link set eth0 master bond1
ip link set bond1 up

ip link add link bond1 name bond1.3 type vlan id 3
ip link set bond1.3 up

ip link add name xenbrlan type bridge stp_state 0 forward_delay 0
ip link set bond1.3 master xenbrlan
ip link set xenbrlan up
ip address add 192.0.2.5/24 dev xenbrlan
ip route add default via 192.0.2.1 dev xenbrlan
)");
}

TEST(Export, GivesIfupdown2AddressesAndVlansInItsOwnWords) {
  const auto text = all_of(export_ifupdown2(topology(R"(
[vlan.outer]
link = "eth0"
id = 100
protocol = "802.1ad"
[bridge.trunk]
ports = ["eth1"]
vlan_filtering = true
vlan_default_pvid = 1
addresses = ["192.0.2.5/24", "192.0.2.6/24"]
[port.eth1]
vlans = "10-12,30"
)")));
  EXPECT_TRUE(has(text, "    vlan-raw-device eth0\n    vlan-id 100\n    vlan-protocol 802.1ad\n"));
  EXPECT_TRUE(has(text, "    address 192.0.2.5/24\n    address 192.0.2.6/24\n"));
  EXPECT_TRUE(has(text, "    bridge-vlan-aware yes\n"));
  EXPECT_TRUE(has(text,
                  "iface eth1 inet manual\n    bridge-vids 10-12 30\n"
                  "    bridge-allow-untagged no\n"));
}

// Every exporter, and what it says of what it cannot.
struct Format {
  const char* name;
  Exported (*write)(const Topology&);
};
const Format formats[] = {{"ifupdown", export_ifupdown},
                          {"ifupdown2", export_ifupdown2},
                          {"networkd", export_networkd},
                          {"netplan", export_netplan},
                          {"script", export_script}};

class ExportTo : public ::testing::TestWithParam<Format> {};

TEST_P(ExportTo, SaysInTheFileAndBesidesWhatOnlyVifchainDoes) {
  const auto exported = GetParam().write(topology(R"(
[bond.bond1]
ports = ["eth0", "eth1"]
mode = "balance-slb"
[bridge."xenbr{vid}"]
ports = ["bond1.{vid}"]
vids = "100-199"
[bridge.lan]
ports = ["bond1.3"]
vif = { isolated = true }
teardown = "last-vif"
dhcp = "ipv4"
[vif]
antispoof = "mac"
[host]
dhcp_client = "dhcpcd"
)"));
  std::string all;
  for (const auto& sentence : exported.lost) all += sentence + "\n";
  for (const char* what :
       {"template xenbr{vid}", "[vif]", "lan: its policy", "teardown", "balance-slb", "not dhcpcd"})
    EXPECT_TRUE(has(all, what)) << what << " in\n" << all;
  EXPECT_TRUE(has(all_of(exported), "# The bridges of the template xenbr{vid}"));
  EXPECT_TRUE(has(all_of(exported), "# bond1: mode balance-slb"));
}

TEST_P(ExportTo, HasNothingToSayOfAFileThatItCanSayWhole) {
  EXPECT_EQ(GetParam().write(topology(lan)).lost, std::vector<std::string>{});
}

TEST_P(ExportTo, IsSomethingForAnEmptyFile) {
  const auto exported = GetParam().write(topology(""));
  EXPECT_EQ(exported.lost, std::vector<std::string>{});
}

INSTANTIATE_TEST_SUITE_P(Of, ExportTo, ::testing::ValuesIn(formats),
                         [](const auto& format) { return std::string(format.param.name); });

const std::string rented = R"(
[bond.bond1]
ports = ["eth0"]
mode = "active-backup"
[bridge.xenbr0]
ports = ["bond1"]
addresses = ["203.0.113.5/32"]
gateway = "203.0.113.1"
onlink = true
ra = true
)";

TEST(Export, SaysOnLinkAndRouterAdvertisementsInEachLanguage) {
  const auto read = topology(rented);
  const auto ifupdown = all_of(export_ifupdown(read));
  EXPECT_TRUE(has(ifupdown, "up ip route add default via 203.0.113.1 onlink dev xenbr0"))
      << ifupdown;
  EXPECT_TRUE(has(ifupdown, "iface xenbr0 inet6 auto\n")) << ifupdown;
  EXPECT_TRUE(has(ifupdown, "bond-miimon 100")) << "what vifchain makes of silence";
  const auto networkd = all_of(export_networkd(read));
  EXPECT_TRUE(has(networkd, "GatewayOnLink=yes\n") && has(networkd, "IPv6AcceptRA=yes\n"))
      << networkd;
  const auto netplan = all_of(export_netplan(read));
  EXPECT_TRUE(has(netplan, "on-link: true\n") && has(netplan, "accept-ra: true\n")) << netplan;
}

TEST(Export, KeepsTaggedVlansOfAPortApartFromTheOneWithoutATag) {
  const auto read = topology(
      "[bridge.br0]\nports = [\"eth0\"]\nvlan_filtering = true\n"
      "[port.eth0]\nvlans = [10, 11]\npvid = 5\n");
  const auto script = all_of(export_script(read));
  EXPECT_TRUE(has(script, "bridge vlan add dev eth0 vid 10-11\n")) << script;
  EXPECT_TRUE(has(script, "bridge vlan add dev eth0 vid 5 pvid untagged\n")) << script;
  EXPECT_FALSE(has(script, "vid 5\n")) << script;
  const auto networkd = all_of(export_networkd(read));
  EXPECT_TRUE(has(networkd, "VLAN=5\nPVID=5\nEgressUntagged=5\n")) << networkd;
}

TEST(Export, SaysNoMetricWhereItIsTheUsualOne) {
  const auto text = all_of(export_script(topology(
      "[bridge.br0]\nports = []\naddresses = [\"2001:db8::5/64\"]\ngateway = \"2001:db8::1\"\n")));
  EXPECT_TRUE(has(text, "ip -6 route add default via 2001:db8::1 dev br0\n")) << text;
}

TEST(Export, LeavesTheMtuOfItsPortsToABond) {
  const auto text = all_of(export_ifupdown(topology(
      "[bond.bond1]\nports = [\"eth0\"]\nmtu = 9000\n[bridge.br0]\nports = [\"bond1\"]\n")));
  EXPECT_TRUE(has(text, "mtu 9000\n")) << text;
  EXPECT_FALSE(has(text, "iface eth0")) << text;
}

TEST(Export, MakesABondWithItsModeWhereTheHookDoesNotKnowAllOfIt) {
  const auto read = topology(
      "[bond.bond1]\nports = [\"eth0\"]\nmode = \"802.3ad\"\nmin_links = 2\nlacp_active = false\n");
  const auto text = all_of(export_ifupdown(read));
  EXPECT_TRUE(has(text, "type bond mode 802.3ad")) << text;
  EXPECT_TRUE(has(all_of(export_script(read)), " lacp_active off")) << all_of(export_script(read));
}

TEST(Export, LetsIfupdownHearRoutersBesideAnAddressThatIsFixed) {
  const auto text = all_of(export_ifupdown(
      topology("[bridge.br0]\nports = []\naddresses = [\"2001:db8::5/64\"]\nra = true\n")));
  EXPECT_TRUE(has(text, "iface br0 inet6 static\n    accept_ra 1\n")) << text;
}

TEST(Export, QuotesNamesThatAShellWouldTakeForMore) {
  const auto text = all_of(export_script(topology("[bridge.\"a;reboot\"]\nports = [\"$(x)'\"]\n")));
  EXPECT_TRUE(has(text, "ip link set '$(x)'\\''' master 'a;reboot'\n")) << text;
  const auto commands = all_of(
      export_ifupdown(topology("[bridge.\"a;reboot\"]\nports = []\nmcast_querier = true\n")));
  EXPECT_TRUE(has(commands, "up ip link set dev 'a;reboot' type bridge")) << commands;
}

TEST(Export, QuotesNamesThatYamlWouldTakeForMore) {
  const auto text = all_of(export_netplan(topology("[bridge.\"on\"]\nports = [\"5\", \"a#b\"]\n")));
  EXPECT_TRUE(has(text, "    \"on\":\n      interfaces: [\"5\", \"a#b\"]\n")) << text;
  const auto slash = all_of(export_netplan(topology("[bridge.br0]\nports = ['a\\b', 'c\"d']\n")));
  EXPECT_TRUE(has(slash, R"(interfaces: ["a\\b", "c\"d"])")) << slash;
}

// networkd goes by the names of its files.
TEST(Export, NumbersFilesOfNetworkdInTheirOrderHoweverManyThereAre) {
  std::string ports;
  for (int n = 0; n < 90; ++n)
    ports += std::string(ports.empty() ? "" : ", ") + "\"eth" + std::to_string(n) + "\"";
  const auto exported = export_networkd(topology("[bridge.br0]\nports = [" + ports + "]\n"));
  for (const auto& file : exported.files)
    EXPECT_EQ(file.name.find('-'), std::string("etc/systemd/network/010").size()) << file.name;
}

TEST(Export, SaysNothingOfAClientThatIsAskedForNothing) {
  const auto exported =
      export_netplan(topology("[bridge.br0]\nports = []\naddresses = [\"192.0.2.5/24\"]\n"
                              "[host]\ndhcp_client = \"dhcpcd\"\n"));
  EXPECT_EQ(exported.lost, std::vector<std::string>{});
}

TEST(Export, WritesNoPatternWhereANameIsMeant) {
  const auto text = all_of(export_networkd(topology("[bridge.br0]\nports = [\"e*\"]\n")));
  EXPECT_TRUE(has(text, "Name=e[*]\n")) << text;
}

TEST(Export, SaysByNameWhichOptionAFormatDoesNotHave) {
  const auto exported = export_netplan(topology("[bridge.br0]\nmcast_querier = true\n"));
  EXPECT_EQ(exported.lost,
            std::vector<std::string>{"br0: mcast_querier = true cannot be said in netplan."});
  EXPECT_TRUE(has(all_of(exported),
                  "    # br0: mcast_querier = true cannot be said in netplan.\n"
                  "    br0:\n"));
}

}  // namespace
}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// What the preflight reads from files: other programs' settings, the kernel's drivers and switches.
#include <gtest/gtest.h>
#include <sys/utsname.h>

#include <filesystem>

#include "core/text/interfaces_file.hpp"
#include "core/text/key_file.hpp"
#include "edge/host/other_managers.hpp"
#include "edge/kernel/bridge_netfilter.hpp"
#include "edge/kernel/drivers.hpp"
#include "names.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

class HostFiles : public ::testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) const {
    const std::filesystem::path whole = root_ / path;
    std::filesystem::create_directories(whole.parent_path());
    std::ofstream(whole) << text;
  }

  // Who sets up eth0 (index 2) and br0 (index 3), each as "LINK PROGRAM FILE".
  [[nodiscard]] std::vector<std::string> managers() const {
    std::vector<std::string> lines;
    for (const auto& [link, by, file] :
         read_managers({{name("eth0"), {2, true}}, {name("br0"), {3, false}}}, root_.path()))
      lines.push_back(link.str() +
                      (by == Manager::network_manager ? " NM "
                       : by == Manager::networkd      ? " networkd "
                                                      : " ifupdown ") +
                      file);
    return lines;
  }

  static std::string release() {
    utsname host{};
    uname(&host);
    return host.release;
  }

  TempFolder root_;
};

using Lines = std::vector<std::string>;

TEST_F(HostFiles, OfNobodyAreNobodys) {
  EXPECT_EQ(managers(), Lines{});
}

TEST_F(HostFiles, OfNetworkManagerTellWhichNicsItManages) {
  write("run/NetworkManager/devices/2", "[device]\nmanaged=true\nconnection-uuid=1-2\n");
  write("run/NetworkManager/devices/3", "[device]\nmanaged=true\n");
  EXPECT_EQ(managers(), Lines{"eth0 NM /run/NetworkManager/devices/2"});
  write("run/NetworkManager/devices/2", "[device]\nmanaged=false\n");
  EXPECT_EQ(managers(), Lines{});
}

TEST_F(HostFiles, OfNetworkdThatRunsTellWhatCameOfItsMatching) {
  write("etc/systemd/system/dbus-org.freedesktop.network1.service", "");
  write("run/systemd/netif/links/2",
        "# private\nADMIN_STATE=configured\nNETWORK_FILE=/etc/systemd/network/lan.network\n");
  write("run/systemd/netif/links/3",
        "ADMIN_STATE=unmanaged\nNETWORK_FILE=/etc/systemd/network/lan.network\n");
  EXPECT_EQ(managers(), Lines{"eth0 networkd /etc/systemd/network/lan.network"});
  write("run/systemd/netif/links/2",
        "ADMIN_STATE=configured\nNETWORK_FILE=/run/systemd/network/50-vifchain-br0.network\n");
  EXPECT_EQ(managers(), Lines{});
}

TEST_F(HostFiles, OfNetworkdThatWillRunAreMatchedInOrder) {
  write("etc/systemd/network/20-all.network", "[Match]\nName=en* eth*\n[Network]\nDHCP=yes\n");
  EXPECT_EQ(managers(), Lines{}) << "it is not enabled";
  write("etc/systemd/system/multi-user.target.wants/systemd-networkd.service", "");
  EXPECT_EQ(managers(), Lines{"eth0 networkd /etc/systemd/network/20-all.network"});
  write("run/systemd/network/10-ours.network", "[Match]\nName=eth0\n[Link]\nUnmanaged=yes\n");
  EXPECT_EQ(managers(), Lines{});
}

TEST_F(HostFiles, OfIfupdownAreFollowedWhereTheyLead) {
  write("etc/network/interfaces",
        "auto lo\niface lo inet loopback\nsource interfaces.d/*.cfg\n"
        "source-directory /etc/network/more\n");
  write("etc/network/interfaces.d/br0.cfg", "auto br0\niface br0 inet dhcp\n  bridge_ports eth0\n");
  write("etc/network/interfaces.d/other", "iface eth0 inet dhcp\n");
  EXPECT_EQ(managers(), (Lines{"br0 ifupdown /etc/network/interfaces.d/br0.cfg:2",
                               "eth0 ifupdown /etc/network/interfaces.d/br0.cfg:2"}));
  write("etc/network/interfaces.d/br0.cfg", "");
  write("etc/network/more/eth0", "iface eth0 inet6 auto\n");
  write("etc/network/more/eth0.bak", "iface br0 inet6 auto\n");
  EXPECT_EQ(managers(), Lines{"eth0 ifupdown /etc/network/more/eth0:1"});
}

TEST_F(HostFiles, ThatIncludeEachOtherAreReadOnce) {
  write("etc/network/interfaces", "source interfaces\niface eth0 inet manual\n");
  EXPECT_EQ(managers(), Lines{"eth0 ifupdown /etc/network/interfaces:2"});
}

TEST(InterfacesFile, HasStanzasAndThePortsThatTheyList) {
  const std::string text =
      "# iface eth7 inet dhcp\n"
      "iface br0 inet static\n"
      "  address 192.0.2.1/24\n"
      "  bridge-ports eth0 \\\n    eth1\n"
      "auto bond0\n"
      "bridge_ports eth9\n"
      "iface bond0 inet manual\n\tslaves none\n";
  std::vector<std::string> links;
  for (const auto& stanza : read_interfaces({{"interfaces", text}}, {}))
    for (const auto& link : links_in(stanza))
      links.push_back(link + ":" + std::to_string(stanza.at.line));
  EXPECT_EQ(links, (Lines{"br0:2", "eth0:2", "eth1:2", "bond0:8"}));
}

TEST(KeyFile, HasKeysBySectionAndTheLastOneCounts) {
  const auto keys = read_keys("A=1\n[S]\n; no=1\nA = 2\nnothing\nA=3\\\n 4\n[T]\nA=5\n");
  EXPECT_EQ(value_of(keys, "", "A"), "1");
  EXPECT_EQ(value_of(keys, "S", "A"), "34");
  EXPECT_EQ(value_of(keys, "T", "A"), "5");
  EXPECT_EQ(value_of(keys, "T", "B"), "");
}

TEST_F(HostFiles, ThatAreMissingLeaveTheDriversOpen) {
  const auto drivers = read_drivers(root_.path());
  EXPECT_FALSE(drivers.bonding || drivers.vlan || drivers.bridge);
  EXPECT_EQ(drivers.release, release());
}

TEST_F(HostFiles, TellDriversThatAreLoadedOrBuiltIn) {
  write("proc/sys/kernel/ostype", "Linux\n");
  write("sys/module/bonding/version", "");
  write("proc/net/vlan/config", "");
  const auto drivers = read_drivers(root_.path());
  EXPECT_EQ(drivers.bonding, true);
  EXPECT_EQ(drivers.vlan, true);
  EXPECT_EQ(drivers.bridge, false) << "a kernel that loads no modules has what it has";
}

TEST_F(HostFiles, TellDriversThatCanBeLoaded) {
  write("proc/sys/kernel/ostype", "Linux\n");
  write("proc/sys/kernel/modprobe", "/sbin/modprobe\n");
  EXPECT_FALSE(read_drivers(root_.path()).bonding) << "without a list nobody knows";
  const std::string folder = "lib/modules/" + release();
  write(folder + "/modules.dep", "kernel/drivers/net/bonding/bonding.ko.xz: kernel/tls.ko.xz\n");
  write(folder + "/modules.builtin", "kernel/net/8021q/8021q.ko\n");
  const auto drivers = read_drivers(root_.path());
  EXPECT_EQ(drivers.bonding, true);
  EXPECT_EQ(drivers.vlan, true);
  EXPECT_EQ(drivers.bridge, false);
}

TEST_F(HostFiles, TellTheSwitchesOfBrNetfilter) {
  EXPECT_FALSE(read_bridge_netfilter(root_ / "bridge").loaded);
  write("bridge/bridge-nf-call-iptables", "1\n");
  write("bridge/bridge-nf-call-ip6tables", "0\n");
  const auto found = read_bridge_netfilter(root_ / "bridge");
  EXPECT_TRUE(found.loaded && found.ip);
  EXPECT_FALSE(found.ip6 || found.arp);
}

}  // namespace
}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// What stanzas of /etc/network/interfaces tell; whole files are under tests/fixtures/imports.
#include <gtest/gtest.h>

#include "convert/import/compose.hpp"
#include "convert/import/readers.hpp"
#include "draft_text.hpp"
#include "edge/parse/toml.hpp"

namespace vifchain {
namespace {

std::vector<SourceFile> nothing(const std::string&, const std::string&) {
  return {};
}

DraftConfig read(const std::string& text, const Include& include = nothing) {
  DraftConfig draft;
  read_ifupdown({{"interfaces", text}}, include, draft);
  return draft;
}

std::string file_from_interfaces(const std::string& text) {
  return file_of(read(text));
}

std::string remarks_on_interfaces(const std::string& text) {
  return remarks_of(read(text));
}

TEST(Ifupdown, TakesOptionsInEitherSpelling) {
  constexpr auto wanted =
      "[bond.bond0]\nports  = [\"eth0\", \"eth1\"]\nmode   = \"802.3ad\"\n"
      "miimon = 100\n";
  EXPECT_EQ(file_from_interfaces(
                "iface bond0 inet manual\n bond-slaves eth0 eth1\n bond-mode 4\n bond-miimon 100"),
            wanted);
  EXPECT_EQ(file_from_interfaces(
                "iface bond0 inet manual\n slaves eth0 eth1\n bond_mode 802.3ad\n bond_miimon 100"),
            wanted);
  EXPECT_EQ(file_from_interfaces(
                "iface eth0 inet manual\n bond-master bond0\niface eth1\n bond-master bond0\n"
                "iface bond0\n bond-slaves none\n bond-mode 4\n bond-miimon 100"),
            wanted);
}

TEST(Ifupdown, KnowsVlanLinksByNameAndByOption) {
  const auto vlan = [](const std::string& stanza, const std::string& name) {
    const auto draft = read(stanza);
    const auto* link = draft.find(name);
    if (link == nullptr || !link->vid || !link->parent) return std::string("none");
    return std::to_string(link->vid->number()) + " on " + *link->parent;
  };
  EXPECT_EQ(vlan("iface vlan3 inet manual\n vlan-raw-device bond1", "vlan3"), "3 on bond1");
  EXPECT_EQ(vlan("iface vlan0003 inet manual\n vlan_raw_device bond1", "vlan0003"), "3 on bond1");
  EXPECT_EQ(vlan("iface eth0.7 inet manual", "eth0.7"), "7 on eth0");
  EXPECT_EQ(vlan("iface eth0.0007 inet manual", "eth0.0007"), "7 on eth0");
  EXPECT_EQ(vlan("iface a.7.8 inet manual", "a.7.8"), "8 on a.7");
  EXPECT_EQ(vlan("iface lan\n vlan-raw-device eth0\n vlan-id 9", "lan"), "9 on eth0");
  EXPECT_EQ(vlan("iface lan\n vlan-raw-device eth0", "lan"), "none");
  EXPECT_EQ(vlan("iface br0 inet manual\n bridge_ports eth0.7", "eth0.7"), "7 on eth0");
}

TEST(Ifupdown, GivesPortsOfAVlanAwareBridgeItsVlansUnlessTheyHaveTheirOwn) {
  EXPECT_EQ(file_from_interfaces(
                "iface a\n bridge-access 10\niface b\n bridge-vids 30\n bridge-pvid 30\n"
                "iface br0\n bridge-ports a b c\n bridge-vlan-aware yes\n bridge-vids 2-9 1"),
            "[bridge.br0]\nports             = [\"a\", \"b\", \"c\"]\nvlan_filtering    = true\n"
            "vlan_default_pvid = 1\n[port.a]\npvid = 10\n[port.b]\npvid = 30\n"
            "[port.c]\nvlans = \"2-9\"\npvid  = 1\n");
}

TEST(Ifupdown, RunsLinesForTheLinkOfTheStanza) {
  EXPECT_EQ(file_from_interfaces(
                "iface br0 inet static\n pre-up brctl addbr $IFACE\n address 192.0.2.5\n"
                " netmask 255.255.255.0\n up ip route add 198.51.100.0/24 via 192.0.2.1"),
            "[bridge.br0]\nports     = []\naddresses = [\"192.0.2.5/24\"]\n"
            "routes    = [{ to = \"198.51.100.0/24\", via = \"192.0.2.1\" }]\n");
}

TEST(Ifupdown, SaysNothingOfLinesThatOnlyUndo) {
  EXPECT_EQ(remarks_on_interfaces(
                "iface br0 inet manual\n bridge_ports eth0\n down ip link set br0 down\n"
                " post-down brctl delbr br0\n pre-down route del default || true"),
            "");
  EXPECT_EQ(
      remarks_on_interfaces("iface br0 inet manual\n bridge_ports eth0\n down /opt/page-somebody"),
      "3: vifchain runs nothing when a link goes");
}

TEST(Ifupdown, SaysNothingOfWhatMeansNothingHere) {
  EXPECT_EQ(
      remarks_on_interfaces("# a comment\nauto lo\niface lo inet loopback\nallow-hotplug eth0\n"
                            "iface eth0 inet manual\niface br0 inet static\n address 192.0.2.2/24\n"
                            " network 192.0.2.0\n broadcast 192.0.2.255\n bridge_ports eth0\n"
                            " bridge_maxwait 0\n"),
      "");
}

TEST(Ifupdown, SaysWhyALineIsLost) {
  EXPECT_EQ(remarks_on_interfaces(
                "iface br0 inet manual\n bridge_ports eth0\n dns-nameservers 192.0.2.53\n"
                " wpa-ssid x\n frobnicate yes\n bond-mode 1\n mtu many\n"),
            "1: careful: makes br0 a bridge, which is a bond by interfaces:1\n"
            "3: name servers stay with resolvconf or /etc/resolv.conf\n"
            "4: wireless links are no ports of bridges\n"
            "5: vifchain knows no option \"frobnicate\"\n"
            "6: an option of bonds, and this is none\n"
            "7: \"many\" is no MTU (68 to 65535 bytes)");
}

TEST(Ifupdown, AddsLabelsToTheirLink) {
  EXPECT_EQ(
      file_from_interfaces("iface br0 inet static\n bridge_ports none\n address 192.0.2.2/24\n"
                           "iface br0:1 inet static\n address 192.0.2.3/24"),
      "[bridge.br0]\nports     = []\naddresses = [\"192.0.2.2/24\", \"192.0.2.3/24\"]\n");
}

TEST(Ifupdown, ReadsAStanzaByTheNameThatAutoGivesIt) {
  EXPECT_EQ(file_from_interfaces("auto br0=work\niface work inet manual\n bridge_ports eth0"),
            "[bridge.br0]\nports = [\"eth0\"]\n");
}

TEST(Ifupdown, InheritsWhatIsNotSaidAnew) {
  EXPECT_EQ(
      file_from_interfaces("iface base inet manual\n bridge_ports none\n mtu 1400\n bridge_fd 4\n"
                           "auto br0\niface br0 inet manual inherits base\n mtu 9000"),
      "[bridge.br0]\nports         = []\nforward_delay = 4\nmtu           = 9000\n");
}

TEST(Ifupdown, ReadsWhatIsIncludedInItsPlace) {
  std::string asked;
  const Include include = [&](const std::string& pattern, const std::string& from) {
    asked += pattern + " from " + from + "\n";
    return std::vector<SourceFile>{{"/x/lan", "iface br0 inet manual\n bridge_ports eth0"}};
  };
  EXPECT_EQ(file_of(read("source x/*\niface br1 inet manual\n bridge_ports eth1", include)),
            "[bridge.br0]\nports = [\"eth0\"]\n[bridge.br1]\nports = [\"eth1\"]\n");
  EXPECT_EQ(asked, "x/* from interfaces\n");
}

TEST(Ifupdown, ReadsAFileThatIncludesItselfOnce) {
  const std::string text = "source interfaces\niface br0 inet manual\n bridge_ports eth0";
  const Include include = [&](const std::string& name, const std::string&) {
    return std::vector<SourceFile>{{name, text}};
  };
  const auto draft = read(text, include);
  EXPECT_EQ(remarks_of(draft), "0: careful: includes itself, and is read once");
  EXPECT_EQ(file_of(draft), "[bridge.br0]\nports = [\"eth0\"]\n");
}

// Every file includes two new ones.
TEST(Ifupdown, ComesToAnEndWhereFilesIncludeEachOtherWithoutOne) {
  unsigned count = 0;
  const Include include = [&](const std::string&, const std::string&) {
    const auto name = [&] { return "file" + std::to_string(++count); };
    return std::vector<SourceFile>{{name(), "source x"}, {name(), "source x"}};
  };
  EXPECT_FALSE(read("source x", include).remarks().empty());
  EXPECT_LT(count, 2000U);
}

// Five hundred files with three hundred lines that are none: a file of 7 MiB, were all remarked on.
TEST(Ifupdown, OfRemarksWithoutNumberSaysHowManyMoreThereAre) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "source a" + std::to_string(i) + "\n";
  for (int i = 0; i < 300; ++i) text += "x" + std::to_string(i) + "\n";
  const Include include = [&](const std::string& name, const std::string&) {
    return std::vector<SourceFile>{{name, text}};
  };
  const auto draft = read(text, include);
  const auto all = draft.remarks().size();
  ASSERT_GT(all, 100'000U);
  const auto composed = compose(draft);
  ASSERT_EQ(composed.remarks.size(), 1001U);
  EXPECT_TRUE(composed.remarks.back().why.starts_with(std::to_string(all - 1000) +
                                                      " more remarks are left out"));
  EXPECT_TRUE(std::holds_alternative<Topology>(parse_topology(composed.toml)));
}

}  // namespace
}  // namespace vifchain

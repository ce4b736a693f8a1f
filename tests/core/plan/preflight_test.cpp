// SPDX-License-Identifier: Apache-2.0
// Stories about the preflight: given this host, wanting that, this is to be said before. The tables
// are in the words of link_text.hpp.
#include "core/plan/preflight/preflight.hpp"

#include <gtest/gtest.h>

#include "link_text.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

VlanId vlan(int number) {
  return VlanId::from(number).value();
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::vector<Finding> look(const std::string& wanted, const std::string& there,
                          const HostFacts& facts) {
  return preflight(parse_desired(wanted), parse_actual(there), facts);
}

// The only one there is; one without a text where there are none or several.
Finding only(const std::vector<Finding>& findings) {
  EXPECT_EQ(findings.size(), 1U);
  return findings.size() == 1 ? findings.front() : Finding{name("none"), Weight::note, ""};
}

constexpr auto free_nic = "eth0 given up mtu=1500 mac=02:00:00:00:00:01\n";
constexpr auto port_of_bridge = "br0 bridge up\neth0 given in br0 up\n";
constexpr auto port_of_bond = "bond1 bond up mode=802.3ad\neth0 given in bond1 up\n";

Upper vlan5_on_eth0(const std::string& elsewhere = {}) {
  return {.below = name("eth0"),
          .name = "eth0.5",
          .kind = "vlan",
          .vlan = vlan(5),
          .elsewhere = elsewhere};
}

TEST(Preflight, HasNothingToSayOfACleanHost) {
  EXPECT_TRUE(look(port_of_bridge, free_nic, {}).empty());
  EXPECT_TRUE(look(port_of_bond, free_nic, {}).empty());
}

TEST(Preflight, NamesABondThatNobodyWatches) {
  const auto found = only(look("bond1 bond up mode=active-backup miimon=0\n", "", {}));
  EXPECT_EQ(found.weight, Weight::warning);
  EXPECT_TRUE(has(found.text, "hint: miimon = 100 in [bond.bond1]")) << found.text;
  EXPECT_EQ(found.accept, "bond_monitoring");
  EXPECT_TRUE(look("bond1 bond up mode=active-backup\n", "", {}).empty());
  EXPECT_TRUE(look("bond1 bond up mode=802.3ad\n", "", {}).empty());
  const auto others = only(look("bond0 given keep up\n",
                                "bond0 bond up mode=active-backup miimon=0 arp_interval=0\n", {}));
  EXPECT_TRUE(has(others.text, "hint: ip link set bond0 type bond miimon 100")) << others.text;
}

TEST(Preflight, NamesTwoVlansOfOneLinkInOneBridge) {
  const auto found =
      only(look("br0 bridge up\nbond0 given keep up\nbond0.5 vlan 5 on bond0 in br0 up\n"
                "bond0.6 vlan 6 on bond0 in br0 up\n",
                "bond0 given up\n", {}));
  EXPECT_TRUE(has(found.text, "joins VLANs 5 and 6 of bond0 to one segment (bond0.5 and bond0.6)"))
      << found.text;
}

TEST(Preflight, SaysHowLongStpKeepsGuestsDeaf) {
  EXPECT_TRUE(has(only(look("br0 bridge up stp=true\n", "", {})).text, " 30 s"));
  EXPECT_TRUE(has(only(look("br0 bridge up stp=true forward_delay=200\n", "", {})).text, " 4 s"));
  EXPECT_TRUE(look("br0 bridge up stp=false\n", "", {}).empty());
}

TEST(Preflight, NotesWhatABridgeOfOthersHas) {
  const auto down = only(look("", "br9 bridge down\n", {}));
  EXPECT_EQ(down.weight, Weight::note);
  EXPECT_TRUE(has(down.text, "is down")) << down.text;
  EXPECT_TRUE(has(only(look("", "br9 bridge up stp=true forward_delay=1500\n", {})).text, "30 s"));
  EXPECT_EQ(only(look("", "br9 bridge up\n", {.netfilter = {.loaded = true, .ip = true}})).accept,
            "br_netfilter");
}

TEST(Preflight, LeavesOutWhatTheFileAccepts) {
  auto findings = look("br0 bridge up stp=true\n", "", {});
  leave_out_accepted(findings, {"br_netfilter"});
  EXPECT_EQ(findings.size(), 1U);
  leave_out_accepted(findings, {"stp"});
  EXPECT_TRUE(findings.empty());
}

TEST(Preflight, NamesABridgeThatIsLeftOpenAndAKernelThatCannotCloseOne) {
  const auto open =
      only(look("br0 bridge up apart=0 ra=0\n", "br0 bridge ours up addresses=10.0.0.1/24\n", {}));
  EXPECT_TRUE(has(open.text, "10.0.0.1/24 from another program")) << open.text;
  EXPECT_TRUE(has(only(look("br0 bridge up apart=1\n", "", {.drivers = {.apart = false}})).text,
                  "lacks cls_bpf or sch_ingress"));
}

TEST(Preflight, NamesAVlanLinkThatStealsItsTagFromABond) {
  const auto found = only(look(port_of_bond, free_nic, {.uppers = {vlan5_on_eth0()}}));
  EXPECT_EQ(found.weight, Weight::warning);
  EXPECT_EQ(found.text,
            "eth0.5 takes the frames of VLAN 5 from eth0, which becomes a port of bond1; hint: ip "
            "link del eth0.5");
}

TEST(Preflight, NamesTheThiefAlsoWhereThePortIsOneAlready) {
  const auto there = "br0 bridge ours up\neth0 given in br0 up\n";
  EXPECT_TRUE(has(only(look(port_of_bridge, there, {.uppers = {vlan5_on_eth0()}})).text,
                  "eth0, a port of br0"));
}

TEST(Preflight, NamesTheThiefInAnotherNamespaceWithItsPlace) {
  const auto found = only(look(port_of_bond, free_nic, {.uppers = {vlan5_on_eth0("blue")}}));
  EXPECT_TRUE(found.text.starts_with("eth0.5 in blue takes the frames of VLAN 5")) << found.text;
  EXPECT_FALSE(has(found.text, "ip link del")) << found.text;
}

TEST(Preflight, DoesNotMindAVlanLinkThatTheFileWantsThereOrThatGoes) {
  const HostFacts facts{.uppers = {vlan5_on_eth0()}};
  const auto there = std::string(free_nic) + "eth0.5 vlan 5 on eth0 ours up\n";
  EXPECT_TRUE(look("br0 bridge up\neth0 given in br0 up\neth0.5 vlan 5 on eth0 up\n", there, facts)
                  .empty());
  EXPECT_TRUE(look("br0 bridge up\neth0 given in br0 up\neth0.5 absent\n", there, facts).empty());
}

TEST(Preflight, MindsAWantedVlanLinkWhereTheBridgeFiltersTheSameVlan) {
  const HostFacts facts{.uppers = {vlan5_on_eth0()}};
  const auto there = std::string(free_nic) + "eth0.5 vlan 5 on eth0 ours up\n";
  const std::string wanted = "br0 bridge up vlan_filtering=true\neth0.5 vlan 5 on eth0 up\n";
  const auto found = only(look(wanted + "eth0 given in br0 up vlans=5\n", there, facts));
  EXPECT_TRUE(has(found.text, "eth0 is in VLAN 5 of br0, but eth0.5 takes that VLAN's frames"))
      << found.text;
  EXPECT_TRUE(look(wanted + "eth0 given in br0 up vlans=6\n", there, facts).empty());
}

TEST(Preflight, SaysThatTheKernelTakesNoPortUnderAMacvlan) {
  const HostFacts facts{.uppers = {{.below = name("eth0"), .name = "mv0", .kind = "macvlan"}}};
  const auto found = only(look(port_of_bridge, free_nic, facts));
  EXPECT_EQ(found.weight, Weight::obstacle);
  EXPECT_TRUE(has(found.text, "while it carries mv0 (macvlan)")) << found.text;
  EXPECT_TRUE(has(found.text, "ip link del mv0")) << found.text;
}

TEST(Preflight, DoesNotMindUppersOfLinksThatAreNoPorts) {
  const HostFacts facts{
      .uppers = {vlan5_on_eth0(), {.below = name("eth0"), .name = "mv0", .kind = "macvlan"}}};
  EXPECT_TRUE(look("eth0.7 vlan 7 on eth0 up\neth0 given up\n", free_nic, facts).empty());
}

TEST(Preflight, DoesNotMindAMacvlanOfAPortThatStands) {
  const HostFacts facts{.uppers = {{.below = name("eth0"), .name = "mv0", .kind = "macvlan"}}};
  EXPECT_TRUE(look(port_of_bridge, "br0 bridge ours up\neth0 given in br0 up\n", facts).empty());
}

TEST(Preflight, SaysWhereAddressesOfAFuturePortGo) {
  const auto there = "eth0 given up addresses=192.0.2.5/24,2001:db8::5/64\n";
  const auto found = only(look(
      "bond1 bond in br0 up mode=802.3ad\nbr0 bridge up\neth0 given in bond1 up\n", there, {}));
  EXPECT_EQ(found.weight, Weight::note);
  EXPECT_TRUE(has(found.text, "apply moves 192.0.2.5/24, 1 more")) << found.text;
  EXPECT_TRUE(has(found.text, "from eth0 to br0")) << found.text;
}

TEST(Preflight, NamesPolicyRulesThatNameAPort) {
  const HostFacts facts{.rules = {{.priority = 100, .link = name("eth0"), .table = 77},
                                  {.priority = 200, .link = name("eth9"), .table = 78}}};
  const auto found =
      only(look("bond1 bond in br0 up mode=802.3ad\nbr0 bridge up\neth0 given in bond1 up\n",
                free_nic, facts));
  EXPECT_TRUE(has(found.text, "IPv4 policy rule 100 (iif eth0, table 77)")) << found.text;
  EXPECT_TRUE(has(found.text, "hint: ip rule add priority 100 iif br0 table 77")) << found.text;
}

TEST(Preflight, NamesTcFiltersOnAPort) {
  const auto found =
      only(look(port_of_bridge, free_nic, {.filtered = {name("eth0"), name("eth9")}}));
  EXPECT_TRUE(has(found.text, "tc filter show dev eth0 ingress")) << found.text;
}

TEST(Preflight, SaysThatANameIsTakenByAnAlternativeOne) {
  const auto found =
      only(look(port_of_bridge, free_nic, {.other_names = {{name("br0"), name("eth5")}}}));
  EXPECT_EQ(found.weight, Weight::obstacle);
  EXPECT_TRUE(has(found.text, "ip link property del dev eth5 altname br0")) << found.text;
}

TEST(Preflight, LooksForNamesOnlyOfLinksThatAreToBeMade) {
  const auto there = std::string(free_nic) + "br0 bridge ours up\n";
  for (const auto* other : {"br0", "br1", "eth0"})
    EXPECT_TRUE(look(port_of_bridge, there, {.other_names = {{name(other), name("eth5")}}}).empty())
        << other;
}

TEST(Preflight, LeavesAVlanThatIsTakenInSightToThePlanner) {
  EXPECT_TRUE(look("eth0.5 vlan 5 on eth0 up\neth0 given up\n",
                   std::string(free_nic) + "other vlan 5 on eth0 up\n",
                   {.uppers = {vlan5_on_eth0()}})
                  .empty());
}

TEST(Preflight, SaysHowANicIsCalledThatTheFileCallsOtherwise) {
  const auto found = only(look("bond1 bond up mode=802.3ad\nenp3s0 given in bond1 up\n", free_nic,
                               {.other_names = {{name("enp3s0"), name("eth0")}}}));
  EXPECT_EQ(found.weight, Weight::warning);
  EXPECT_TRUE(has(found.text, "write eth0 in the file")) << found.text;
}

TEST(Preflight, FindsTheVlanThatAnotherNamespaceHolds) {
  const auto wanted = "eth0.5 vlan 5 on eth0 in br0 up\nbr0 bridge up\neth0 given up\n";
  const auto found = only(look(wanted, free_nic, {.uppers = {vlan5_on_eth0("blue")}}));
  EXPECT_EQ(found.weight, Weight::obstacle);
  EXPECT_TRUE(has(found.text, "eth0.5: VLAN 5 on eth0 already exists as eth0.5 in blue"))
      << found.text;
  auto other = vlan5_on_eth0("blue");
  other.protocol = VlanProtocol::ieee_802_1ad;
  EXPECT_TRUE(look(wanted, free_nic, {.uppers = {other}}).empty());
}

std::string ports(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += "p" + std::to_string(i) + " given in br0 up mac=fe:ff:ff:ff:ff:ff\n";
  return text;
}

TEST(Preflight, CountsThePortsOfABridgeWithThoseThatJoin) {
  const auto count = [](std::size_t there) {
    return look(port_of_bridge, std::string(free_nic) + "br0 bridge ours up\n" + ports(there), {});
  };
  EXPECT_TRUE(count(most_ports * 9 / 10 - 2).empty());
  EXPECT_EQ(only(count(most_ports * 9 / 10 - 1)).weight, Weight::warning);
  const auto full = only(count(most_ports - 1));
  EXPECT_EQ(full.weight, Weight::warning);
  EXPECT_TRUE(full.text.starts_with("br0 has 1023 of at most 1023 ports")) << full.text;
  const auto over = only(count(most_ports));
  EXPECT_EQ(over.weight, Weight::obstacle);
  EXPECT_TRUE(over.text.starts_with("br0 would have 1024 ports")) << over.text;
}

TEST(Preflight, NamesTheSwitchesThatSendEveryBridgesFramesToIptables) {
  const HostFacts facts{.netfilter = {.loaded = true, .ip = true, .ip6 = true}};
  const auto found = only(look("br0 bridge up\nbr1 bridge up\n", "", facts));
  EXPECT_TRUE(has(found.text,
                  "(net.bridge.bridge-nf-call-iptables = 1, "
                  "net.bridge.bridge-nf-call-ip6tables = 1)"))
      << found.text;
  EXPECT_TRUE(has(found.text, "br0 and br1")) << found.text;
  EXPECT_TRUE(look("br0 bridge up\n", "", {.netfilter = {.loaded = true}}).empty());
}

TEST(Preflight, DoesNotMindIptablesWhereTheFileAsksForThem) {
  const HostFacts on{.netfilter = {.loaded = true, .ip = true}};
  EXPECT_TRUE(look("br0 bridge up nf_call_iptables=true\n", "", on).empty());
}

TEST(Preflight, SaysThatABridgesOwnSwitchDoesNothingWithoutBrNetfilter) {
  const auto found = only(look("br0 bridge up nf_call_iptables=true\n", "", {}));
  EXPECT_TRUE(has(found.text, "modprobe br_netfilter")) << found.text;
}

TEST(Preflight, NamesABridgesOwnSwitchThatTheFileSaysNothingOf) {
  const HostFacts loaded{.netfilter = {.loaded = true}};
  const auto there = "br0 bridge up nf_call_iptables=true\n";
  EXPECT_TRUE(has(only(look("br0 bridge up\n", there, loaded)).text,
                  "(nf_call_iptables is on, and not in the file)"));
  EXPECT_TRUE(look("br0 bridge up nf_call_iptables=false\n", there, loaded).empty());
  EXPECT_TRUE(look("br0 bridge up\n", there, {}).empty());
}

TEST(Preflight, NamesWhoManagesALinkOfTheFileBesides) {
  const HostFacts facts{.managed = {{name("eth0"), Manager::network_manager, "/run/a"},
                                    {name("br0"), Manager::networkd, "/etc/b"},
                                    {name("eth0"), Manager::ifupdown, "/etc/c:3"},
                                    {name("eth9"), Manager::ifupdown, "/etc/c:9"}}};
  const auto found = look(port_of_bridge, free_nic, facts);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_TRUE(has(found[0].text, "systemd-networkd also manages br0 (/etc/b)")) << found[0].text;
  EXPECT_TRUE(has(found[1].text, "NetworkManager also manages eth0 (/run/a)")) << found[1].text;
  EXPECT_TRUE(has(found[2].text, "ifupdown also manages eth0 (/etc/c:3)")) << found[2].text;
}

TEST(Preflight, SaysWhichDriverTheKernelLacks) {
  const HostFacts facts{.drivers = {.release = "6.1.0", .bonding = false, .vlan = false}};
  const auto findings = look(
      "bond1 bond up mode=802.3ad\nbond1.3 vlan 3 on bond1 up\nbond1.4 vlan 4 on bond1 up\n"
      "eth0 given in bond1 up\n",
      free_nic, facts);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(
      findings[0].text,
      "kernel 6.1.0 has no bonding driver (needed by bond1); hint: install the kernel's modules "
      "package (CONFIG_BONDING)");
  EXPECT_TRUE(findings[1].text.starts_with(
      "kernel 6.1.0 has no VLAN driver (needed by bond1.3 and bond1.4)"))
      << findings[1].text;
  EXPECT_EQ(obstacles_in_words(findings), findings[0].text + "; " + findings[1].text);
}

TEST(Preflight, DoesNotMissADriverForLinksThatStandOrThatCannotBeTold) {
  const HostFacts lacks{.drivers = {.bonding = false}};
  EXPECT_TRUE(
      look("bond1 bond up mode=802.3ad\n", "bond1 bond ours up mode=802.3ad\n", lacks).empty());
  EXPECT_TRUE(look("bond1 bond up mode=802.3ad\n", "", {}).empty());
}

TEST(Preflight, MissesADriverAlsoForALinkThatIsMadeAnew) {
  EXPECT_FALSE(look("eth0.5 vlan 5 on eth0 up\neth0 given up\n",
                    std::string(free_nic) + "eth0.5 vlan 4 on eth0 ours up\n",
                    {.drivers = {.vlan = false}})
                   .empty());
}

TEST(Preflight, MissesVlanFilteringAlsoOnABridgeThatStands) {
  const HostFacts lacks{.drivers = {.vlan_filtering = false}};
  const auto found =
      only(look("br0 bridge up vlan_filtering=true\n", "br0 bridge ours up\n", lacks));
  EXPECT_EQ(found.weight, Weight::obstacle);
  EXPECT_TRUE(has(found.text, "CONFIG_BRIDGE_VLAN_FILTERING")) << found.text;
  EXPECT_TRUE(look("br0 bridge up\n", "", lacks).empty());
}

TEST(Preflight, SaysWhatStopsThePlanFirst) {
  const HostFacts facts{.other_names = {{name("zz"), name("eth5")}}, .uppers = {vlan5_on_eth0()}};
  const auto findings =
      look("bond1 bond up mode=802.3ad\neth0 given in bond1 up\nzz bridge up\n", free_nic, facts);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].link, name("zz"));
  EXPECT_EQ(findings[1].weight, Weight::warning);
}

}  // namespace
}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// What vifchain status shows of a host: from all that was read to text and JSON.
#include <gtest/gtest.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <sstream>

#include "cli/show/view_json.hpp"
#include "core/view/tree.hpp"
#include "core/view/words.hpp"
#include "edge/kernel/link_states.hpp"
#include "edge/netlink/new_message.hpp"
#include "edge/store/guest_vifs.hpp"
#include "fake_store.hpp"
#include "temp_folder.hpp"
#include "view_host.hpp"
#include "views.hpp"

namespace vifchain {
namespace {

using Lines = std::vector<std::string>;

Lines wrong_with(const Sight& sight) {
  return all_wrong(make_view(sight));
}

// The line of the tree that shows this link, or guest's link, first.
std::string line_of(const Sight& sight, const std::string& name) {
  std::istringstream lines(tree_text(make_view(sight), {.unicode = false}));
  for (std::string line; std::getline(lines, line);) {
    line.erase(0, line.find_first_not_of("|`- "));
    if (line.starts_with(name + " ")) return line;
  }
  return {};
}

GuestView guest(const Sight& sight, unsigned domid) {
  for (const auto& each : make_view(sight).guests)
    if (each.vif.vif.domid == domid) return each;
  throw std::out_of_range("no such guest");
}

BondPortState& port_state(Sight& sight, const char* port) {
  return *sight.states.at(link_name(port)).bond_port;
}

TEST(Status, DrawsEachBridgeDownToItsNicsAndUpToItsGuests) {
  expect_view(tree_text(make_view(readme_host()), {}), "readme.txt");
}

TEST(Status, MarksWhatIsMissingAndWhatIsOtherwise) {
  expect_view(tree_text(make_view(spoilt_host()), {}), "spoilt.txt");
}

TEST(Status, DrawsWithPlainLettersWhereThereAreNoOthers) {
  expect_view(tree_text(make_view(spoilt_host()), {.unicode = false}), "spoilt-ascii.txt");
}

TEST(Status, IsForMachinesToo) {
  const Looked looked{.view = make_view(spoilt_host()), .has_file = true};
  expect_view(json_of(looked, looked.view, "/etc/xen/vifchain.toml", 2) + "\n", "spoilt.json");
}

TEST(Status, FindsNothingWrongWhereEverythingIsAsTheFileSays) {
  EXPECT_EQ(wrong_with(readme_host()), Lines{});
}

TEST(Status, ListsAllThatIsWrong) {
  EXPECT_EQ(wrong_with(spoilt_host()),
            (Lines{"bond1: miimon: expected 100, found 50 (line 1 of the file)",
                   "bond1.2: missing (line 11 of the file)", "eth3: has no carrier",
                   "mail/0 (vif9.0): hotplug-error: bond1: is a bridge, wanted a bond"}));
}

TEST(Status, SaysWhatTheFileWantsOtherwise) {
  Sight sight = host_of("[bridge.xenbr0]\nports = [\"eth0\"]\nmtu = 9000\n");
  sight.links.at(link_name("xenbr0")).mtu = 1500;
  EXPECT_EQ(wrong_with(sight),
            Lines{"xenbr0: mtu: expected 9000, found 1500 (line 1 of the file)"});
}

TEST(Status, SaysWhatStandsInTheWay) {
  Sight sight = host_of(one_bridge);
  Link& nic = sight.links.at(link_name("eth0"));
  nic.controller = link_name("br9");
  sight.links.emplace(link_name("br9"),
                      Link{.name = link_name("br9"), .kind = Bridge{}, .up = true});
  const auto wrong = wrong_with(sight);
  ASSERT_EQ(wrong.size(), 2U);
  EXPECT_EQ(wrong[0], "eth0: expected a port of xenbr0, found a port of br9 (line 5 of the file)");
  EXPECT_TRUE(has(wrong[1], "eth0: already a port of foreign bridge br9")) << wrong[1];
}

TEST(Status, ShowsABondThatGoesWithoutAPort) {
  Sight sight = readme_host();
  sight.links.erase(link_name("eth3"));
  sight.states.erase(link_name("eth3"));
  EXPECT_EQ(wrong_with(sight), Lines{"eth3: missing, skipped in bond1 (line 2 of the file)"});
  EXPECT_TRUE(has(line_of(sight, "bond1"), "1 of 2 ports active"));
}

TEST(Status, NamesWhatTheFileDoesNotNameAnyMore) {
  Sight sight = readme_host();
  sight.links.emplace(link_name("bond1.9"),
                      Link{.name = link_name("bond1.9"),
                           .kind = Vlan{link_name("bond1"), VlanId::from(9).value()},
                           .up = true,
                           .ours = true});
  sight.states[link_name("bond1.9")] = {.carrier = true};
  sight.links.emplace(
      link_name("eth5"),
      Link{.name = link_name("eth5"), .controller = link_name("bond1"), .up = true});
  sight.states[link_name("eth5")] = {.carrier = true};
  EXPECT_EQ(wrong_with(sight), (Lines{"bond1.9: created by vifchain, and not in the file",
                                      "eth5: expected no port of bond1, found one"}));
  EXPECT_NE(line_of(sight, "bond1.9"), "");
}

TEST(Status, ShowsBridgesThatATemplateMade) {
  Sight sight = host_of("[bridge.\"xenbr{vid}\"]\nports = [\"eth0.{vid}\"]\nvids = \"100-199\"\n");
  EXPECT_TRUE(make_view(sight).bridges.empty());
  const auto chain = chain_for(*sight.topology, "xenbr142").value();
  for (const auto& [name, link] : chain.links) {
    sight.links.insert_or_assign(name, link).first->second.up = true;
    sight.states[name] = {.carrier = true};
  }
  sight.links.at(link_name("xenbr142")).ours = true;
  EXPECT_EQ(bridges_of(make_view(sight)), Lines{"xenbr142"});
  EXPECT_EQ(wrong_with(sight), Lines{});
  sight.links.erase(link_name("eth0.142"));
  EXPECT_EQ(wrong_with(sight), Lines{"eth0.142: missing"});
}

TEST(Status, DoesNotCompareWhatOnlyRootSees) {
  Sight sight = host_of(
      "[bond.b]\nports = [\"eth0\"]\nmode = \"802.3ad\"\nad_actor_sys_prio = 5\n"
      "[bridge.x]\nports = [\"b\"]\n");
  options_of(sight.links.at(link_name("b"))).erase(Option::bond_ad_actor_sys_prio);
  EXPECT_EQ(wrong_with(sight), Lines{});
  options_of(sight.links.at(link_name("b")))[Option::bond_ad_actor_sys_prio] = std::int64_t{7};
  EXPECT_EQ(wrong_with(sight).size(), 1U);
}

TEST(Status, SaysWhichPortIsInAnotherAggregator) {
  Sight sight = readme_host();
  port_state(sight, "eth3").aggregator = 2;
  EXPECT_EQ(
      wrong_with(sight),
      Lines{"eth3: is in aggregator 2, but bond1 uses 1; it may be cabled to another switch or "
            "LACP group"});
  EXPECT_TRUE(has(line_of(sight, "bond1"), "1 of 2 ports active"));
}

TEST(Status, SaysWhichPortHasNoPartner) {
  Sight sight = readme_host();
  port_state(sight, "eth3").actor = lacp_bit::defaulted;
  EXPECT_EQ(wrong_with(sight), Lines{"eth3: no LACP partner answers on it"});
  port_state(sight, "eth3").actor = lacp_bit::sync | lacp_bit::collecting;
  EXPECT_EQ(wrong_with(sight), Lines{"eth3: LACP lets no traffic through it yet"});
  port_state(sight, "eth3").actor = lacp_bit::sync | lacp_bit::distributing;
  EXPECT_EQ(wrong_with(sight), Lines{"eth3: LACP lets no traffic through it yet"});
}

TEST(Status, AsksNoSwitchForAnAnswerToABondThatIsDown) {
  Sight sight = readme_host();
  sight.states.at(link_name("bond1")).lacp->partner = {};
  sight.links.at(link_name("bond1")).up = false;
  for (const auto& line : wrong_with(sight)) EXPECT_FALSE(has(line, "LACP")) << line;
}

TEST(Status, SaysOnceWhenNoPortOfABondHasAPartner) {
  Sight sight = readme_host();
  sight.states.at(link_name("bond1")).lacp->partner = {};
  for (const char* port : {"eth0", "eth3"}) port_state(sight, port).actor = lacp_bit::defaulted;
  EXPECT_EQ(wrong_with(sight),
            Lines{"bond1: no LACP partner answers; its switch ports may not be one LACP group"});
}

TEST(Status, SaysWhenABondHasNoCarrierThoughItsPortsHave) {
  Sight sight = readme_host();
  sight.states.at(link_name("bond1")).carrier = false;
  EXPECT_EQ(wrong_with(sight), Lines{"bond1: has no carrier, but 2 ports have one"});
}

TEST(Status, SaysWhenTheBondTrustsALinkLess) {
  Sight sight = readme_host();
  port_state(sight, "eth0").mii_up = false;
  EXPECT_EQ(wrong_with(sight), Lines{"eth0: has lost its link, as bond1 sees it"});
}

TEST(Status, NamesTheActivePortOfABond) {
  Sight sight = host_of(
      "[bond.b]\nports = [\"eth0\", \"eth1\"]\nmode = \"active-backup\"\n"
      "[bridge.x]\nports = [\"b\"]\n");
  sight.states.at(link_name("b")).active_port = link_name("eth1");
  sight.states.at(link_name("eth0")).bond_port = BondPortState{.mii_up = true, .failures = 2};
  sight.states.at(link_name("eth1")).bond_port = BondPortState{.active = true, .mii_up = true};
  EXPECT_EQ(wrong_with(sight), Lines{});
  EXPECT_TRUE(has(line_of(sight, "b"), "bond active-backup, up, eth1 active"));
  EXPECT_TRUE(has(line_of(sight, "eth0"), "up, backup, 2 link failures"));
  EXPECT_TRUE(has(line_of(sight, "eth1"), "up, active, mtu"));
}

TEST(Status, ListsALinkOfNoBridgeWithWhatIsBelowIt) {
  const Sight sight = host_of(
      "[bond.bond1]\nports = [\"eth0\"]\nmode = \"active-backup\"\n[vlan.lan]\nlink = \"bond1\"\n"
      "id = 5\n");
  EXPECT_EQ(make_view(sight).loose, std::vector{link_name("lan")});
}

TEST(Status, SaysWhatABridgeDoesWithAPortThatHasCarrier) {
  Sight sight = host_of("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  auto& state = sight.states.at(link_name("eth0"));
  state.bridge_port = Forwarding::blocking;
  EXPECT_TRUE(has(line_of(sight, "eth0"), "blocking"));
  state.carrier = false;
  EXPECT_FALSE(has(line_of(sight, "eth0"), "blocking")) << "there is nothing to forward";
}

TEST(Status, ShowsTheMacOfAPortThatItsBridgeHasFromIt) {
  Sight sight = host_of("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  const Mac mac = numbered_mac(0x77);
  for (const char* name : {"eth0", "xenbr0"}) sight.links.at(link_name(name)).mac = mac;
  EXPECT_TRUE(has(line_of(sight, "eth0"), mac.str())) << line_of(sight, "eth0");
}

TEST(Status, SaysOnceOfADhcpClientThatItLooksAfterAPort) {
  Sight sight = host_of("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  for (const bool v6 : {false, true})
    sight.clients.push_back(
        {.program = DhcpProgram::dhcpcd, .link = link_name("eth0"), .v6 = v6, .pid = 77});
  const auto wrong = wrong_with(sight);
  EXPECT_EQ(
      std::ranges::count_if(wrong, [](const auto& text) { return has(text, "runs on this port"); }),
      1)
      << testing::PrintToString(wrong);
}

TEST(Status, SaysWhenALinkIsDownThoughTheFileDoesNotCare) {
  Sight sight;
  sight.links.emplace(link_name("br0"),
                      Link{.name = link_name("br0"), .kind = Bridge{}, .up = false});
  EXPECT_EQ(wrong_with(sight), Lines{"br0: is down"});
}

TEST(Status, ShowsGuestsOnBridgesOfOthers) {
  EXPECT_TRUE(has(line_of(spoilt_host(), "virbr0"), "foreign"));
  EXPECT_EQ(guest(spoilt_host(), 12).on, link_name("virbr0"));
}

TEST(Status, TakesNoLinkHereForOneOfAnotherDomain) {
  Sight sight = spoilt_host();
  sight.links.emplace(link_name("vif11.0"), Link{.name = link_name("vif11.0"), .up = true});
  sight.states[link_name("vif11.0")] = {.carrier = true};
  EXPECT_EQ(guest(sight, 11).link, std::nullopt);
}

TEST(Status, KnowsARenamedVifByItsOldName) {
  Sight sight = readme_host();
  auto link = sight.links.extract(link_name("vif7.0"));
  link.mapped().name = link.key() = link_name("dbnet");
  sight.links.insert(std::move(link));
  auto state = sight.states.extract(link_name("vif7.0"));
  state.key() = link_name("dbnet");
  state.mapped().other_names = {link_name("vif7.0")};
  sight.states.insert(std::move(state));
  EXPECT_EQ(guest(sight, 7).link, link_name("dbnet"));
  EXPECT_EQ(wrong_with(sight), Lines{});
  sight.states.at(link_name("dbnet")).other_names.clear();
  EXPECT_EQ(wrong_with(sight).size(), 1U);
  sight.vifs[1].link = link_name("dbnet");  // by sysfs
  EXPECT_EQ(wrong_with(sight), Lines{});
}

TEST(Status, ShowsTheEmulatedNicBesideItsVif) {
  Sight sight = readme_host();
  const auto beside = link_name("vif7.0-emu");
  sight.links.emplace(beside,
                      Link{.name = beside, .controller = link_name("xenbrlan"), .up = true});
  sight.states[beside] = {.carrier = true};
  EXPECT_EQ(guest(sight, 7).emulated, beside);
  EXPECT_TRUE(has(line_of(sight, "vif7.0"), "emulated NIC vif7.0-emu"));
  EXPECT_EQ(make_view(sight).guests.size(), 2U);
}

TEST(Status, ShowsTheEmulatedNicOfQemuWithTheBridgeOfItsVif) {
  Sight sight = readme_host();
  const auto tap = link_name("tap7.0");
  sight.links.emplace(tap, Link{.name = tap, .controller = link_name("xenbrlan"), .up = true});
  sight.states[tap] = {.carrier = true};
  EXPECT_EQ(guest(sight, 7).emulated, tap);
  EXPECT_TRUE(narrowed(make_view(sight), {link_name("xenbrlan")}).links.contains(tap));
  EXPECT_FALSE(narrowed(make_view(sight), {link_name("xenbrdmz")}).links.contains(tap));
}

TEST(Status, ShowsAnEmulatedNicWhereItIsThoughItsVifIsNotThere) {
  Sight sight = readme_host();
  sight.links.erase(link_name("vif7.0"));
  sight.states.erase(link_name("vif7.0"));
  const auto bridge_of_guest = [&] {
    for (const auto& bridge : make_view(sight).bridges)
      if (bridge.name == link_name("xenbrlan")) return bridge.guests.size();
    return std::size_t{99};
  };
  EXPECT_EQ(bridge_of_guest(), 1U) << "it is to be there";
  const auto tap = link_name("tap7.0");
  sight.links.emplace(tap, Link{.name = tap, .up = true});
  sight.states[tap] = {.carrier = true};
  EXPECT_EQ(bridge_of_guest(), 0U) << "its emulated NIC is on no bridge";
}

TEST(Status, ShowsGuestsAsTheKernelKnowsThemWithoutXenstore) {
  Sight sight = readme_host();
  sight.vifs.clear();
  EXPECT_TRUE(has(line_of(sight, "vif7.0"), "domain 7, vif 0, mtu 1500"));
  EXPECT_EQ(wrong_with(sight), Lines{});
}

TEST(Status, ShowsTheFilterOfAPort) {
  Sight sight = readme_host();
  const PortFilter filter{.mode = Antispoof::mac_ip,
                          .mac = numbered_mac(7),
                          .owner = link_name("vif7.0"),
                          .bridge = link_name("xenbrlan")};
  auto& link = sight.links.at(link_name("vif7.0"));
  link.filter = filter;
  Link want{.name = link.name, .keep_controller = true, .filter = filter};
  sight.ports.emplace(link.name, want);
  EXPECT_TRUE(has(line_of(sight, "vif7.0"), "antispoof mac-ip"));
  EXPECT_EQ(wrong_with(sight), Lines{});
}

TEST(Status, NeverShowsAFilterThatIsNotInForce) {
  Sight sight = readme_host();
  const auto port = link_name("vif7.0");
  const PortFilter filter{.mode = Antispoof::mac_ip, .mac = numbered_mac(7), .owner = port};
  sight.ports.emplace(port, Link{.name = port, .keep_controller = true, .filter = filter});
  auto& link = sight.links.at(port);
  for (const bool spoilt : {false, true}) {
    link.filter = spoilt ? filter : PortFilter{};
    link.filter->spoilt = spoilt;
    EXPECT_FALSE(has(line_of(sight, "vif7.0"), "antispoof mac-ip, "));
    ASSERT_EQ(wrong_with(sight).size(), 1U);
    EXPECT_TRUE(has(wrong_with(sight)[0], "antispoof mac-ip is NOT in force"))
        << wrong_with(sight)[0];
  }
}

TEST(Status, DoesNotCountOnAFilterThatSomebodyHasSpoilt) {
  Sight sight = readme_host();
  auto& link = sight.links.at(link_name("vif7.0"));
  link.filter = PortFilter{.mode = Antispoof::mac, .mac = numbered_mac(7), .owner = link.name};
  EXPECT_EQ(guest(sight, 7).antispoof, Antispoof::mac);
  link.filter->spoilt = true;
  EXPECT_NE(guest(sight, 7).antispoof, Antispoof::mac);
}

TEST(Status, NamesFiltersThatAreLeftBehind) {
  Sight sight = readme_host();
  sight.left_over.emplace(link_name("vif9.0"), PortFilter{.mode = Antispoof::mac});
  EXPECT_EQ(wrong_with(sight), Lines{"vif9.0: filter left over, no such link on this host"});
}

TEST(Status, ShowsVlansInRanges) {
  Sight sight = readme_host();
  options_of(sight.links.at(link_name("xenbrlan")))[Option::bridge_vlan_filtering] =
      std::int64_t{1};
  auto& vlans = sight.links.at(link_name("vif7.0")).vlans.emplace();
  vlans.push_back({VlanId::from(5).value(), true, true});
  for (const int id : {10, 11, 12, 30, 31}) vlans.push_back({VlanId::from(id).value()});
  EXPECT_TRUE(has(line_of(sight, "vif7.0"), "VLAN 5 untagged, 10-12 and 30-31 tagged"))
      << line_of(sight, "vif7.0");
}

TEST(Status, SaysWhenAVifIsNotWhereXenstoreHasIt) {
  Sight sight = readme_host();
  sight.links.at(link_name("vif7.0")).controller = link_name("xenbrdmz");
  EXPECT_EQ(wrong_with(sight),
            Lines{"db/0 (vif7.0): expected on xenbrlan (xenstore), found on xenbrdmz"});
  sight.links.at(link_name("vif7.0")).controller.reset();
  EXPECT_EQ(wrong_with(sight), Lines{"db/0 (vif7.0): expected on xenbrlan, found on no bridge"});
  EXPECT_EQ(make_view(sight).elsewhere.size(), 1U);
}

TEST(Status, TakesTheOtherWaysToNameABridge) {
  Sight sight = readme_host();
  for (const char* written : {"xenbrlan.5:6", "xenbrlan:7", ""}) {
    sight.vifs[1].bridge = written;
    EXPECT_EQ(wrong_with(sight), Lines{}) << written;
  }
}

TEST(Status, TakesTheBridgeThatXenOnceCalledAnotherWay) {
  Sight sight = readme_host();
  sight.links.at(link_name("vif7.0")).controller = link_name("eth9");
  sight.vifs[1].bridge = "xenbr9";
  EXPECT_EQ(wrong_with(sight), Lines{});
  sight.vifs[1].bridge = "xenbr8";
  EXPECT_EQ(wrong_with(sight),
            Lines{"db/0 (vif7.0): expected on xenbr8 (xenstore), found on eth9"});
}

TEST(Status, SaysWhenAVifHasLostItsLink) {
  Sight sight = readme_host();
  sight.links.erase(link_name("vif7.0"));
  sight.states.erase(link_name("vif7.0"));
  EXPECT_EQ(wrong_with(sight), Lines{"db/0 (vif7.0): its link is missing"});
  sight.vifs[1].backend = XenbusState::closing;
  EXPECT_EQ(wrong_with(sight), Lines{});
}

TEST(Status, NarrowsToTheBridgesThatWereNamed) {
  const View view = narrowed(make_view(spoilt_host()), {link_name("xenbrlan")});
  EXPECT_EQ(bridges_of(view), Lines{"xenbrlan"});
  EXPECT_EQ(view.guests.size(), 2U);
  EXPECT_TRUE(view.links.contains(link_name("eth0")));
  EXPECT_FALSE(view.links.contains(link_name("bond1.2")));
  EXPECT_TRUE(view.elsewhere.empty());
}

TEST(Status, LetsNothingSpeakToTheTerminal) {
  const auto text = tree_text(make_view(spoilt_host()), {});
  EXPECT_EQ(text.find('\033'), std::string::npos);
  EXPECT_EQ(printable("a\033b\177c\xff"
                      "d\xc2\x9b"
                      "e\nä├"),
            "a?b?c?d?e?ä├");
  EXPECT_EQ(printable("\xed\xa0\x80"), "???");  // a surrogate
}

TEST(Status, PaintsOnlyWhereItMay) {
  const auto text = tree_text(make_view(spoilt_host()), {.colour = true});
  EXPECT_TRUE(has(text, "\033[1mxenbrlan\033[0m")) << text;
  EXPECT_TRUE(has(text, "\033[1;31m! has no carrier\033[0m"));
}

TEST(Status, CountsTrafficWhenAsked) {
  Sight sight = readme_host();
  sight.states.at(link_name("eth0")).counters = Counters{.received_bytes = 1'234'567,
                                                         .received_packets = 1000,
                                                         .received_dropped = 2,
                                                         .sent_bytes = 999,
                                                         .sent_packets = 1,
                                                         .sent_errors = 1};
  const std::string counted =
      "received 1.2 MB in 1000 packets (2 dropped), sent 999 B in 1 packet (1 error)";
  EXPECT_TRUE(has(tree_text(make_view(sight), {.counters = true}), counted));
  EXPECT_FALSE(has(tree_text(make_view(sight), {}), counted));
}

// What the kernel sends of a bond and its ports, as bond_fill_info and bond_fill_slave_info have
// it.
class LinkStates : public ::testing::Test {
 protected:
  // Of the link 7, "eth0".
  Message begin() {
    auto message = new_message(RTM_NEWLINK, 0, link_body(7));
    put_text(*message, IFLA_IFNAME, "eth0");
    put(*message, IFLA_CARRIER, std::uint8_t{1});
    put(*message, IFLA_OPERSTATE, std::uint8_t{6});
    return message;
  }

  LinkState read(const Message& message) { return read_state(*nlmsg_hdr(message.get()), names_); }

  Names names_;
};

TEST_F(LinkStates, ReadsAPortOfALacpBond) {
  auto message = begin();
  {
    const Nest info(*message, IFLA_LINKINFO);
    put_text(*message, IFLA_INFO_SLAVE_KIND, "bond");
    const Nest data(*message, IFLA_INFO_SLAVE_DATA);
    put(*message, IFLA_BOND_SLAVE_STATE, std::uint8_t{0});
    put(*message, IFLA_BOND_SLAVE_MII_STATUS, std::uint8_t{0});
    put(*message, IFLA_BOND_SLAVE_LINK_FAILURE_COUNT, std::uint32_t{3});
    put(*message, IFLA_BOND_SLAVE_AD_AGGREGATOR_ID, std::uint16_t{2});
    put(*message, IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE, std::uint8_t{0x3f});
    put(*message, IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE, std::uint16_t{0x3d});
  }
  const LinkState state = read(message);
  EXPECT_EQ(state.index, 7U);
  EXPECT_TRUE(state.carrier);
  EXPECT_EQ(state.operstate, "up");
  EXPECT_EQ(state.bond_port, (BondPortState{.active = true,
                                            .mii_up = true,
                                            .failures = 3,
                                            .aggregator = 2,
                                            .actor = 0x3f,
                                            .partner = 0x3d}));
}

TEST_F(LinkStates, ReadsABondWithItsPartnerAndItsActivePort) {
  auto message = begin();
  {
    const Nest info(*message, IFLA_LINKINFO);
    put_text(*message, IFLA_INFO_KIND, "bond");
    const Nest data(*message, IFLA_INFO_DATA);
    put(*message, IFLA_BOND_ACTIVE_SLAVE, std::uint32_t{3});
    const Nest lacp(*message, IFLA_BOND_AD_INFO);
    put(*message, IFLA_BOND_AD_INFO_AGGREGATOR, std::uint16_t{1});
    put(*message, IFLA_BOND_AD_INFO_NUM_PORTS, std::uint16_t{2});
    put(*message, IFLA_BOND_AD_INFO_ACTOR_KEY, std::uint16_t{15});
    put(*message, IFLA_BOND_AD_INFO_PARTNER_KEY, std::uint16_t{32});
    put(*message, IFLA_BOND_AD_INFO_PARTNER_MAC, numbered_mac(9).bytes);
  }
  names_.learn(3, link_name("eth3"));
  const LinkState state = read(message);
  EXPECT_EQ(state.active_port, link_name("eth3"));
  EXPECT_EQ(state.lacp, (LacpInfo{1, 2, 15, 32, numbered_mac(9)}));
}

TEST_F(LinkStates, ReadsTheStateOfABridgePort) {
  auto message = begin();
  {
    const Nest info(*message, IFLA_LINKINFO);
    put_text(*message, IFLA_INFO_SLAVE_KIND, "bridge");
    const Nest data(*message, IFLA_INFO_SLAVE_DATA);
    put(*message, IFLA_BRPORT_STATE, std::uint8_t{BR_STATE_LEARNING});
  }
  EXPECT_EQ(read(message).bridge_port, Forwarding::learning);
}

TEST_F(LinkStates, CountsAsAnOldKernelDoes) {
  auto message = begin();
  put(*message, IFLA_STATS64, std::array<std::uint64_t, 23>{10, 20, 30, 40, 1, 2, 3, 4});
  EXPECT_EQ(read(message).counters, (Counters{30, 10, 1, 3, 40, 20, 2, 4}));
}

// A store that lets nobody look below some places.
class ShutStore final : public Store {
 public:
  ShutStore(const std::string& home, Lines shut) : open(home), shut_(std::move(shut)) {}

  std::vector<std::string> children(const std::string& path) override {
    check(path);
    return open.children(path);
  }
  std::optional<std::string> read(const std::string& path) override {
    check(path);
    return open.read(path);
  }
  void write(const std::string&, const std::string&) override { throw Error(EROFS, "writing"); }
  void write_together(std::span<const StoreNode>) override { throw Error(EROFS, "writing"); }
  bool write_within(const std::string&, std::span<const StoreNode>) override {
    throw Error(EROFS, "writing");
  }
  void remove(const std::string&) override { throw Error(EROFS, "removing"); }
  bool remove_if_empty(const std::string&) override { throw Error(EROFS, "removing"); }
  [[nodiscard]] bool is_silent() const override { return false; }

  FakeStore open;

 private:
  void check(const std::string& path) const {
    for (const auto& shut : shut_)
      if (path.starts_with(shut)) throw Error(EACCES, "reading " + path + " in xenstore");
  }
  Lines shut_;
};

// Guest 5, "web", with its backend in domain 3, "netdrv".
void fill(FakeStore& store) {
  store.write("/local/domain/5/name", "web");
  store.write("/local/domain/3/name", "netdrv");
  store.write("/libxl/5/device/vif/0/backend", "/local/domain/3/backend/vif/5/0");
  const std::string backend = "/local/domain/3/backend/vif/5/0/";
  for (const auto& [node, value] :
       std::map<std::string, std::string>{{"state", "4"},
                                          {"bridge", "xenbr0"},
                                          {"vlan", "5p"},
                                          {"mac", "02:00:00:00:00:05"},
                                          {"hotplug-status", "connected"}})
    store.write(backend + node, value);
  store.write("/local/domain/5/device/vif/0/state", "4");
}

TEST(GuestVifs, AreThoseOfDriverDomainsToo) {
  FakeStore store;
  fill(store);
  store.write("/libxl/6/device/vif/0/backend", "/local/domain/0/backend/vif/6/0");
  const auto vifs = read_guest_vifs(store, "/nowhere");
  EXPECT_EQ(vifs, (std::vector<GuestVif>{{.vif = {5, 0},
                                          .guest = "web",
                                          .backend_domid = 3,
                                          .backend_guest = "netdrv",
                                          .here = false,
                                          .bridge = "xenbr0",
                                          .vlan = "5p",
                                          .mac = numbered_mac(5),
                                          .backend = XenbusState::connected,
                                          .frontend = XenbusState::connected,
                                          .hotplug_status = "connected"}}));
}

TEST(GuestVifs, AreTheOwnBackendsOfADriverDomain) {
  ShutStore store("/local/domain/3", {"/libxl"});
  fill(store.open);
  store.open.write("/local/domain/3/domid", "3");
  const auto vifs = read_guest_vifs(store, "/nowhere");
  ASSERT_EQ(vifs.size(), 1U);
  EXPECT_TRUE(vifs[0].here);
  EXPECT_EQ(vifs[0].vif, (VifId{5, 0}));
}

TEST(GuestVifs, TellADriverDomainWhyAGuestIsNotConnected) {
  ShutStore store("/local/domain/3", {"/libxl", "/local/domain/5"});
  fill(store.open);
  store.open.write("/local/domain/3/domid", "3");
  store.open.write("backend/vif/5/0/state", "2");
  store.open.write("backend/vif/5/0/hotplug-status", "error");
  store.open.write("backend/vif/5/0/hotplug-error", "there is no bridge xenbr0");
  Sight sight;
  sight.vifs = read_guest_vifs(store, "/nowhere");
  EXPECT_EQ(wrong_with(sight), Lines{"5/0 (vif5.0): hotplug-error: there is no bridge xenbr0"});
}

TEST(GuestVifs, SayWhatMayNotBeRead) {
  ShutStore store("/local/domain/0", {"/local/domain/3/backend"});
  fill(store.open);
  const auto vifs = read_guest_vifs(store, "/nowhere");
  ASSERT_EQ(vifs.size(), 1U);
  EXPECT_TRUE(has(vifs[0].unreadable, "reading /local/domain/3/backend/vif/5/0/state"));
}

}  // namespace
}  // namespace vifchain

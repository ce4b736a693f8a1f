// SPDX-License-Identifier: Apache-2.0
#include "core/model/topology.hpp"

#include <gtest/gtest.h>

#include "core/model/rate.hpp"
#include "core/model/vid_ranges.hpp"
#include "core/text/nearest.hpp"
#include "edge/parse/toml.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

Topology topology(std::string_view text) {
  auto result = parse_topology(text);
  if (const auto* wrong = std::get_if<Diagnostics>(&result)) {
    for (const auto& diagnostic : *wrong) ADD_FAILURE() << show(diagnostic, "text");
    return {};
  }
  return std::get<Topology>(std::move(result));
}

VlanId vid(int number) {
  return *VlanId::from(number);
}
std::vector<LinkName> names(const std::vector<std::string_view>& texts) {
  std::vector<LinkName> list;
  for (const auto text : texts) list.push_back(name(text));
  return list;
}

constexpr std::string_view story = R"([bond.bond1]
ports     = ["eth0", "eth3"]
mode      = "802.3ad"
miimon    = 100
lacp_rate = "fast"

[bridge.xenbrlan]
ports = ["bond1.3"]

[bridge.xenbrdmz]
ports = ["bond1.2"]
)";

TEST(Topology, OfTheStoryIsWholeFromNicToBridge) {
  const auto read = topology(story);
  ASSERT_EQ(read.links.size(), 7U);
  const Link nic{.name = name("eth3"), .controller = name("bond1"), .up = true};
  const Link bond{
      .name = name("bond1"),
      .kind =
          Bond{{{Option::bond_mode, 4}, {Option::bond_miimon, 100}, {Option::bond_lacp_rate, 1}}},
      .up = true,
      .ours = true};
  const Link vlan{.name = name("bond1.3"),
                  .kind = Vlan{name("bond1"), vid(3)},
                  .controller = name("xenbrlan"),
                  .up = true,
                  .addr_gen = AddrGen::none,
                  .ours = true};
  Link bridge{.name = name("xenbrlan"),
              .kind = Bridge{},
              .up = true,
              .addr_gen = AddrGen::none,
              .ra = false,
              .apart = true,
              .ours = true};
  bridge.birth.options = {{Option::bridge_stp, 0}, {Option::bridge_forward_delay, 0}};
  EXPECT_EQ(read.links.at(nic.name), nic);
  EXPECT_EQ(read.links.at(bond.name), bond);
  EXPECT_EQ(read.links.at(vlan.name), vlan);
  EXPECT_EQ(read.links.at(bridge.name), bridge);
}

TEST(Topology, ABridgeIsTheHostsWhereTheFileGivesItSomething) {
  const auto read = topology(R"(
[bridge.guests]
[bridge.asks]
mcast_querier = true
[bridge.address]
addresses = ["192.0.2.5/24"]
[bridge.lease]
dhcp = "ipv4"
[bridge.adverts]
ra = true
[bridge.without]
ra = false
[bridge.trunk]
vlan_filtering = true
[vlan."trunk.10"]
addresses = ["198.51.100.5/24"]
[bridge."xenbr{vid}"]
ports = ["eth0.{vid}"]
vids = "100-199"
)");
  const auto link = [&](const char* bridge) { return read.links.at(name(bridge)); };
  for (const char* bridge : {"guests", "asks", "without"})
    EXPECT_TRUE(link(bridge).apart == true && link(bridge).ra == false) << bridge;
  for (const char* bridge : {"address", "lease", "adverts", "trunk"})
    EXPECT_EQ(link(bridge).apart, false) << bridge;
  EXPECT_EQ(link("guests").addr_gen, AddrGen::none);
  EXPECT_EQ(link("asks").addr_gen, AddrGen::eui64);
  EXPECT_EQ(link("adverts").ra, true);
  EXPECT_EQ(link("address").ra, std::nullopt);
  EXPECT_EQ(chain_for(read, "xenbr142")->links.at(name("xenbr142")).apart, true);
}

TEST(Topology, AGatewayMayBeOnTheLinkThoughNoAddressSaysSo) {
  const auto read = topology(R"(
[bridge.xenbr0]
addresses = ["203.0.113.5/32"]
gateway = "203.0.113.1"
onlink = true
routes = [{ to = "10.0.0.0/8", via = "203.0.113.9", onlink = true }]
)");
  const auto& routes = read.hosting.at(name("xenbr0")).routes;
  ASSERT_EQ(routes.size(), 2U);
  EXPECT_TRUE(routes.at(0).onlink && routes.at(1).onlink);
}

TEST(Topology, ABondThatWeMakeWatchesItsPortsUnlessTheFileSaysOtherwise) {
  const auto miimon = [](const std::string& lines) {
    const auto read = topology("[bond.bond1]\nports = [\"eth0\"]\n" + lines + "\n");
    const auto& link = read.links.at(name("bond1"));
    return std::pair(integer(link.birth.options, Option::bond_miimon),
                     integer(options_of(link), Option::bond_miimon));
  };
  using Miimon = std::pair<std::optional<std::int64_t>, std::optional<std::int64_t>>;
  EXPECT_EQ(miimon("mode = \"active-backup\""), Miimon(100, std::nullopt));
  EXPECT_EQ(miimon("miimon = 0"), Miimon(std::nullopt, 0));
  EXPECT_EQ(miimon("miimon = 50"), Miimon(std::nullopt, 50));
  EXPECT_EQ(miimon("arp_interval = 200\narp_ip_target = [\"10.0.0.1\"]"),
            Miimon(std::nullopt, std::nullopt));
}

TEST(Topology, KnowsPortsAndPlaces) {
  const auto read = topology(story);
  EXPECT_EQ(read.ports.at(name("bond1")), names({"eth0", "eth3"}));
  EXPECT_EQ(read.ports.at(name("xenbrdmz")), names({"bond1.2"}));
  EXPECT_EQ(read.places.at(name("bond1")), (Place{1, 7}));
  EXPECT_EQ(read.places.at(name("eth3")), (Place{2, 22}));
  EXPECT_EQ(read.places.at(name("bond1.2")), (Place{11, 10}));
}

TEST(Topology, OfAnEmptyFileIsEmpty) {
  EXPECT_TRUE(topology("").links.empty());
}

TEST(Topology, KeepsTheNameOfADeclaredVlan) {
  const auto read = topology(R"(
[vlan.vlan3]
link = "bond1"
id = 3
protocol = "802.1ad"
gvrp = true
ingress_qos_map = ["3:5", "4:0"]
[bond.bond1]
ports = ["eth0"]
[bridge.xenbr3]
ports = ["vlan3"]
)");
  const Vlan wanted{name("bond1"),
                    vid(3),
                    VlanProtocol::ieee_802_1ad,
                    {{Option::vlan_gvrp, 1}, {Option::vlan_ingress_qos_map, QosMap{{3, 5}}}}};
  EXPECT_EQ(read.links.at(name("vlan3")).kind, Kind(wanted));
  EXPECT_FALSE(read.links.contains(name("bond1.3")));
}

TEST(Topology, TakesLinkAndIdOfADeclaredVlanFromItsName) {
  const auto read = topology("[vlan.\"bond1.3\"]\nreorder_hdr = false\n");
  const Vlan wanted{
      name("bond1"), vid(3), VlanProtocol::ieee_802_1q, {{Option::vlan_reorder_hdr, 0}}};
  EXPECT_EQ(read.links.at(name("bond1.3")).kind, Kind(wanted));
  EXPECT_EQ(read.links.at(name("bond1")).kind, Kind(Given{}));
}

TEST(Topology, StacksVlansOnVlans) {
  const auto read = topology("[bridge.xenbr0]\nports = [\"eth0.100.7\"]\n");
  EXPECT_EQ(*parent_of(read.links.at(name("eth0.100.7"))), name("eth0.100"));
  EXPECT_EQ(*parent_of(read.links.at(name("eth0.100"))), name("eth0"));
}

TEST(Topology, LeavesTheControllerOfANicBelowAVlanAlone) {
  const auto read = topology("[bridge.xenbr0]\nports = [\"eth0.5\", \"eth1\"]\n");
  EXPECT_TRUE(read.links.at(name("eth0")).keep_controller);
  EXPECT_FALSE(read.links.at(name("eth0")).controller);
  EXPECT_FALSE(read.links.at(name("eth1")).keep_controller);
  EXPECT_FALSE(read.links.at(name("eth0.5")).keep_controller);
}

TEST(Topology, TakesABridgeWithoutPorts) {
  const auto read = topology("[bridge.guests]\nteardown = \"never\"\n");
  EXPECT_TRUE(read.ports.at(name("guests")).empty());
}

TEST(Topology, AllowsABondAsPortBesideItsVlans) {
  const auto read = topology(R"(
[bond.bond1]
ports = ["eth0"]
[bridge.native]
ports = ["bond1"]
[bridge.tagged]
ports = ["bond1.3"]
)");
  EXPECT_EQ(read.links.at(name("bond1")).controller, name("native"));
  EXPECT_EQ(read.links.at(name("bond1")).addr_gen, AddrGen::none);
}

TEST(Topology, AllowsVlansAsPortsOfABondAndOfAnotherBridge) {
  const auto read = topology(R"(
[bond.bond1]
ports = ["eth0.5", "eth1.5"]
mode = "active-backup"
primary = "eth0.5"
[bridge.outer]
[bridge.inner]
ports = ["outer.7"]
)");
  EXPECT_EQ(read.links.at(name("eth0.5")).controller, name("bond1"));
  EXPECT_EQ(*parent_of(read.links.at(name("outer.7"))), name("outer"));
}

TEST(Topology, GivesBridgesTheirBirthOptionsUnlessTheyAreNamed) {
  const auto read = topology(R"(
[bridge.filters]
vlan_filtering = true
[bridge.own]
stp = false
forward_delay = 2.5
vlan_filtering = true
vlan_default_pvid = 1
[bridge.spans]
stp = true
)");
  const Options filters{{Option::bridge_stp, 0},
                        {Option::bridge_forward_delay, 0},
                        {Option::bridge_vlan_default_pvid, 0}};
  EXPECT_EQ(read.links.at(name("filters")).birth.options, filters);
  const Options own{{Option::bridge_stp, 0},
                    {Option::bridge_forward_delay, 250},
                    {Option::bridge_vlan_filtering, 1},
                    {Option::bridge_vlan_default_pvid, 1}};
  EXPECT_EQ(options_of(read.links.at(name("own"))), own);
  EXPECT_EQ(read.links.at(name("own")).birth, Birth{});
  EXPECT_EQ(read.links.at(name("spans")).birth, Birth{});
}

TEST(Topology, SetsAMacAlsoAtBirth) {
  const auto read = topology(R"(
[bond.bond1]
ports = ["eth0"]
mac = "02:00:00:00:00:01"
)");
  EXPECT_EQ(read.links.at(name("bond1")).mac, Mac::parse("02:00:00:00:00:01"));
  EXPECT_EQ(read.links.at(name("bond1")).birth.mac, Mac::parse("02:00:00:00:00:01"));
}

TEST(Topology, RaisesTheMtuOfEverythingBelowABridge) {
  const auto read = topology(std::string(story) + R"(
[bridge.storage]
ports = ["bond1.5", "eth7"]
mtu = 9000
[bridge.backup]
ports = ["bond1.6"]
mtu = 4000
)");
  const std::pair<const char*, unsigned> wanted[] = {
      {"storage", 9000}, {"bond1.5", 9000}, {"bond1", 9000},  {"eth0", 9000},
      {"eth3", 9000},    {"eth7", 9000},    {"backup", 4000}, {"bond1.6", 4000}};
  for (const auto& [link, mtu] : wanted) EXPECT_EQ(read.links.at(name(link)).mtu, mtu) << link;
  EXPECT_FALSE(read.links.at(name("xenbrlan")).mtu);
  EXPECT_FALSE(read.links.at(name("bond1.3")).mtu);
  EXPECT_EQ(read.links.at(name("storage")).birth.mtu, 8999U);
  EXPECT_FALSE(read.links.at(name("bond1")).birth.mtu);
}

TEST(Topology, KeepsAnMtuThatIsLargerThanNeeded) {
  const auto read = topology(R"(
[bridge.small]
ports = ["eth0.5"]
mtu = 1500
[port.eth0]
mtu = 9000
[port."eth0.5"]
mtu = 4000
)");
  EXPECT_EQ(read.links.at(name("eth0")).mtu, 9000U);
  EXPECT_EQ(read.links.at(name("eth0.5")).mtu, 4000U);
  EXPECT_EQ(read.links.at(name("small")).mtu, 1500U);
}

TEST(Topology, PutsPortOptionsAndVlansOnPorts) {
  const auto read = topology(R"(
[bond.bond1]
ports = ["eth0"]
mode = "active-backup"
[bridge.trunk]
ports = ["bond1", "eth2"]
vlan_filtering = true
[port.bond1]
vlans = [7, "2-3"]
pvid = 5
cost = 10
[port.eth2]
vlans = []
[port.eth0]
prio = -1
)");
  const std::vector<PortVlan> vlans{
      {vid(2)}, {vid(3)}, {.id = vid(5), .pvid = true, .untagged = true}, {vid(7)}};
  EXPECT_EQ(read.links.at(name("bond1")).vlans, vlans);
  EXPECT_EQ(read.links.at(name("bond1")).port, (Options{{Option::port_cost, 10}}));
  EXPECT_EQ(read.links.at(name("eth2")).vlans, std::vector<PortVlan>{});
  EXPECT_EQ(read.links.at(name("eth0")).port, (Options{{Option::bond_port_prio, -1}}));
}

TEST(Chain, HasWhatOneBridgeNeedsAndNothingElse) {
  const auto read = topology(story);
  const auto chain = chain_for(read, "xenbrdmz");
  ASSERT_TRUE(chain);
  EXPECT_EQ(chain->bridge, name("xenbrdmz"));
  ASSERT_EQ(chain->links.size(), 5U);
  for (const char* link : {"xenbrdmz", "bond1.2", "bond1", "eth0", "eth3"})
    EXPECT_EQ(chain->links.at(name(link)), read.links.at(name(link)));
  EXPECT_EQ(chain->ports.size(), 2U);
}

TEST(Chain, IsOnlyForBridges) {
  const auto read = topology(story);
  for (const char* other : {"bond1", "bond1.2", "eth0", "nothing", "", "no/name"})
    EXPECT_FALSE(chain_for(read, other)) << other;
}

TEST(Chain, LeavesTheOtherBridgeOfABondOut) {
  const auto read = topology(R"(
[bond.bond1]
ports = ["eth0"]
[bridge.native]
ports = ["bond1"]
[bridge.tagged]
ports = ["bond1.3"]
[port.bond1]
cost = 7
)");
  const auto tagged = chain_for(read, "tagged");
  EXPECT_FALSE(tagged->links.contains(name("native")));
  const auto& bond = tagged->links.at(name("bond1"));
  EXPECT_FALSE(bond.controller);
  EXPECT_TRUE(bond.keep_controller);
  EXPECT_TRUE(bond.port.empty());
  EXPECT_EQ(chain_for(read, "native")->links.at(name("bond1")).controller, name("native"));
}

constexpr std::string_view on_demand = R"(
[bond.bond1]
ports = ["eth0"]
[bridge."xenbr{vid}"]
ports = ["bond1.{vid}"]
vids = "100-199, 300"
mtu = 9000
vlan_filtering = true
[vlan."bond1.150"]
gvrp = true
)";

TEST(Template, MakesTheChainOfEachOfItsVlans) {
  const auto read = topology(on_demand);
  const auto chain = chain_for(read, "xenbr142");
  ASSERT_TRUE(chain);
  const auto& vlan = chain->links.at(name("bond1.142"));
  EXPECT_EQ(vlan.kind, Kind(Vlan{name("bond1"), vid(142)}));
  EXPECT_EQ(vlan.controller, name("xenbr142"));
  EXPECT_EQ(vlan.mtu, 9000U);
  EXPECT_EQ(vlan.addr_gen, AddrGen::none);
  EXPECT_EQ(chain->links.at(name("eth0")).mtu, 9000U);
  const auto& bridge = chain->links.at(name("xenbr142"));
  EXPECT_EQ(bridge.name, name("xenbr142"));
  EXPECT_EQ(bridge.birth.options.at(Option::bridge_vlan_default_pvid), Value(0));
  EXPECT_EQ(bridge.birth.mtu, 8999U);
  EXPECT_EQ(chain->ports.at(name("xenbr142")), names({"bond1.142"}));
}

TEST(Template, UsesAVlanThatIsDeclared) {
  const auto chain = chain_for(topology(on_demand), "xenbr150");
  EXPECT_EQ(options_of(chain->links.at(name("bond1.150"))), (Options{{Option::vlan_gvrp, 1}}));
  EXPECT_EQ(chain->links.at(name("bond1.150")).controller, name("xenbr150"));
}

TEST(Template, IsForItsOwnVlansOnly) {
  const auto read = topology(on_demand);
  EXPECT_TRUE(chain_for(read, "xenbr300"));
  for (const char* other : {"xenbr99", "xenbr200", "xenbr0142", "xenbr", "xenbr142x", "xenbr4095"})
    EXPECT_FALSE(chain_for(read, other)) << other;
}

TEST(Template, MayShareALinkWithDeclaredBridgesAndOtherTemplates) {
  const auto read = topology(std::string(story) + R"(
[bridge."xenbr{vid}"]
ports = ["bond1.{vid}"]
vids = "100-199"
[bridge."xenbr2{vid}"]
vids = "1-99"
[bridge."lan{vid}x"]
ports = ["bond1.{vid}", "eth9.{vid}"]
vids = [200]
)");
  EXPECT_EQ(chain_for(read, "lan200x")->ports.at(name("lan200x")),
            names({"bond1.200", "eth9.200"}));
  const std::vector<std::string> known{"xenbrdmz", "xenbrlan", "xenbr{vid}", "xenbr2{vid}",
                                       "lan{vid}x"};
  EXPECT_EQ(bridge_names(read), known);
}

constexpr std::string_view policies = R"([vif]
antispoof = "mac"
isolated = true
wait = 5
[bridge.xenbrlan]
[bridge.xenbrdmz]
vif = { antispoof = "mac-ip", isolated = false, learning = false, receive_rate = "2.5Gbit" }
teardown = "last-vif"
linger = 600
[bridge."xenbr{vid}"]
vids = "100-199"
vif = { bpdu_guard = true, mcast_flood = 0, flood = 1, ipv6_link_local = true, wait = 0 }
teardown = "last-vif"
)";

TEST(Policy, OfABridgeGoesBeforeThatOfAllVifs) {
  const auto chain = chain_for(topology(policies), "xenbrdmz");
  const VifPolicy wanted{.antispoof = Antispoof::mac_ip,
                         .isolated = false,
                         .learning = false,
                         .wait = 5,
                         .receive_rate = 2'500'000'000};
  EXPECT_EQ(chain->policy, wanted);
}

TEST(Policy, OfAllVifsIsThatOfABridgeThatSaysNothing) {
  const auto read = topology(policies);
  const VifPolicy wanted{.antispoof = Antispoof::mac, .isolated = true, .wait = 5};
  EXPECT_EQ(read.vif, wanted);
  EXPECT_EQ(chain_for(read, "xenbrlan")->policy, wanted);
  EXPECT_EQ(read.policies.at(name("xenbrlan")), VifPolicy{});
}

TEST(Policy, OfATemplateIsThatOfEachOfItsBridges) {
  const auto chain = chain_for(topology(policies), "xenbr142");
  const VifPolicy wanted{.antispoof = Antispoof::mac,
                         .isolated = true,
                         .bpdu_guard = true,
                         .mcast_flood = false,
                         .flood = true,
                         .ipv6_link_local = true,
                         .wait = 0};
  EXPECT_EQ(chain->policy, wanted);
  EXPECT_EQ(chain->teardown, (Teardown{.last_vif = true}));
}

TEST(Policy, OfAFileThatHasNoneSaysNothing) {
  const auto chain = chain_for(topology(story), "xenbrdmz");
  EXPECT_EQ(chain->policy, VifPolicy{});
  EXPECT_EQ(chain->teardown, Teardown{});
}

TEST(Policy, LetsABridgeGoWithItsLastVifIfTheFileSaysSo) {
  const auto read = topology(policies);
  EXPECT_EQ(chain_for(read, "xenbrdmz")->teardown, (Teardown{.last_vif = true, .linger = 600}));
  EXPECT_EQ(chain_for(read, "xenbrlan")->teardown, Teardown{});
  EXPECT_EQ(chain_for(topology("[bridge.b]\nteardown = \"never\"\n"), "b")->teardown, Teardown{});
}

TEST(Policy, KnowsEveryModeOfAntispoof) {
  const std::pair<const char*, Antispoof> modes[] = {{"off", Antispoof::off},
                                                     {"mac", Antispoof::mac},
                                                     {"mac-ip", Antispoof::mac_ip},
                                                     {"closed", Antispoof::closed}};
  for (const auto& [word, mode] : modes) {
    const auto read = topology("[vif]\nantispoof = \"" + std::string(word) + "\"\n");
    EXPECT_EQ(read.vif.antispoof, mode) << word;
  }
}

TEST(Policy, GivesFixedVlansToThePortsThatHaveThem) {
  const auto chain = chain_for(topology(R"([bridge.trunk]
ports = ["eth0", "eth1"]
vlan_filtering = true
[port.eth0]
vlans = [10, 20]
pvid = 5
)"),
                               "trunk");
  const std::vector<PortVlan> fixed{
      {.id = vid(5), .pvid = true, .untagged = true}, {vid(10)}, {vid(20)}};
  EXPECT_EQ(chain->links.at(name("eth0")).vlans, fixed);
  EXPECT_FALSE(chain->links.at(name("eth1")).vlans);
}

TEST(UsualBridge, IsTheOneThatTheFileNames) {
  EXPECT_EQ(usual_bridge(topology("[vif]\nbridge = \"a\"\n[bridge.a]\n[bridge.b]\n")), "a");
}

TEST(UsualBridge, MayBeOneOfATemplateOrOneThatTheFileDoesNotKnow) {
  EXPECT_EQ(usual_bridge(topology("[vif]\nbridge = \"lan7\"\n[bridge.\"lan{vid}\"]\nvids = 7\n")),
            "lan7");
  EXPECT_EQ(usual_bridge(topology("[vif]\nbridge = \"virbr0\"\n[bridge.a]\n")), "virbr0");
}

TEST(UsualBridge, IsElseTheOnlyDeclaredOne) {
  EXPECT_EQ(usual_bridge(topology("[bridge.a]\n[bridge.\"lan{vid}\"]\nvids = 7\n")), "a");
  EXPECT_EQ(usual_bridge(topology("[bridge.a]\n[bridge.b]\n")), std::nullopt);
  EXPECT_EQ(usual_bridge(topology("[bridge.\"lan{vid}\"]\nvids = 7\n")), std::nullopt);
  EXPECT_EQ(usual_bridge(topology("")), std::nullopt);
}

TEST(Rate, IsReadInTheUnitsOfTc) {
  const std::pair<std::string_view, std::uint64_t> rates[] = {
      {"0bit", 0},
      {"800bit", 800},
      {"16kbit", 16'000},
      {"100Mbit", 100'000'000},
      {"100mbit", 100'000'000},
      {"1GBIT", 1'000'000'000},
      {"2.5Gbit", 2'500'000'000},
      {"0.5Tbit", 500'000'000'000},
      {"1.000kbit", 1'000},
      {"1000000Tbit", 1'000'000'000'000'000'000}};
  for (const auto& [text, bits] : rates) EXPECT_EQ(parse_rate(text), bits) << text;
}

TEST(Rate, IsNothingForOtherTexts) {
  for (const std::string_view text : {"",
                                      "1",
                                      "bit",
                                      "1 Mbit",
                                      " 1Mbit",
                                      "1Mbit ",
                                      "1Mbit/s",
                                      "1MB",
                                      "1kbps",
                                      "1kibit",
                                      ".5Mbit",
                                      "1.Mbit",
                                      "1..5Mbit",
                                      "1,5Mbit",
                                      "-1bit",
                                      "+1bit",
                                      "0x1bit",
                                      "1e3bit",
                                      "1.5bit",
                                      "1.0005kbit",
                                      "1000001Tbit",
                                      "18446744073709551617bit"})
    EXPECT_FALSE(parse_rate(text)) << text;
}

TEST(VidRanges, AreReadOrderedAndJoined) {
  VidRanges ranges;
  EXPECT_EQ(append_vids("300, 100 - 199", ranges), "");
  EXPECT_EQ(put_in_order(ranges), "");
  EXPECT_EQ(ranges, (VidRanges{{vid(100), vid(199)}, {vid(300), vid(300)}}));
  EXPECT_TRUE(contains(ranges, vid(150)));
  EXPECT_FALSE(contains(ranges, vid(200)));
  EXPECT_EQ(first_common(ranges, {{vid(190), vid(400)}}), vid(190));
  EXPECT_EQ(first_common(ranges, {{vid(1), vid(99)}}), std::nullopt);
}

TEST(VidRanges, ThatAreWrongChangeNothing) {
  VidRanges ranges{{vid(1), vid(2)}};
  for (const char* text : {"", "5,", "5-", "-5", "5-6-7", "0", "1;2", "7-6", "5,x"})
    EXPECT_NE(append_vids(text, ranges), "") << text;
  EXPECT_EQ(ranges.size(), 1U);
}

TEST(Nearest, IsTheClosestNameOrNone) {
  EXPECT_EQ(nearest("prots", {"mode", "ports", "mac"}), "ports");
  EXPECT_EQ(nearest("Ports", {"mode", "ports"}), "ports");
  EXPECT_EQ(nearest("lacprate", {"lacp_active", "lacp_rate"}), "lacp_rate");
  EXPECT_EQ(nearest("wheels", {"mode", "ports"}), "");
  EXPECT_EQ(nearest("", {"mode"}), "");
  EXPECT_EQ(nearest("ab", {"x"}), "");
}

// A legal value for each option, in the words of the file.
std::string legal_value(const OptionSpec& option) {
  switch (option.form) {
    case Form::flag:
      return "true";
    case Form::number:
      return std::to_string(std::min(option.max, option.min + 8) / 8 * 8);
    case Form::choice:
      return "\"" + std::string(option.choices.back().name) + "\"";
    case Form::seconds:
      return show(option.id, std::min<std::int64_t>(option.max, 725));
    case Form::mac:
      return "\"02:00:00:00:00:09\"";
    case Form::port:
      return "\"eth0\"";
    case Form::addresses:
      return "[\"192.0.2.1\"]";
    case Form::qos_map:
      return "[\"1:2\"]";
  }
  return {};
}

std::string value_in_file(const OptionSpec& option) {
  switch (option.id) {
    case Option::bond_ns_ip6_target:
      return "[\"2001:db8::1\"]";
    case Option::bridge_group_addr:
      return "\"01:80:c2:00:00:0e\"";
    case Option::bridge_mcast_router:
      return "2";
    case Option::bridge_mcast_mld_version:
      return "2";
    case Option::bridge_mcast_igmp_version:
      return "3";
    case Option::bond_arp_interval:
      return "200";
    case Option::port_mcast_router:
      return "2";
    case Option::port_group_fwd_mask:
      return "8";
    case Option::bridge_stp:
      return "false";
    default:
      return legal_value(option);
  }
}

// What the option needs beside it, to mean anything.
std::string company(const OptionSpec& option) {
  switch (option.id) {
    case Option::bond_updelay:
    case Option::bond_downdelay:
    case Option::bond_peer_notif_delay:
      return "miimon = 4\n";
    case Option::bond_arp_interval:
      return "arp_ip_target = [\"192.0.2.9\"]\n";
    case Option::bridge_mcast_vlan_snooping:
      return "vlan_filtering = true\n";
    case Option::port_mab:
      return "locked = true\n";
    default:
      return {};
  }
}

std::string mode_with(const OptionSpec& option) {
  const auto& modes = spec(Option::bond_mode).choices;
  if (option.id == Option::bond_ad_select) return "802.3ad";
  for (const auto& mode : modes)
    if (has_option(static_cast<BondMode>(mode.number), option)) return std::string(mode.name);
  return {};
}

// A file in which the one option is named, on the link "x".
std::string file_with(const OptionSpec& option) {
  const std::string line =
      std::string(option.key) + " = " + value_in_file(option) + "\n" + company(option);
  const std::string mode =
      option.id == Option::bond_mode ? "" : "mode = \"" + mode_with(option) + "\"\n";
  switch (option.owner) {
    case Owner::bond:
      return "[bond.x]\nports = [\"eth0\"]\n" + mode + line;
    case Owner::vlan:
      return "[vlan.x]\nlink = \"eth0\"\nid = 5\n" + line;
    case Owner::bridge:
      return "[bridge.x]\n" + line;
    case Owner::bridge_port:
      return "[bridge.b]\nports = [\"x\"]\n[port.x]\n" + line;
    case Owner::bond_port:
      return "[bond.b]\nports = [\"x\"]\n" + mode + "[port.x]\n" + line;
  }
  return {};
}

TEST(Topology, LetsEveryOptionOfTheTableThrough) {
  for (const auto& option : all_options()) {
    SCOPED_TRACE(option.key);
    const auto read = topology(file_with(option));
    ASSERT_TRUE(read.links.contains(name("x")));
    const Link& link = read.links.at(name("x"));
    const bool of_port = option.owner == Owner::bridge_port || option.owner == Owner::bond_port;
    const Options& options = of_port ? link.port : options_of(link);
    ASSERT_TRUE(options.contains(option.id)) << file_with(option);
    const auto shown = show(option.id, options.at(option.id));
    EXPECT_NE(value_in_file(option).find(shown.substr(1, shown.size() - 2)), std::string::npos)
        << shown;
  }
}

// BR_MAX_PORTS is 1024, and the kernel never gives the number 0.
TEST(Topology, GivesABridgeAsManyPortsAsTheKernelDoes) {
  const auto said_of = [](int ports) {
    std::string list;
    for (int n = 0; n < ports; ++n) list += (n > 0 ? ", \"p" : "\"p") + std::to_string(n) + "\"";
    const auto result = parse_topology("[bridge.br0]\nports = [" + list + "]\n");
    const auto* wrong = std::get_if<Diagnostics>(&result);
    return wrong == nullptr ? "right" : show(wrong->front(), "file");
  };
  EXPECT_EQ(said_of(1023), "right");
  EXPECT_EQ(said_of(1024), "file:1:9: br0 has 1024 ports; a bridge takes at most 1023");
}

}  // namespace
}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// Stories about the planner: given these links, wanting those, the plan is this, or why not. The
// tables are in the words of link_text.hpp; whole plans as printed are under tests/fixtures/plans.
#include "core/plan/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "link_text.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

Plan plan(const std::string& wanted, const std::string& there) {
  return make_plan(parse_desired(wanted), parse_actual(there));
}

std::vector<std::string> steps(const Plan& plan) {
  std::vector<std::string> lines;
  for (const auto& step : plan.steps) lines.push_back(describe(step.op));
  return lines;
}

// The conflicts of a plan that must have no steps.
std::vector<std::string> conflicts(const Plan& plan) {
  EXPECT_TRUE(plan.steps.empty());
  std::vector<std::string> lines;
  for (const auto& [name, reason] : plan.conflicts) lines.push_back(name.str() + " " + reason);
  return lines;
}

Impact greatest_impact(const Plan& plan) {
  Impact greatest = Impact::hot;
  for (const auto& step : plan.steps) greatest = std::max(greatest, step.impact);
  return greatest;
}

using Lines = std::vector<std::string>;

constexpr auto nic = "eth0 given up mtu=1500 mac=02:00:00:00:00:01\n";
constexpr auto bond_of_ours =
    "bond1 bond ours up mtu=1500 mac=02:00:00:00:00:01 mode=802.3ad miimon=100 lacp_rate=slow\n"
    "eth0 given in bond1 up mtu=1500 mac=02:00:00:00:00:01\n";

TEST(Plan, IsEmptyWhereNothingDiffers) {
  EXPECT_TRUE(plan("bond1 bond up mode=802.3ad miimon=100\neth0 given in bond1\n", bond_of_ours)
                  .nothing_to_do());
}

constexpr auto slb_bond =
    "bond1 bond ours up mtu=1500 mac=02:00:00:00:00:01 mode=balance-xor miimon=100 "
    "xmit_hash_policy=vlan+srcmac slb=eth0\n"
    "eth0 given in bond1 up mtu=1500 mac=02:00:00:00:00:01\n"
    "eth1 given down mtu=1500 mac=02:00:00:00:00:02\n";

TEST(Plan, PutsRulesInPlaceBeforeThePortJoinsThatTheyAreAbout) {
  EXPECT_EQ(steps(plan("bond1 bond up mode=balance-xor xmit_hash_policy=vlan+srcmac slb=eth0,eth1\n"
                       "eth0 given in bond1\neth1 given in bond1\n",
                       slb_bond)),
            (Lines{"balance-slb rules of bond1: eth0, eth1", "join eth1 to bond1"}));
}

TEST(Plan, LeavesRulesThatAreAsWanted) {
  EXPECT_TRUE(plan("bond1 bond up mode=balance-xor xmit_hash_policy=vlan+srcmac slb=eth0\n"
                   "eth0 given in bond1\n",
                   slb_bond)
                  .nothing_to_do());
}

TEST(Plan, MendsRulesThatAreSpoilt) {
  auto there = parse_actual(slb_bond);
  there.at(name("bond1")).slb->spoilt = true;
  const auto want = parse_desired(
      "bond1 bond up mode=balance-xor xmit_hash_policy=vlan+srcmac slb=eth0\neth0 given in "
      "bond1\n");
  EXPECT_EQ(steps(make_plan(want, there)), Lines{"balance-slb rules of bond1: eth0"});
  EXPECT_TRUE(make_plan(undo_target(want, there), parse_actual(slb_bond)).nothing_to_do());
}

TEST(Plan, TakesRulesAwayBeforeTheBondBalancesOtherwise) {
  EXPECT_EQ(steps(plan("bond1 bond up mode=balance-xor xmit_hash_policy=layer2 slb=none\n"
                       "eth0 given in bond1\n",
                       slb_bond)),
            (Lines{"balance-slb rules of bond1: none", "set bond1 xmit_hash_policy layer2"}));
}

TEST(Plan, GivesNoRulesToABondInAnotherMode) {
  EXPECT_TRUE(plan("bond1 bond up slb=eth0\neth0 given in bond1\n",
                   "bond1 bond ours up mode=active-backup slb=none\n"
                   "eth0 given in bond1 up\n")
                  .nothing_to_do());
}

TEST(Plan, RefusesSomebodyElsesBondWithoutTheRules) {
  EXPECT_EQ(
      conflicts(plan("bond1 bond up mode=balance-xor slb=eth0\neth0 given in bond1\n",
                     "bond1 bond up mode=balance-xor slb=none\neth0 given in bond1 up\n")),
      Lines{"bond1 foreign bond differs (balance-slb rules: expected eth0, found none); hint: "
            "vifchain apply --adopt"});
}

TEST(Plan, LeavesAloneWhatTheDesiredDoesNotName) {
  EXPECT_EQ(steps(plan("br0 bridge up\n", bond_of_ours)), Lines{"create br0, a bridge"});
}

TEST(Plan, MakesTheLowerLinkFirstWhateverTheNames) {
  EXPECT_EQ(steps(plan("a vlan 3 on z up\nz bond up mode=802.3ad\neth0 given\n", nic)),
            (Lines{"create z, a bond (mode 802.3ad)", "create a, VLAN 3 on z"}));
}

TEST(Plan, SetsAPortDownBeforeItJoinsABond) {
  EXPECT_EQ(steps(plan("bond1 bond up\neth0 given in bond1 up\n", nic)),
            (Lines{"create bond1, a bond", "set eth0 down", "join eth0 to bond1"}));
}

TEST(Plan, RaisesABridgePortOnlyTogetherWithItsOptions) {
  EXPECT_EQ(steps(plan("vif1.0 given in br0 up port.isolated=true\nbr0 bridge\n",
                       "vif1.0 given down mtu=1500\nbr0 bridge ours up mtu=1500\n")),
            (Lines{"join vif1.0 to br0", "set port vif1.0 isolated true, up"}));
}

TEST(Plan, LocksAPortToItsMacAfterItsVlansAndBeforeItIsUp) {
  EXPECT_EQ(
      steps(plan("vif1.0 given in br0 up port.locked=true vlans=5pu fdb=02:00:00:00:00:07@5\n",
                 "vif1.0 given down mtu=1500\nbr0 bridge ours up vlan_filtering=true\n")),
      (Lines{"join vif1.0 to br0", "VLANs of vif1.0: add 5 pvid untagged; remove 1",
             "static MACs of vif1.0: add 02:00:00:00:00:07 in VLAN 5",
             "set port vif1.0 locked true, up"}));
}

constexpr auto locked_port =
    "br0 bridge ours up vlan_filtering=true\n"
    "vif1.0 given in br0 up port.locked=true vlans=5pu fdb=02:00:00:00:00:07@5\n";

TEST(Plan, RemovesAStaticMacBeforeThePortLeavesItsVlan) {
  EXPECT_EQ(steps(plan("vif1.0 given in br0 vlans=6pu fdb=02:00:00:00:00:07@6\n", locked_port)),
            (Lines{"static MACs of vif1.0: remove 02:00:00:00:00:07 in VLAN 5",
                   "VLANs of vif1.0: add 6 pvid untagged; remove 5",
                   "static MACs of vif1.0: add 02:00:00:00:00:07 in VLAN 6"}));
}

TEST(Plan, LeavesStaticMacsAloneWhereTheDesiredDoesNotNameThem) {
  EXPECT_TRUE(plan("vif1.0 given in br0\n", locked_port).nothing_to_do());
}

TEST(Plan, TakesTheStaticMacsOfVlansThatComeWithOneForAll) {
  EXPECT_TRUE(plan("vif1.0 given in br0 fdb=02:00:00:00:00:07\n",
                   "br0 bridge ours up\nvif1.0 given in br0 up vlans=1pu "
                   "fdb=02:00:00:00:00:07,02:00:00:00:00:07@1\n")
                  .nothing_to_do());
}

TEST(Plan, DoesNotTryToRemoveAStaticMacFromAVlanThatThePortHasLeft) {
  EXPECT_TRUE(plan("vif1.0 given in br0 fdb=02:00:00:00:00:07@5\n",
                   "br0 bridge ours up\nvif1.0 given in br0 up vlans=5pu "
                   "fdb=02:00:00:00:00:07@5,02:00:00:00:00:07@9\n")
                  .nothing_to_do());
}

TEST(Plan, KnowsThatAStaticMacIsTakenFromTheOtherPort) {
  EXPECT_EQ(steps(plan("vif1.0 given in br0 fdb=02:00:00:00:00:07\nvif2.0 given in br0 fdb=\n",
                       "br0 bridge ours up\nvif1.0 given in br0 up fdb=\n"
                       "vif2.0 given in br0 up fdb=02:00:00:00:00:07\n")),
            Lines{"static MACs of vif1.0: add 02:00:00:00:00:07"});
}

TEST(StaticEntries, AreOneForEachVlanOrOneForNone) {
  const auto mac = Mac::parse("02:00:00:00:00:07").value();
  const auto five = VlanId::from(5).value(), six = VlanId::from(6).value();
  EXPECT_EQ(static_entries(mac, {}), (std::vector<FdbEntry>{{mac}}));
  EXPECT_EQ(static_entries(mac, {{five}, {six, true, true}}),
            (std::vector<FdbEntry>{{mac, five}, {mac, six}}));
}

TEST(Plan, DeletesTheVlanBeforeItsParent) {
  EXPECT_EQ(steps(plan("bond1 absent\nbond1.3 absent\neth0 given\n",
                       std::string(bond_of_ours) + "bond1.3 vlan 3 on bond1 ours up mtu=1500\n")),
            (Lines{"delete bond1.3", "delete bond1"}));
}

TEST(Plan, LetsAPortLeaveABondThatGoesWhereItsOwnMtuDecidesAboutIpv6) {
  EXPECT_EQ(steps(plan("bond1 absent\neth0 given\n",
                       "bond1 bond ours up mtu=1000\neth0 given in bond1 up mtu=1000\n")),
            (Lines{"remove port eth0", "delete bond1"}));
  EXPECT_EQ(steps(plan("bond1 absent\neth0 given\n",
                       "bond1 bond ours up mtu=1500\neth0 given in bond1 up mtu=1500\n")),
            Lines{"delete bond1"});
}

TEST(Plan, MakesAVlanAnewWhenItsIdChanged) {
  const auto changed = plan("v vlan 4 on eth0 up\neth0 given keep\n",
                            std::string(nic) + "v vlan 3 on eth0 ours up mtu=1500\n");
  EXPECT_EQ(steps(changed), (Lines{"delete v", "create v, VLAN 4 on eth0"}));
  EXPECT_EQ(greatest_impact(changed), Impact::recreates);
}

TEST(Plan, TakesPortsAwayToChangeTheModeAndGivesTheBondItsMacBack) {
  const auto changed =
      plan("bond1 bond up mode=active-backup miimon=100\neth0 given in bond1 up\n", bond_of_ours);
  EXPECT_EQ(steps(changed),
            (Lines{"remove port eth0", "set bond1 down", "set bond1 mode active-backup",
                   "set bond1 MAC 02:00:00:00:00:01", "set bond1 up", "join eth0 to bond1"}));
  EXPECT_EQ(greatest_impact(changed), Impact::ports_removed);
}

TEST(Plan, SetsABondDownForAnOptionThatNeedsIt) {
  const auto changed = plan("bond1 bond up mode=802.3ad lacp_rate=fast\n", bond_of_ours);
  EXPECT_EQ(steps(changed), (Lines{"set bond1 down", "set bond1 lacp_rate fast", "set bond1 up"}));
  EXPECT_EQ(greatest_impact(changed), Impact::link_down);
}

TEST(Plan, RaisesAgainWhatItSetDownThoughTheDesiredDoesNotSayUp) {
  EXPECT_EQ(steps(plan("bond1 bond mode=802.3ad lacp_rate=fast\n", bond_of_ours)),
            (Lines{"set bond1 down", "set bond1 lacp_rate fast", "set bond1 up"}));
}

TEST(Plan, ChangesAnOptionThatMayChangeAtAnyTimeWhileTheBondWorks) {
  const auto changed = plan("bond1 bond up mode=802.3ad miimon=50\n", bond_of_ours);
  EXPECT_EQ(steps(changed), Lines{"set bond1 miimon 50"});
  EXPECT_EQ(greatest_impact(changed), Impact::hot);
}

TEST(Plan, BringsBackAKeptPortOfABondThatHadToBeEmptied) {
  const auto changed = plan("bond1 bond mode=balance-rr\neth0 given keep\n", bond_of_ours);
  EXPECT_EQ(steps(changed).back(), "join eth0 to bond1");
}

TEST(Plan, RaisesTheMtuFromTheNicUpwards) {
  EXPECT_EQ(steps(plan("eth0 given keep mtu=9000\na vlan 3 on eth0 mtu=9000\n",
                       std::string(nic) + "a vlan 3 on eth0 ours up mtu=1500\n")),
            (Lines{"set eth0 mtu 9000", "set a mtu 9000"}));
}

TEST(Plan, SetsTheMtuOfABridgeInAStepOfItsOwnSoThatItSticks) {
  EXPECT_EQ(steps(plan("br0 bridge up mtu=9000 birth.mtu=9001\n", "")),
            (Lines{"create br0, a bridge", "set br0 mtu 9000"}));
}

TEST(Plan, SetsStpOffBeforeAForwardDelayThatIsOnlyLegalWithoutIt) {
  EXPECT_EQ(steps(plan("br0 bridge stp=false forward_delay=0\n",
                       "br0 bridge ours up stp=true forward_delay=1500\n")),
            (Lines{"set br0 stp false", "set br0 forward_delay 0"}));
}

TEST(Plan, GivesAPortItsVlansBeforeItIsRaised) {
  EXPECT_EQ(steps(plan("vif1.0 given in br0 up vlans=5pu\nbr0 bridge\n",
                       "vif1.0 given down mtu=1500\n"
                       "br0 bridge ours up mtu=1500 vlan_filtering=true vlan_default_pvid=1\n")),
            (Lines{"join vif1.0 to br0", "VLANs of vif1.0: add 5 pvid untagged; remove 1",
                   "set vif1.0 up"}));
}

TEST(Plan, TakesAddressesFromAVifBeforeItJoins) {
  EXPECT_EQ(
      steps(plan("vif1.0 given in br0 up addresses=\nbr0 bridge\n",
                 "vif1.0 given down mtu=1500 addresses=192.0.2.1/24\n"
                 "br0 bridge ours up mtu=1500\n")),
      (Lines{"addresses of vif1.0: remove 192.0.2.1/24", "join vif1.0 to br0", "set vif1.0 up"}));
}

TEST(Plan, NeverStealsAPortFromSomebodyElsesController) {
  EXPECT_EQ(conflicts(plan("eth0 given in br0\nbr0 bridge\n",
                           "eth0 given in virbr0 up\nvirbr0 bridge up\n")),
            Lines{"eth0 already a port of foreign bridge virbr0; expected a port of br0"});
}

TEST(Plan, MovesAPortBetweenControllersOfOurs) {
  EXPECT_EQ(steps(plan("eth0 given in br1\nbr1 bridge\n",
                       "eth0 given in br0 down mtu=1500\nbr0 bridge ours mtu=1500\n"
                       "br1 bridge ours mtu=1500\n")),
            (Lines{"remove port eth0", "join eth0 to br1"}));
}

TEST(Plan, RefusesALinkOfAnotherKindThatIsNotOurs) {
  EXPECT_EQ(conflicts(plan("br0 bridge up\n", "br0 bond up mode=802.3ad\n")),
            Lines{"br0 foreign link: expected a bridge, found a bond"});
}

TEST(Plan, RefusesToReoptionSomebodyElsesLink) {
  EXPECT_EQ(
      conflicts(plan("br0 bridge vlan_filtering=true\n", "br0 bridge up vlan_filtering=false\n")),
      Lines{
          "br0 foreign bridge differs (vlan_filtering: expected true, found false); hint: vifchain "
          "apply --adopt"});
}

TEST(Plan, UsesSomebodyElsesLinkThatFits) {
  EXPECT_TRUE(plan("br0 bridge vlan_filtering=false\n", "br0 bridge up vlan_filtering=false\n")
                  .nothing_to_do());
}

TEST(Plan, RefusesWithoutTheNic) {
  EXPECT_EQ(conflicts(plan("bond1 bond up\neth9 given in bond1\n", "")),
            Lines{"eth9 no such link on this host"});
}

TEST(Plan, RefusesToDeleteWhatSomebodyElseIsStackedOn) {
  EXPECT_EQ(conflicts(plan("bond1 absent\neth0 given\n",
                           std::string(bond_of_ours) + "theirs vlan 9 on bond1 up\n")),
            Lines{"theirs foreign link, stacked on a link to be deleted"});
}

TEST(Plan, RefusesToTakeABridgeFromAPortThatWasNotNamed) {
  EXPECT_EQ(conflicts(plan("br0 absent\n", "br0 bridge ours up\nvif1.0 given in br0 up\n")),
            Lines{"br0 would lose its port vif1.0, which is not part of this change"});
}

TEST(Plan, RefusesAVlanThatAnotherLinkIsAlready) {
  EXPECT_EQ(conflicts(plan("eth0.3 vlan 3 on eth0\neth0 given keep\n",
                           std::string(nic) + "lan vlan 3 on eth0 up\n")),
            Lines{"eth0.3 VLAN 3 on eth0 already exists as lan"});
}

TEST(Plan, RefusesAVlanThatIsToBeUpOverALinkThatIsDown) {
  EXPECT_EQ(conflicts(plan("v vlan 3 on eth0 up\neth0 given keep\n", "eth0 given down mtu=1500\n")),
            Lines{"v cannot come up while its parent eth0 is down"});
}

// Nothing is known here of the state of what carries it.
TEST(Plan, TakesAVlanThatIsCarriedFromAnotherNamespace) {
  const Plan made = plan("lan given up in br0\nbr0 bridge up\n", "lan vlan 3 on #3@netns up\n");
  EXPECT_TRUE(made.conflicts.empty());
  EXPECT_FALSE(made.steps.empty());
}

TEST(Plan, RefusesAVlanThatIsWiderThanWhatCarriesIt) {
  EXPECT_EQ(conflicts(plan("v vlan 3 on eth0 mtu=9000\neth0 given keep\n", nic)),
            Lines{"v mtu 9000 exceeds that of its parent eth0, 1500"});
}

TEST(Plan, RefusesAPortWhoseAddressWouldBeLost) {
  EXPECT_EQ(conflicts(plan("eth0 given in br0\nbr0 bridge\n",
                           "eth0 given up addresses=192.0.2.1/24,192.0.2.2/24\n")),
            Lines{"eth0 has 192.0.2.1/24 and 1 more, lost when it becomes a port of br0; hint: "
                  "vifchain apply"});
}

TEST(Plan, ClosesABridgeToTheHostBeforeItIsUp) {
  const auto made = steps(plan("br0 bridge up addr_gen=none ra=0 apart=1\n", ""));
  EXPECT_EQ(made, (Lines{"create br0, a bridge", "close this host to traffic from br0",
                         "set br0 IPv6 address generation none",
                         "ignore router advertisements on br0", "set br0 up"}));
  EXPECT_EQ(steps(plan("br0 bridge up apart=1\n", "br0 bridge ours up apart=0\n")),
            Lines{"close this host to traffic from br0"});
  EXPECT_EQ(steps(plan("br0 bridge up apart=0\n", "br0 bridge ours up apart=1\n")),
            Lines{"open this host to traffic from br0"});
}

// Its ports give the bridge an MTU with which it has IPv6 again, as on every new link.
TEST(Plan, LetsNoIpv6ComeBackWithAnMtuUnasked) {
  const auto joined = steps(
      plan("br0 bridge addr_gen=none ra=0\neth3 given in br0\n",
           "br0 bridge ours up mtu=1000 addr_gen=none\neth3 given up mtu=1500 addr_gen=none\n"));
  EXPECT_EQ(joined, (Lines{"join eth3 to br0", "set br0 IPv6 address generation none",
                           "ignore router advertisements on br0"}));
}

// As much where one of them leaves first, and then another one's MTU grows.
TEST(Plan, LetsNoIpv6ComeBackWithAPortsMtu) {
  const auto grown =
      steps(plan("a given in br0 mtu=1500\nbr0 bridge addr_gen=none\neth0 given\n",
                 "a given in br0 up mtu=1000 addr_gen=none\n"
                 "br0 bridge ours up mtu=1000 addr_gen=none\neth0 given in br0 up mtu=1500\n"));
  ASSERT_FALSE(grown.empty());
  EXPECT_EQ(grown.back(), "set br0 IPv6 address generation none");
}

TEST(Plan, LeavesABridgeOfOthersToThem) {
  EXPECT_TRUE(
      plan("br0 bridge up addr_gen=none ra=0 apart=1\n", "br0 bridge up addr_gen=eui64 ra=1\n")
          .nothing_to_do());
}

TEST(Plan, WantsNoIpv6WhereTheMtuLeavesNone) {
  EXPECT_TRUE(plan("br0 bridge up mtu=1000 addr_gen=eui64 ra=1\n",
                   "br0 bridge ours up mtu=1000 addr_gen=none\n")
                  .nothing_to_do());
  EXPECT_EQ(steps(plan("br0 bridge up mtu=1500 addr_gen=none\n",
                       "br0 bridge ours up mtu=1000 addr_gen=none\n")),
            (Lines{"set br0 mtu 1500", "set br0 IPv6 address generation none"}));
}

Route by_ra() {
  Route route = default_route(IpAddress::parse("fe80::1").value());
  route.protocol = ra_protocol;
  route.expires.seconds = 300;
  return route;
}

Actual with_route(const Route& route) {
  Actual links = parse_actual("br0 bridge ours up\n");
  links.at(name("br0")).addresses.emplace();
  links.at(name("br0")).routes = std::vector{route};
  return links;
}

Desired wanting(const Route& route) {
  Desired links = parse_desired("br0 bridge up\n");
  links.at(name("br0"))->routes = std::vector{route};
  return links;
}

TEST(Plan, PutsAStandInWhereTheKernelHasNoRouteOfTheRouter) {
  const Route stand_in = interim_of(by_ra());
  EXPECT_NE(stand_in.metric, by_ra().metric);
  EXPECT_TRUE(is_interim(stand_in) && !is_interim(by_ra()));
  Actual without = with_route(by_ra());
  without.at(name("br0")).routes->clear();
  EXPECT_EQ(make_plan(wanting(stand_in), without).steps.size(), 1U);
  EXPECT_TRUE(make_plan(wanting(stand_in), with_route(by_ra())).nothing_to_do())
      << "its own is as good, and is not taken away";
}

TEST(Plan, LeavesAStandInToItsEnd) {
  Desired none = wanting(by_ra());
  none.at(name("br0"))->routes->clear();
  EXPECT_TRUE(make_plan(none, with_route(interim_of(by_ra()))).nothing_to_do());
}

TEST(UndoTarget, HasAStandInForWhatARouterSaid) {
  const Actual before = with_route(by_ra());
  Desired desired = wanting(by_ra());
  desired.at(name("br0"))->addresses.emplace();
  const auto goal = undo_target(desired, before);
  EXPECT_TRUE(is_interim(goal.at(name("br0"))->routes->front()));
}

TEST(UndoTarget, WantsAwayWhatWasMadeAndBackWhatWasThere) {
  const auto desired = parse_desired("bond1 bond up\neth0 given in bond1\n");
  const auto goal = undo_target(desired, parse_actual(nic));
  EXPECT_FALSE(goal.at(name("bond1")).has_value());
  EXPECT_EQ(goal.at(name("eth0"))->controller, std::nullopt);
}

TEST(UndoTarget, MayTakeAPortBackFromSomebodyElsesBridgeThatItJoined) {
  const auto desired = parse_desired("vif1.0 given in virbr0 up\n");
  const auto goal = undo_target(desired, parse_actual("vif1.0 given down\nvirbr0 bridge up\n"));
  const auto back = make_plan(goal, parse_actual("vif1.0 given in virbr0 up\nvirbr0 bridge up\n"));
  EXPECT_EQ(steps(back).front(), "remove port vif1.0");
}

TEST(Differences, NameWhatIsAndWhatIsWanted) {
  const auto want = parse_actual("bond1 bond in br0 up mtu=9000 mode=802.3ad lacp_rate=fast\n");
  const auto have = parse_actual("bond1 bond ours down mtu=1500 mode=802.3ad lacp_rate=slow\n");
  EXPECT_EQ(differences(want.begin()->second, have.begin()->second),
            (Lines{"lacp_rate: expected fast, found slow",
                   "expected a port of br0, found no bridge or bond",
                   "mtu: expected 9000, found 1500", "expected up, found down"}));
}

TEST(Differences, LeaveOutOptionsThatTheWantedModeDoesNotHave) {
  const auto want = parse_actual("b bond mode=active-backup lacp_rate=fast\n");
  const auto have = parse_actual("b bond ours mode=active-backup lacp_rate=slow\n");
  EXPECT_TRUE(differences(want.begin()->second, have.begin()->second).empty());
}

TEST(Differences, TellAnotherKindInOneLine) {
  const auto want = parse_actual("x vlan 3 on eth0 up\n"),
             have = parse_actual("x vlan 4 on eth0\n");
  EXPECT_EQ(differences(want.begin()->second, have.begin()->second),
            Lines{"expected VLAN 3 on eth0, found VLAN 4 on eth0"});
}

TEST(Describe, SaysEachStepInOneLine) {
  const LinkName eth0 = name("eth0"), br0 = name("br0");
  const auto two = VlanId::from(2).value(), three = VlanId::from(3).value();
  const LinkAddress address{IpAddress::parse("192.0.2.1").value(), 24};
  EXPECT_EQ(describe(Delete{eth0}), "delete eth0");
  EXPECT_EQ(describe(Join{eth0, br0}), "join eth0 to br0");
  EXPECT_EQ(describe(SetPort{eth0, {{Option::port_isolated, std::int64_t{1}}}, true}),
            "set port eth0 isolated true, up");
  const Mac guest{{2, 0, 0, 0, 0, 7}};
  EXPECT_EQ(describe(SetFdb{eth0, {{guest, two}}, {{guest}}}),
            "static MACs of eth0: remove 02:00:00:00:00:07; add 02:00:00:00:00:07 in VLAN 2");
  EXPECT_EQ(describe(SetVlans{eth0, {{.id = two, .pvid = true, .untagged = true}}, {three}}),
            "VLANs of eth0: add 2 pvid untagged; remove 3");
  EXPECT_EQ(describe(SetAddrGen{eth0, AddrGen::none}), "set eth0 IPv6 address generation none");
  EXPECT_EQ(describe(SetAddresses{eth0, {}, {address}}), "addresses of eth0: remove 192.0.2.1/24");
}

// bond_changelink takes both, but not in one message.
TEST(Plan, WritesArpValidateBehindTheMonitorThatItGoesWith) {
  EXPECT_EQ(steps(plan("bond1 bond up mode=active-backup miimon=100 arp_validate=active\n", "")),
            (Lines{"create bond1, a bond (mode active-backup, miimon 100)",
                   "set bond1 arp_validate active"}));
}

}  // namespace
}  // namespace vifchain

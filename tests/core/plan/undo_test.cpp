// SPDX-License-Identifier: Apache-2.0
// The rollback: what of the links that were there is to be as it was, whatever the wreck is like.
#include <gtest/gtest.h>

#include "core/plan/plan.hpp"
#include "link_text.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

// What the rollback from this desired state has for one link; it must be among those that are to be
// there.
Link back(const std::string& wanted, const Actual& there, const char* link) {
  const auto goal = undo_target(parse_desired(wanted), there);
  const auto found = goal.find(name(link));
  if (found == goal.end() || !found->second) throw std::runtime_error("it is not on the way back");
  return *found->second;
}

Link back(const std::string& wanted, const std::string& there, const char* link) {
  return back(wanted, parse_actual(there), link);
}

bool is_on_the_way(const std::string& wanted, const std::string& there, const char* link) {
  return undo_target(parse_desired(wanted), parse_actual(there)).contains(name(link));
}

const Mac one = Mac::parse("02:00:00:00:00:01").value();

TEST(Undo, TakesAwayWhatWasMadeAndNothingThatIsGiven) {
  const auto goal = undo_target(parse_desired("br0 bridge\neth0 given in br0\n"), {});
  ASSERT_EQ(goal.size(), 1U);
  EXPECT_EQ(goal.at(name("br0")), std::nullopt);
}

// With the message that makes it: no frame of it ever has another MAC.
TEST(Undo, MakesALinkAnewWithTheMacThatItHad) {
  EXPECT_EQ(back("br0 absent\n", "br0 bridge ours mac=02:00:00:00:00:01\n", "br0").birth.mac, one);
  EXPECT_EQ(back("br0 bridge\n", "br0 bridge ours mac=02:00:00:00:00:01\n", "br0").birth.mac,
            std::nullopt)
      << "it never went";
}

// The bond's MTU takes IPv6 from the NIC, and with it what was set of it.
TEST(Undo, BringsBackWhatWasSetOfIpv6WhereAnMtuMayTakeIt) {
  const std::string nic = "eth0 given up mtu=1500 addr_gen=none ra=0\n";
  const Link low = back("eth0 given in any\n", nic + "any bond ours mtu=1000\n", "eth0");
  EXPECT_EQ(low.addr_gen, AddrGen::none);
  EXPECT_EQ(low.ra, false);
  const Link high = back("eth0 given in any\n", nic + "any bond ours mtu=1500\n", "eth0");
  EXPECT_FALSE(high.addr_gen || high.ra) << "nobody wrote it";
}

TEST(Undo, MakesTheSameAddressesOfRoutersAsBefore) {
  auto there = parse_actual("eth0 given up addr_gen=stable_secret\n");
  const auto secret = IpAddress::parse("2001:db8::77").value();
  there.at(name("eth0")).secret = secret;
  const Link goal = back("eth0 given addr_gen=none\n", there, "eth0");
  EXPECT_EQ(goal.addr_gen, AddrGen::stable_privacy);
  EXPECT_EQ(goal.secret, secret);
}

TEST(Undo, LeavesAloneWhetherTheHostLivesOnABridgeWhereTheDesiredDoes) {
  const char* there = "br0 bridge ours up apart=0\n";
  EXPECT_EQ(back("br0 bridge apart=1\n", there, "br0").apart, false);
  EXPECT_EQ(back("br0 bridge\n", there, "br0").apart, std::nullopt);
}

// Whole, whatever was left of it.
TEST(Undo, HasTheFilterOfAPortWhoseFilterTheDesiredNames) {
  auto there =
      parse_actual("br0 bridge ours up\nvif5.0 given in br0 up filter=mac/02:00:00:00:00:05/br0\n");
  there.at(name("vif5.0")).filter->spoilt = true;
  const Link goal = back("vif5.0 given in br0 filter=off\n", there, "vif5.0");
  ASSERT_TRUE(goal.filter);
  EXPECT_EQ(goal.filter->mode, Antispoof::mac);
  EXPECT_FALSE(goal.filter->spoilt);
  EXPECT_FALSE(back("vif5.0 given in br0\n", there, "vif5.0").filter);
}

// With another MTU a limit goes; where there was none it is nobody's business.
TEST(Undo, AsksForALimitOnlyWhereOneMayBeLost) {
  EXPECT_EQ(back("vif5.0 given mtu=1400\n", "vif5.0 given mtu=1500 rate=8000000\n", "vif5.0").rate,
            8000000U);
  EXPECT_FALSE(back("eth0 given mtu=1400\n", "eth0 given mtu=1500 rate=0\n", "eth0").rate);
  EXPECT_EQ(back("vif5.0 given rate=8000000\n", "vif5.0 given rate=0\n", "vif5.0").rate, 0U);
}

// Somebody may have done to it what they like meanwhile: it is not made anew as one of ours, and
// what the desired state did not name of it is not written.
TEST(Undo, LeavesSomebodyElsesLinkToThem) {
  const Link link = back("br9 bridge\n", "br9 bridge mtu=1400 mac=02:00:00:00:00:01 up\n", "br9");
  EXPECT_TRUE(is_given(link));
  EXPECT_EQ(link.mtu, std::nullopt);
  EXPECT_EQ(link.mac, std::nullopt);
  EXPECT_EQ(back("br9 bridge mtu=1400\n", "br9 bridge mtu=1500\n", "br9").mtu, 1500U)
      << "the desired state wrote that";
}

TEST(Undo, GivesANicTheMtuThatItHad) {
  EXPECT_EQ(
      back("br0 bridge mtu=9000\neth0 given in br0 mtu=9000\n", "eth0 given mtu=1500\n", "eth0")
          .mtu,
      1500U);
}

TEST(Undo, LeavesTheMtuOfWhatStandsOnOthersToThem) {
  const std::string there =
      "br9 bridge mtu=1500\nbr9.5 vlan 5 on br9 ours mtu=1500 up\nbr9.6 vlan 6 on br9.5 ours "
      "mtu=1500\nbond0 bond mtu=1500\nbond0.5 vlan 5 on bond0 ours mtu=1500\n";
  EXPECT_EQ(back("br9.5 vlan 5 on br9 mtu=1400\n", there, "br9.5").mtu, std::nullopt);
  EXPECT_EQ(back("br9.6 vlan 6 on br9.5\n", there, "br9.6").mtu, std::nullopt);
  EXPECT_EQ(back("bond0.5 vlan 5 on bond0\n", there, "bond0.5").mtu, 1500U);
}

TEST(Undo, GivesTheMacBackOnlyWhereTheDesiredWroteItOrABondOfOursLostIt) {
  const std::string bridge = "br0 bridge ours mac=02:00:00:00:00:01\n";
  EXPECT_EQ(back("br0 bridge\n", bridge, "br0").mac, std::nullopt);
  EXPECT_EQ(back("br0 bridge mac=02:00:00:00:00:09\n", bridge, "br0").mac, one);
  EXPECT_EQ(back("bond0 bond\n", "bond0 bond ours mac=02:00:00:00:00:01\n", "bond0").mac, one);
  EXPECT_EQ(back("bond0 bond\n", "bond0 bond mac=02:00:00:00:00:01\n", "bond0").mac, std::nullopt);
}

TEST(Undo, LeavesAVlanLinkTheMacOfWhatItIsOn) {
  const std::string there =
      "bond0 bond ours mac=02:00:00:00:00:01\nbond0.5 vlan 5 on bond0 ours mac=02:00:00:00:00:01\n"
      "bond0.6 vlan 6 on bond0 ours mac=02:00:00:00:00:06\n";
  EXPECT_EQ(back("bond0.5 absent\n", there, "bond0.5").mac, std::nullopt);
  EXPECT_EQ(back("bond0.6 absent\n", there, "bond0.6").birth.mac, Mac::parse("02:00:00:00:00:06"));
}

TEST(Undo, PutsBackAddressesAndTheWayToMakeThemWhereTheDesiredChangedThem) {
  const std::string there = "eth0 given addr_gen=eui64 addresses=10.0.0.5/24\n";
  const Link untouched = back("eth0 given\n", there, "eth0");
  EXPECT_EQ(untouched.addresses, std::nullopt);
  EXPECT_EQ(untouched.addr_gen, std::nullopt);
  const Link changed = back("eth0 given addr_gen=none addresses=10.0.0.6/24\n", there, "eth0");
  EXPECT_EQ(changed.addresses, std::vector{LinkAddress::parse("10.0.0.5/24").value()});
  EXPECT_EQ(changed.addr_gen, AddrGen::eui64);
}

TEST(Undo, TakesAPortBackFromWhereTheDesiredPutIt) {
  const Link link =
      back("br9 given\nvif5.0 given in br9\n", "br9 bridge\nvif5.0 given\n", "vif5.0");
  EXPECT_EQ(link.controller, std::nullopt);
  EXPECT_EQ(link.may_leave, name("br9"));
  EXPECT_FALSE(link.keep_controller);
}

// Whoever took it meanwhile may keep it.
TEST(Undo, LeavesAFreeLinkWhereverItIsWhereTheDesiredGaveItNoPlace) {
  EXPECT_TRUE(back("eth0 given mtu=1400\n", "eth0 given mtu=1500\n", "eth0").keep_controller);
  EXPECT_FALSE(
      back("eth0 given in br0\n", "br0 bridge\neth0 given in br0\n", "eth0").keep_controller)
      << "it was a port, and is to be it again";
}

TEST(Undo, KnowsEntriesInVlansOfThePortAlone) {
  const Link link = back("vif5.0 given in br0\n",
                         "br0 bridge\nvif5.0 given in br0 vlans=5pu "
                         "fdb=02:00:00:00:00:05@5,02:00:00:00:00:05@6\n",
                         "vif5.0");
  ASSERT_EQ(link.fdb->size(), 1U);
  EXPECT_EQ(link.fdb->front().vlan->number(), 5);
}

TEST(Undo, DoesNotPutSpoiltRulesBack) {
  auto there = parse_actual("bond0 bond ours slb=eth0\n");
  there.at(name("bond0")).slb->spoilt = true;
  EXPECT_EQ(back("bond0 bond slb=eth0,eth1\n", there, "bond0").slb,
            (SlbRules{{name("eth0"), name("eth1")}}));
}

// ---- what is dragged along

TEST(Undo, HasWhatTheDesiredLinksDragAlongAsFarAsItIsOurs) {
  const std::string there =
      "bond0 bond ours up mtu=1500\nbond0.5 vlan 5 on bond0 ours in br5 up mtu=1500\n"
      "br5 bridge ours up mtu=1500\nbond0.6 vlan 6 on bond0 up mtu=1500\neth7 given up mtu=1500\n";
  EXPECT_TRUE(is_on_the_way("bond0 bond mtu=1400\n", there, "bond0.5"));
  EXPECT_TRUE(is_on_the_way("bond0 bond mtu=1400\n", there, "br5")) << "over the VLAN link";
  EXPECT_FALSE(is_on_the_way("bond0 bond mtu=1400\n", there, "bond0.6")) << "somebody else's";
  EXPECT_FALSE(is_on_the_way("bond0 bond mtu=1400\n", there, "eth7"));
}

TEST(Undo, HasOursThatAreDraggedOverSomebodyElses) {
  EXPECT_TRUE(is_on_the_way("bond0 bond mtu=1400\n",
                            "bond0 bond ours mtu=1500\nbond0.5 vlan 5 on bond0 mtu=1500\n"
                            "bond0.5.6 vlan 6 on bond0.5 ours mtu=1500\n",
                            "bond0.5.6"));
}

TEST(Undo, PutsPortsBackIntoTheirVlansWhenTheDefaultPvidChanged) {
  const std::string there =
      "br0 bridge ours vlan_default_pvid=1\nvif5.0 given in br0 vlans=1pu\nvif6.0 given in br0\n";
  const Link port = back("br0 bridge vlan_default_pvid=5\n", there, "vif5.0");
  ASSERT_TRUE(port.vlans);
  EXPECT_EQ(port.vlans->front().id.number(), 1);
  EXPECT_TRUE(port.keep_controller);
  EXPECT_FALSE(is_on_the_way("br0 bridge vlan_default_pvid=5\n", there, "vif6.0"));
  EXPECT_FALSE(is_on_the_way("br0 bridge\n", there, "vif5.0"));
}

}  // namespace
}  // namespace vifchain

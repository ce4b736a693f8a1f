// SPDX-License-Identifier: Apache-2.0
// Where this host's own addresses and routes go when a link becomes a port, or goes.
#include "core/plan/rehome.hpp"

#include <gtest/gtest.h>

#include "rehomed.hpp"

namespace vifchain {
namespace {

// ---- up: a NIC becomes a port

TEST(Rehome, GivesANicsAddressesAndItsMacToTheBridgeAboveIt) {
  const auto desired = rehomed("br0 bridge up\neth0 given in br0\n",
                               parse_actual("eth0 given up mac=02:00:00:00:00:01 "
                                            "addresses=10.0.0.5/24,fd00::5/64\n"));
  EXPECT_EQ(addresses(desired, "br0"), "10.0.0.5/24 fd00::5/64");
  EXPECT_EQ(addresses(desired, "eth0"), "");
  EXPECT_EQ(desired.at(name("br0"))->birth.mac, Mac::parse("02:00:00:00:00:01"));
}

TEST(Rehome, LosesNoIpv6OfARouterWithoutAWordInTheFile) {
  Desired desired = parse_desired("br0 bridge up apart=1\neth0 given in br0\n");
  const auto lost = rehome(desired, nic_with_ra(), {});
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(lost.front().name, name("eth0"));
  EXPECT_NE(lost.front().reason.find("hint: ra = true in [bridge.br0]"), std::string::npos)
      << lost.front().reason;
  Desired knowing = parse_desired("br0 bridge up apart=1\neth0 given in br0\n");
  Hosting without;
  without.ra = false;
  EXPECT_TRUE(rehome(knowing, nic_with_ra(), {{name("br0"), without}}).empty());
  EXPECT_EQ(addresses(knowing, "br0"), "");
}

TEST(Rehome, TakesRouterAdvertisementsAlongWhereTheFileSaysSo) {
  Desired desired = parse_desired("br0 bridge up apart=0 ra=1\neth0 given in br0\n");
  Hosting takes;
  takes.ra = true;
  EXPECT_TRUE(rehome(desired, nic_with_ra(), {{name("br0"), takes}}).empty());
  const Link& bridge = *desired.at(name("br0"));
  EXPECT_EQ(addresses(desired, "br0"), "2001:db8::1/64");
  EXPECT_EQ(bridge.addresses->front().traits.valid, 3600U);
  EXPECT_TRUE(is_interim(bridge.routes.value().front()));
  EXPECT_EQ(bridge.mac, Mac::parse("02:00:00:00:00:01"));
  EXPECT_EQ(bridge.ra, true);
}

TEST(Rehome, LetsTheBridgeMakeTheAddressesOfRoutersThatItsPortMade) {
  Desired desired = parse_desired("br0 bridge up apart=0\neth0 given in br0\n");
  Actual there = nic_with_ra();
  there.at(name("eth0")).addr_gen = AddrGen::stable_privacy;
  there.at(name("eth0")).secret = IpAddress::parse("2001:db8::77");
  Hosting takes;
  takes.ra = true;
  rehome(desired, there, {{name("br0"), takes}});
  const Link& bridge = *desired.at(name("br0"));
  EXPECT_EQ(bridge.ra, true);
  EXPECT_EQ(bridge.addr_gen, AddrGen::stable_privacy);
  EXPECT_EQ(bridge.secret, IpAddress::parse("2001:db8::77"));
}

TEST(Rehome, GivesIpv6BackToABridgeOnWhichTheHostComesToLive) {
  Hosting six = hosting_of({LinkAddress::parse("2001:db8::5/64").value()}, {});
  const char* there = "br0 bridge ours up addr_gen=none\n";
  const auto desired = rehomed("br0 bridge up\n", parse_actual(there), {{name("br0"), six}});
  EXPECT_EQ(desired.at(name("br0"))->addr_gen, AddrGen::eui64);
  Hosting four = hosting_of({LinkAddress::parse("10.0.0.5/24").value()}, {});
  const auto other = rehomed("br0 bridge up\n", parse_actual(there), {{name("br0"), four}});
  EXPECT_EQ(other.at(name("br0"))->addr_gen, std::nullopt);
}

TEST(Rehome, OpensABridgeThatHasTheHostsAddressesAfterAll) {
  const auto desired = rehomed("br0 bridge up apart=1 ra=0 addr_gen=none\neth0 given in br0\n",
                               parse_actual("eth0 given up addresses=10.0.0.5/24\n"));
  EXPECT_EQ(desired.at(name("br0"))->apart, false);
  EXPECT_EQ(desired.at(name("br0"))->addr_gen, AddrGen::eui64);
  EXPECT_EQ(desired.at(name("br0"))->ra, std::nullopt);
}

TEST(Rehome, LetsLabelsOfAddressesFollowAsFarAsTheKernelTakesThem) {
  const auto label_on = [](const std::string& bridge, const std::string& label) {
    auto there = parse_actual("eth0 given up\n");
    there.at(name("eth0")).addresses = {labelled("10.0.0.5/24", label)};
    const auto desired = rehomed(bridge + " bridge up\neth0 given in " + bridge + "\n", there);
    return desired.at(name(bridge.c_str()))->addresses.value().front().traits.label;
  };
  EXPECT_EQ(label_on("br0", "eth0:web"), "br0:web");
  EXPECT_EQ(label_on("bridge67890", "eth0:web"), "bridge67890:web") << "15 bytes";
  EXPECT_EQ(label_on("bridge678901", "eth0:web"), "") << "16 bytes: IFNAMSIZ is 16";
  EXPECT_EQ(label_on("br0", "else:web"), "") << "it was not named after its link";
}

TEST(Rehome, MovesNothingOfALinkThatIsAPortAlready) {
  const auto desired = rehomed("br0 bridge up\neth0 given in br0\n",
                               parse_actual("br0 bridge ours up\n"
                                            "eth0 given in br0 up addresses=10.0.0.5/24\n"));
  EXPECT_EQ(addresses(desired, "br0"), "");
}

TEST(Rehome, LeavesOurOwnBehindWhichTheFileGivesAnew) {
  auto there = parse_actual("br1 bridge ours up\neth0 given up\n");
  auto ours = LinkAddress::parse("10.0.0.6/24").value();
  ours.traits.protocol = our_protocol;
  there.at(name("eth0")).addresses = {LinkAddress::parse("10.0.0.5/24").value(), ours};
  EXPECT_EQ(addresses(rehomed("br0 bridge up\neth0 given in br0\n", there), "br0"), "10.0.0.5/24");
}

// ---- down: a bridge goes

constexpr auto bridge_on_two =
    "br0 bridge ours up mac=02:00:00:00:00:02 addresses=10.0.0.5/24\n"
    "eth0 given in br0 up mac=02:00:00:00:00:01\n"
    "eth1 given in br0 down mac=02:00:00:00:00:02\n";

TEST(Rehome, GivesABridgesAddressesToThePortWhoseMacItHas) {
  const auto desired = rehomed("br0 absent\neth0 given\neth1 given\n", parse_actual(bridge_on_two));
  EXPECT_EQ(addresses(desired, "eth1"), "10.0.0.5/24");
  EXPECT_EQ(addresses(desired, "eth0"), "");
}

TEST(Rehome, GivesThemToTheFirstPortWhereNoneHasItsMac) {
  auto there = parse_actual(bridge_on_two);
  there.at(name("br0")).mac = Mac::parse("02:00:00:00:00:09");
  const auto desired = rehomed("br0 absent\neth0 given\neth1 given\n", there);
  EXPECT_EQ(addresses(desired, "eth0"), "10.0.0.5/24");
}

// By the hardware's own MAC: as a port of a bond it has the bond's.
TEST(Rehome, KnowsAPortByTheMacThatItCameWith) {
  auto there = parse_actual(bridge_on_two);
  there.at(name("eth0")).permanent_mac = Mac::parse("02:00:00:00:00:02");
  there.at(name("eth1")).permanent_mac = Mac::parse("02:00:00:00:00:01");
  const auto desired = rehomed("br0 absent\neth0 given\neth1 given\n", there);
  EXPECT_EQ(addresses(desired, "eth0"), "10.0.0.5/24");
}

TEST(Rehome, TakesTheHeirUp) {
  const auto desired = rehomed("br0 absent\neth0 given\neth1 given\n", parse_actual(bridge_on_two));
  EXPECT_EQ(desired.at(name("eth1"))->up, true);
  EXPECT_EQ(desired.at(name("eth0"))->up, std::nullopt) << "nobody asked for that";
}

TEST(Rehome, LeavesTheStateOfPortsAloneWhereNothingIsHandedDown) {
  auto there = parse_actual(bridge_on_two);
  there.at(name("br0")).addresses->clear();
  const auto desired = rehomed("br0 absent\neth0 given\neth1 given\n", there);
  EXPECT_EQ(desired.at(name("eth1"))->up, std::nullopt);
}

TEST(Rehome, GivesNothingToAPortThatBecomesAnothersOrThatTheDesiredDoesNotName) {
  const auto desired = rehomed("br0 absent\nbr1 bridge up\neth0 given\neth1 given in br1\n",
                               parse_actual(bridge_on_two));
  EXPECT_EQ(addresses(desired, "eth0"), "10.0.0.5/24");
  EXPECT_EQ(addresses(desired, "eth1"), "");
}

TEST(Rehome, GoesAlongWithTheOnlyPortWhereThatBecomesAnothers) {
  const auto desired =
      rehomed("br0 absent\nbr1 bridge up\neth1 given in br1\n",
              parse_actual("br0 bridge ours up mac=02:00:00:00:00:01 addresses=10.0.0.5/24\n"
                           "eth1 given in br0 up mac=02:00:00:00:00:01\n"));
  EXPECT_EQ(addresses(desired, "br1"), "10.0.0.5/24");
  EXPECT_EQ(addresses(desired, "eth1"), "");
}

TEST(Rehome, GoesAlongWithThePortOfABondThatGoesToo) {
  const auto desired =
      rehomed("br0 absent\nbond0 absent\nbr1 bridge up\neth0 given in br1\n",
              parse_actual("br0 bridge ours up mac=02:00:00:00:00:01 addresses=10.0.0.5/24\n"
                           "bond0 bond ours in br0 up mac=02:00:00:00:00:01\n"
                           "eth0 given in bond0 up mac=02:00:00:00:00:01\n"));
  EXPECT_EQ(addresses(desired, "br1"), "10.0.0.5/24");
}

TEST(Rehome, GoesDownThroughABondThatGoesToo) {
  const auto desired =
      rehomed("br0 absent\nbond0 absent\neth0 given\n",
              parse_actual("br0 bridge ours up mac=02:00:00:00:00:01 addresses=10.0.0.5/24\n"
                           "bond0 bond ours in br0 up mac=02:00:00:00:00:01\n"
                           "eth0 given in bond0 up mac=02:00:00:00:00:01\n"));
  EXPECT_EQ(addresses(desired, "eth0"), "10.0.0.5/24");
}

// ---- what the file gives

TEST(Rehome, GivesWhatTheFileSaysBesidesWhatOthersGave) {
  const std::map<LinkName, Hosting> hosting{
      {name("br0"), hosting_of({LinkAddress::parse("10.0.0.9/24").value()}, {})}};
  const auto desired = rehomed("br0 bridge up\n",
                               parse_actual("br0 bridge ours up addresses=10.0.0.5/24\n"), hosting);
  EXPECT_EQ(addresses(desired, "br0"), "10.0.0.5/24 10.0.0.9/24");
  EXPECT_TRUE(desired.at(name("br0"))->keep_addresses);
}

TEST(Rehome, PutsTheFilesRouteInThePlaceOfAnotherThatLeadsThere) {
  auto there = parse_actual("br0 bridge ours up addresses=10.0.0.5/24\n");
  Route theirs = default_route(IpAddress::parse("10.0.0.2").value());
  theirs.protocol = 4;
  there.at(name("br0")).routes = {theirs};
  const Route ours = default_route(IpAddress::parse("10.0.0.1").value());
  const auto desired = rehomed("br0 bridge up\n", there, {{name("br0"), hosting_of({}, {ours})}});
  EXPECT_EQ(desired.at(name("br0"))->routes, std::vector{ours});
}

TEST(Rehome, MovesNoRouteThatNoOtherLinkCanBeGiven) {
  auto there = parse_actual("eth0 given up addresses=10.0.0.5/24\n");
  Route plain = default_route(IpAddress::parse("10.0.0.1").value());
  plain.protocol = 4;
  Route odd = plain;
  odd.metric = 7;
  odd.foreign = "several next hops";
  there.at(name("eth0")).routes = std::vector{plain, odd};
  const auto desired = rehomed("br0 bridge up\neth0 given in br0\n", there);
  EXPECT_EQ(desired.at(name("br0"))->routes, std::vector{plain});
}

// On a bridge of ours the file's route is ours; somebody else's bridge may have theirs, which does.
TEST(Rehome, MarksTheFilesRoutesOnOurLinksAlone) {
  const Route ours = default_route(IpAddress::parse("10.0.0.1").value());
  Route theirs = ours;
  theirs.protocol = 4;
  const auto routes_on = [&](const std::string& bridge) {
    auto there = parse_actual(bridge);
    there.at(name("br0")).routes = std::vector{theirs};
    return rehomed("br0 bridge up\n", there, {{name("br0"), hosting_of({}, {ours})}})
        .at(name("br0"))
        ->routes.value();
  };
  EXPECT_EQ(routes_on("br0 bridge ours up addresses=10.0.0.5/24\n"), std::vector{ours});
  EXPECT_EQ(routes_on("br0 bridge up addresses=10.0.0.5/24\n"), std::vector{theirs});
}

}  // namespace
}  // namespace vifchain

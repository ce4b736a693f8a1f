// SPDX-License-Identifier: Apache-2.0
// Where this host's addresses go when the NIC goes by which they were reached, and what stays
// behind all the same.
#include "core/plan/ways_out.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "rehomed.hpp"

namespace vifchain {
namespace {

// ---- a bridge stays, and its NIC goes

// br0 has the host's address by eth0; eth1 is free, or in br1.
constexpr auto bridge_by_eth0 =
    "br0 bridge ours up mac=02:00:00:00:00:01 addresses=10.0.0.5/24\n"
    "br1 bridge ours up mac=02:00:00:00:00:02\n"
    "eth0 given in br0 up mac=02:00:00:00:00:01\n"
    "eth1 given up mac=02:00:00:00:00:02\n";

TEST(WaysOut, GoesWithTheOnlyNicOfABridgeThatStays) {
  const auto desired =
      rehomed("br0 bridge up\nbr1 bridge up\neth0 given in br1\n", parse_actual(bridge_by_eth0));
  EXPECT_EQ(addresses(desired, "br1"), "10.0.0.5/24");
  EXPECT_EQ(addresses(desired, "br0"), "");
  EXPECT_FALSE(desired.at(name("br0"))->keep_addresses) << "it must not have them twice";
}

TEST(WaysOut, TakesRoutesAlongWithTheNicAndLifetimesAndLabels) {
  auto there = parse_actual(bridge_by_eth0);
  Link& bridge = there.at(name("br0"));
  bridge.addresses = {labelled("10.0.0.5/24", "br0:web")};
  bridge.addresses->front().traits.valid = 600;
  Route route = default_route(IpAddress::parse("10.0.0.1").value());
  route.protocol = 4;
  bridge.routes = {route};
  const auto desired = rehomed("br0 bridge up\nbr1 bridge up\neth0 given in br1\n", there);
  const Link& heir = *desired.at(name("br1"));
  EXPECT_EQ(heir.addresses->front().traits.label, "br1:web");
  EXPECT_EQ(heir.addresses->front().traits.valid, 600U);
  EXPECT_EQ(heir.routes, std::vector{route});
  EXPECT_EQ(desired.at(name("br0"))->routes, std::vector<Route>{});
}

TEST(WaysOut, LeavesThemWhereAnotherNicStays) {
  auto there = parse_actual(bridge_by_eth0);
  there.at(name("eth1")).controller = name("br0");
  const auto desired =
      rehomed("br0 bridge up\nbr1 bridge up\neth0 given in br1\neth1 given in br0\n", there);
  EXPECT_EQ(addresses(desired, "br0"), "10.0.0.5/24");
  EXPECT_EQ(addresses(desired, "br1"), "");
}

TEST(WaysOut, LeavesThemWhereTheNicComesBackByABondOrVlan) {
  const auto by_bond = rehomed("br0 bridge up\nbond0 bond in br0 up\neth0 given in bond0\n",
                               parse_actual(bridge_by_eth0));
  EXPECT_EQ(addresses(by_bond, "br0"), "10.0.0.5/24");
  auto there = parse_actual(bridge_by_eth0);
  there.at(name("eth0")).controller = name("bond0");
  there.merge(parse_actual("bond0 bond ours in br0 up\n"));
  const auto by_nic = rehomed("br0 bridge up\nbond0 absent\neth0 given in br0\n", there);
  EXPECT_EQ(addresses(by_nic, "br0"), "10.0.0.5/24");
}

// A container's end has no hardware behind it, and is none of the file's.
TEST(WaysOut, TakesNeitherGuestsNorContainersForAWayOut) {
  auto there = parse_actual(std::string(bridge_by_eth0) +
                            "vif1.0 given in br0 up mac=fe:ff:ff:ff:ff:ff "
                            "permanent_mac=fe:ff:ff:ff:ff:ff\n"
                            "veth7 given in br0 up mac=02:00:00:00:00:07\n");
  const auto desired = "br0 bridge up\nbr1 bridge up\neth0 given in br1\n";
  EXPECT_EQ(addresses(rehomed(desired, there), "br1"), "10.0.0.5/24");
  there.at(name("veth7")).permanent_mac = Mac::parse("02:00:00:00:00:07");
  EXPECT_EQ(addresses(rehomed(desired, there), "br0"), "10.0.0.5/24") << "a NIC set there by hand";
}

TEST(WaysOut, ChangesPlacesWhereTwoBridgesChangeNics) {
  auto there = parse_actual(bridge_by_eth0);
  there.at(name("eth1")).controller = name("br1");
  there.at(name("br1")).addresses = {LinkAddress::parse("10.0.1.5/24").value()};
  const auto desired =
      rehomed("br0 bridge up\nbr1 bridge up\neth0 given in br1\neth1 given in br0\n", there);
  EXPECT_EQ(addresses(desired, "br1"), "10.0.0.5/24");
  EXPECT_EQ(addresses(desired, "br0"), "10.0.1.5/24");
}

TEST(WaysOut, GoesBackToANicThatBecomesFreeUnlessTheBridgeGetsAnother) {
  const auto alone = rehomed("br0 bridge up\neth0 given\n", parse_actual(bridge_by_eth0));
  EXPECT_EQ(addresses(alone, "eth0"), "10.0.0.5/24");
  EXPECT_EQ(alone.at(name("eth0"))->up, true);
  EXPECT_EQ(addresses(alone, "br0"), "");
  const auto replaced =
      rehomed("br0 bridge up\neth0 given\neth1 given in br0\n", parse_actual(bridge_by_eth0));
  EXPECT_EQ(addresses(replaced, "br0"), "10.0.0.5/24");
}

TEST(WaysOut, GoesWithTheNicOfABondBelowTheBridge) {
  auto there = parse_actual(bridge_by_eth0);
  there.at(name("eth0")).controller = name("bond0");
  there.merge(parse_actual("bond0 bond ours in br0 up mac=02:00:00:00:00:01\n"));
  const auto nic =
      rehomed("br0 bridge up\nbr1 bridge up\nbond0 bond in br0 up\neth0 given in br1\n", there);
  EXPECT_EQ(addresses(nic, "br1"), "10.0.0.5/24");
  const auto bond =
      rehomed("br0 bridge up\nbr1 bridge up\nbond0 bond in br1 up\neth0 given in bond0\n", there);
  EXPECT_EQ(addresses(bond, "br1"), "10.0.0.5/24");
}

TEST(WaysOut, GoesUpOnceWhereABondBecomesAPortAndLosesItsNicToo) {
  const auto desired =
      rehomed("bond0 bond in br0 up\nbr0 bridge up\nbr1 bridge up\neth0 given in br1\n",
              parse_actual("bond0 bond ours up mac=02:00:00:00:00:01 addresses=10.0.0.5/24\n"
                           "eth0 given in bond0 up mac=02:00:00:00:00:01\n"));
  EXPECT_EQ(addresses(desired, "br0"), "10.0.0.5/24");
  EXPECT_EQ(addresses(desired, "br1"), "");
}

TEST(WaysOut, LeavesWhatTheFileNamesThereAndTakesTheRest) {
  auto there = parse_actual(bridge_by_eth0);
  const auto named = LinkAddress::parse("10.0.9.1/24").value();
  there.at(name("br0")).addresses = {LinkAddress::parse("10.0.0.5/24").value(), named};
  Route of_named = default_route(IpAddress::parse("10.0.9.254").value());
  of_named.protocol = 4;
  Route of_other = default_route(IpAddress::parse("10.0.0.1").value());
  of_other.protocol = 4;
  of_other.metric = 5;
  there.at(name("br0")).routes = std::vector{of_named, of_other};
  const auto desired = rehomed("br0 bridge up\nbr1 bridge up\neth0 given in br1\n", there,
                               {{name("br0"), hosting_of({named}, {})}});
  EXPECT_EQ(addresses(desired, "br0"), "10.0.9.1/24");
  EXPECT_EQ(addresses(desired, "br1"), "10.0.0.5/24");
  EXPECT_EQ(desired.at(name("br0"))->routes, std::vector{of_named});
  EXPECT_EQ(desired.at(name("br1"))->routes, std::vector{of_other});
}

TEST(WaysOut, LeavesWhatADhcpClientOfTheFileGetsThere) {
  Hosting by_dhcp;
  by_dhcp.dhcp = Dhcp::ipv4;
  const auto desired = rehomed("br0 bridge up\nbr1 bridge up\neth0 given in br1\n",
                               parse_actual(bridge_by_eth0), {{name("br0"), by_dhcp}});
  EXPECT_EQ(addresses(desired, "br0"), "10.0.0.5/24");
}

// A rollback says what was where: nothing of that follows a NIC.
TEST(WaysOut, LeavesADesiredAsItIsThatSaysWhereAddressesAre) {
  const auto desired = rehomed(
      "br0 bridge up addresses=10.0.0.5/24\nbr1 bridge up\n"
      "eth0 given in br1\n",
      parse_actual(bridge_by_eth0));
  EXPECT_EQ(addresses(desired, "br0"), "10.0.0.5/24");
  EXPECT_EQ(addresses(desired, "br1"), "");
}

// ---- what stays behind all the same

std::string stranded_by(const std::string& wanted, const Actual& there,
                        const std::map<LinkName, Hosting>& hosting = {}) {
  std::string all;
  for (const auto& link : stranded(rehomed(wanted, there, hosting), there)) all += in_words(link);
  return all;
}

TEST(WaysOut, SaysWhichAddressesOfTheFileLoseTheirWayOut) {
  const auto named = LinkAddress::parse("10.0.0.5/24").value();
  const std::map<LinkName, Hosting> hosting{{name("br0"), hosting_of({named}, {})}};
  const auto desired = "br0 bridge up\nbr1 bridge up\neth0 given in br1\n";
  EXPECT_EQ(stranded_by(desired, parse_actual(bridge_by_eth0), hosting),
            "br0 keeps 10.0.0.5/24, but its network is reached by eth0, which becomes part of br1; "
            "hint: addresses = [\"10.0.0.5/24\"] in [bridge.br1]");
  EXPECT_EQ(stranded_by(desired, parse_actual(bridge_by_eth0)), "") << "they go along";
  const std::map<LinkName, Hosting> new_one{
      {name("br0"), hosting_of({LinkAddress::parse("10.0.9.1/24").value()}, {})}};
  EXPECT_EQ(stranded_by(desired, parse_actual(bridge_by_eth0), new_one), "")
      << "one that is new there was never reached by eth0";
  EXPECT_EQ(stranded_by(std::string(desired) + "eth1 given in br0\n", parse_actual(bridge_by_eth0),
                        hosting),
            "")
      << "the file gives it another NIC";
}

TEST(WaysOut, SaysWhichVlanLinksLoseTheirWayOut) {
  const auto there = parse_actual(
      "br0 bridge ours up mac=02:00:00:00:00:01\nbr1 bridge ours up\n"
      "lan vlan 7 on br0 up addresses=10.0.7.5/24\n"
      "eth0 given in br0 up mac=02:00:00:00:00:01\n");
  EXPECT_EQ(stranded_by("br0 bridge up\nbr1 bridge up\neth0 given in br1\n", there),
            "lan keeps 10.0.7.5/24, but its network is reached by eth0, which becomes part of br1; "
            "hint: link = \"br1\" in [vlan.lan]");
}

TEST(WaysOut, LeavesIpv6OfARouterBehindWhereTheFileDoesNotSayThatItIsTaken) {
  auto there = nic_with_ra();
  there.merge(parse_actual("br0 bridge ours up ra=1 mac=02:00:00:00:00:01\nbr1 bridge ours up\n"));
  Link& nic = there.at(name("eth0"));
  there.at(name("br0")).addresses = std::exchange(nic.addresses, std::nullopt);
  there.at(name("br0")).routes = std::exchange(nic.routes, std::nullopt);
  nic.controller = name("br0");
  const auto desired = "br0 bridge up\nbr1 bridge up\neth0 given in br1\n";
  EXPECT_NE(stranded_by(desired, there).find("hint: ra = true in [bridge.br1]"), std::string::npos);
  Hosting says;
  says.ra = false;
  EXPECT_EQ(stranded_by(desired, there, {{name("br1"), says}}), "");
  says.ra = true;
  const std::map<LinkName, Hosting> takes{{name("br1"), says}};
  EXPECT_EQ(stranded_by(desired, there, takes), "");
  EXPECT_EQ(addresses(rehomed(desired, there, takes), "br1"), "2001:db8::1/64");
}

TEST(WaysOut, NamesABridgeOfOursThatTheDesiredLeavesBehind) {
  const auto there = parse_actual(bridge_by_eth0);
  Desired desired = parse_desired("br1 bridge up\neth0 given in br1\n");
  name_links_left_behind(desired, there);
  rehome(desired, there, {});
  EXPECT_EQ(addresses(desired, "br1"), "10.0.0.5/24");
  EXPECT_EQ(addresses(desired, "br0"), "");
}

TEST(WaysOut, LeavesNicsWhereTheyAreForWhoMayTakeNothingAway) {
  const auto there = parse_actual(bridge_by_eth0);
  Desired desired = parse_desired("br0 bridge up\nbr1 bridge up\neth0 given in br1\n");
  keep_ways_out(desired, there);
  EXPECT_TRUE(desired.at(name("eth0"))->keep_controller);
  EXPECT_TRUE(std::holds_alternative<Bridge>(desired.at(name("br0"))->kind));
}

}  // namespace
}  // namespace vifchain

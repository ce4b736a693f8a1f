// SPDX-License-Identifier: Apache-2.0
// What the kernel does besides what it was told: each as measured (kernel_*_test.cpp) or read
// there.
#include "core/plan/effect.hpp"

#include <gtest/gtest.h>

#include "link_text.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

// The links after one step.
std::string after(const std::string& there, const Op& op) {
  Actual links = parse_actual(there);
  take_effect(links, op);
  return print(links);
}

std::string text(const std::string& there) {
  return print(parse_actual(there));
}

Value number(std::int64_t value) {
  return Value{value};
}

TEST(Effect, OfStpIsADelayThatIsNotKnownWhereItWasTooShort) {
  const auto stp = [](int delay) {
    Actual links{{name("br0"), {.name = name("br0"), .kind = Bridge{}}}};
    options_of(links.at(name("br0")))[Option::bridge_forward_delay] = number(delay);
    take_effect(links, SetOptions{name("br0"), {{Option::bridge_stp, number(1)}}});
    return options_of(links.at(name("br0"))).contains(Option::bridge_forward_delay);
  };
  EXPECT_FALSE(stp(199));
  EXPECT_TRUE(stp(200)) << "two seconds are enough (BR_MIN_FORWARD_DELAY)";
}

TEST(Effect, OfANewDefaultPvidLeavesPortsThatAreInThatVlanAlready) {
  const std::string bridge = "br0 bridge ours up vlan_default_pvid=1\n";
  const Op five = SetOptions{name("br0"), {{Option::bridge_vlan_default_pvid, number(5)}}};
  const auto port = [&](const char* vlans) {
    return "eth0 given in br0 vlans=" + std::string(vlans);
  };
  const auto changed = [&](const char* before) {
    const auto links = after(bridge + port(before) + "\n", five);
    return links.substr(links.find("vlans="));
  };
  EXPECT_EQ(changed("1pu"), "vlans=5pu\n");
  EXPECT_EQ(changed("1pu,5"), "vlans=1pu,5\n") << "it carries it already";
  EXPECT_EQ(changed("1"), "vlans=1\n") << "it was not in the old one by default";
  EXPECT_EQ(changed("1pu,7"), "vlans=5pu,7\n");
}

TEST(Effect, OfNoDefaultPvidIsThatPortsLeaveIt) {
  EXPECT_EQ(after("br0 bridge ours up vlan_default_pvid=1\neth0 given in br0 vlans=1pu,7\n",
                  SetOptions{name("br0"), {{Option::bridge_vlan_default_pvid, number(0)}}}),
            text("br0 bridge ours up vlan_default_pvid=0\neth0 given in br0 vlans=7\n"));
}

TEST(Effect, OfDeletingALinkIsThatWhatStandsOnItGoesAndItsPortsAreFree) {
  EXPECT_EQ(after("bond0 bond ours up\nbond0.5 vlan 5 on bond0 ours in br5 up\n"
                  "br5 bridge ours up\neth0 given in bond0 up\n",
                  Delete{name("bond0")}),
            after("br5 bridge ours up\neth0 given in bond0 up\nbond0 bond ours up\n",
                  Delete{name("bond0")}));
}

TEST(Effect, OfAMacThatMovesToAnotherPortIsThatTheFirstHasItNoMore) {
  const FdbEntry entry{Mac::parse("02:00:00:00:00:05").value()};
  EXPECT_EQ(after("br0 bridge ours\nvif5.0 given in br0 fdb=02:00:00:00:00:05\n"
                  "vif6.0 given in br0 fdb=02:00:00:00:00:06\n",
                  SetFdb{name("vif6.0"), {entry}, {}}),
            text("br0 bridge ours\nvif5.0 given in br0 fdb=\n"
                 "vif6.0 given in br0 fdb=02:00:00:00:00:05,02:00:00:00:00:06\n"));
}

TEST(Effect, OfTakingTheLastAddressOfAFamilyIsThatItsRoutesGo) {
  Actual links = parse_actual("eth0 given up addresses=10.0.0.5/24,fd00::5/64\n");
  auto& link = links.at(name("eth0"));
  link.routes = {default_route(IpAddress::parse("10.0.0.1").value()),
                 default_route(IpAddress::parse("fd00::1").value())};
  const auto six = link.routes->back();
  take_effect(links, SetAddresses{name("eth0"), {}, {LinkAddress::parse("10.0.0.5/24").value()}});
  EXPECT_EQ(link.routes, std::vector{six});
}

TEST(Effect, OfTakingASourceAwayIsThatRoutesWithItGo) {
  Actual links = parse_actual("eth0 given up addresses=10.0.0.5/24,10.0.0.6/24\n");
  auto& link = links.at(name("eth0"));
  auto route = default_route(IpAddress::parse("10.0.0.1").value());
  link.routes = {route};
  route.source = IpAddress::parse("10.0.0.6").value();
  route.metric = 7;
  link.routes->push_back(route);
  take_effect(links, SetAddresses{name("eth0"), {}, {LinkAddress::parse("10.0.0.6/24").value()}});
  ASSERT_EQ(link.routes->size(), 1U);
  EXPECT_EQ(link.routes->front().source, std::nullopt);
}

TEST(Effect, OfMiimonIsThatArpMonitoringEndsAndDelaysKeepTheirCount) {
  Actual links{{name("bond0"), {.name = name("bond0"), .kind = Bond{}}}};
  auto& bond = options_of(links.at(name("bond0")));
  bond = {{Option::bond_arp_interval, number(100)},
          {Option::bond_arp_validate, number(1)},
          {Option::bond_miimon, number(100)},
          {Option::bond_updelay, number(400)}};
  take_effect(links, SetOptions{name("bond0"), {{Option::bond_miimon, number(50)}}});
  EXPECT_EQ(bond.at(Option::bond_arp_interval), number(0));
  EXPECT_EQ(bond.at(Option::bond_arp_validate), number(0));
  EXPECT_EQ(bond.at(Option::bond_updelay), number(200));
}

TEST(Effect, OfMakingALinkIsThatItIsOurs) {
  Actual links;
  take_effect(links, Create{{.name = name("br0"), .kind = Bridge{}}});
  EXPECT_TRUE(links.at(name("br0")).ours);
  take_effect(links, SetOurs{name("br0"), false});
  EXPECT_FALSE(links.at(name("br0")).ours);
}

}  // namespace
}  // namespace vifchain

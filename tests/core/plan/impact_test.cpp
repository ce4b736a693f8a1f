// SPDX-License-Identifier: Apache-2.0
// Which guests would notice a plan, and that none is left without its bridge.
#include "core/plan/impact.hpp"

#include <gtest/gtest.h>

#include "link_text.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

constexpr auto guest_on_br0 =
    "bond0 bond ours up\nbond0.5 vlan 5 on bond0 ours in br0 up\nbr0 bridge ours up mtu=1400\n"
    "vif5.0 given in br0 up mtu=1400 mac=fe:ff:ff:ff:ff:ff port.isolated=true\n"
    "eth0 given in bond0 up mac=02:00:00:00:00:01\n";

TEST(GuestPorts, AreKnownByTheMacThatEveryVifHas) {
  const auto links = parse_actual(guest_on_br0);
  EXPECT_TRUE(is_guest_port(links.at(name("vif5.0"))));
  EXPECT_FALSE(is_guest_port(links.at(name("eth0"))));
  EXPECT_FALSE(is_guest_port(links.at(name("bond0.5"))));
  EXPECT_FALSE(is_guest_port(parse_actual("vif6.0 given mac=fe:ff:ff:ff:ff:ff\n").begin()->second))
      << "it is on no bridge";
}

Desired kept(const std::string& desired) {
  Desired all = parse_desired(desired);
  keep_guests(all, parse_actual(guest_on_br0));
  return all;
}

TEST(GuestPorts, ComeBackToTheirBridgeWhenThatIsMadeAnew) {
  const auto desired = kept("br0 bond\n");
  ASSERT_TRUE(desired.contains(name("vif5.0")));
  const Link& port = desired.at(name("vif5.0")).value();
  EXPECT_EQ(port.controller, name("br0"));
  EXPECT_EQ(port.mtu, 1400U);
  EXPECT_EQ(port.up, true);
  EXPECT_EQ(port.port.size(), 1U);
}

TEST(GuestPorts, AreNoneOfTheDesiredWhereTheirBridgeStaysOrGoesForGood) {
  EXPECT_FALSE(kept("br0 bridge mtu=1500\n").contains(name("vif5.0")));
  EXPECT_FALSE(kept("br0 absent\n").contains(name("vif5.0")));
}

TEST(GuestPorts, AreAsTheDesiredHasThemWhereItNamesThem) {
  EXPECT_EQ(kept("br0 bond\nvif5.0 given\n").at(name("vif5.0"))->controller, std::nullopt);
}

std::set<LinkName> noticing(const Op& op, Impact impact) {
  const auto links = parse_actual(guest_on_br0);
  return Guests(links).noticing({op, "test", impact});
}

TEST(Guests, NoticeWhatHappensToAnythingBelowThem) {
  for (const char* link : {"eth0", "bond0", "bond0.5", "br0"})
    EXPECT_EQ(noticing(SetDown{name(link)}, Impact::link_down), std::set{name("vif5.0")}) << link;
}

TEST(Guests, NoticeNothingOfWhatIsHotOrElsewhere) {
  EXPECT_TRUE(noticing(SetDown{name("br0")}, Impact::hot).empty());
  EXPECT_TRUE(noticing(SetDown{name("br1")}, Impact::recreates).empty());
}

}  // namespace
}  // namespace vifchain

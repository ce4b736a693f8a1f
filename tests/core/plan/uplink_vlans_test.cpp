// SPDX-License-Identifier: Apache-2.0
// What the uplinks of a VLAN-filtering bridge carry when they are given to it.
#include "core/plan/uplink_vlans.hpp"
#include "names.hpp"

#include <gtest/gtest.h>

namespace vifchain {
namespace {

VlanId vid(std::int64_t number) {
  return VlanId::from(number).value();
}

Link bridge(std::int64_t filters, std::int64_t default_pvid = 0) {
  return {.name = name("xenbr0"),
          .kind = Bridge{{{Option::bridge_vlan_filtering, filters},
                          {Option::bridge_vlan_default_pvid, default_pvid}}},
          .ours = true};
}

// A guest in VLAN 40, untagged, and one that takes 40 and 50 tagged; eth0 is the uplink.
Actual host_with(const Link& its_bridge) {
  Actual links{{name("xenbr0"), its_bridge}, {name("eth1"), {.name = name("eth1")}}};
  const auto port = [&](const char* text, std::vector<PortVlan> vlans) {
    links.emplace(name(text), Link{.name = name(text),
                                   .controller = name("xenbr0"),
                                   .vlans = std::move(vlans),
                                   .mac = vif_mac});
  };
  port("eth0", {{vid(9)}, {vid(40)}, {vid(50)}});
  links.at(name("eth0")).mac = Mac{};
  port("vif1.0", {{vid(40), true, true}});
  port("vif2.0", {{vid(40)}, {vid(50)}});
  return links;
}

Desired eth1_for(const Link& its_bridge) {
  Desired desired{{name("xenbr0"), its_bridge}};
  desired.emplace(name("eth1"), Link{.name = name("eth1"), .controller = name("xenbr0")});
  return desired;
}

using Vlans = std::optional<std::vector<PortVlan>>;

TEST(UplinkVlans, ANewUplinkCarriesWhatGuestsNeedTagged) {
  auto desired = eth1_for(bridge(1));
  desired.emplace(name("eth0"), Link{.name = name("eth0")});
  give_uplinks_vlans(desired, host_with(bridge(1)));
  EXPECT_EQ(desired.at(name("eth1"))->vlans, Vlans({{vid(40)}, {vid(50)}}));
}

TEST(UplinkVlans, WhatSomebodyElsesPortIsInIsNeeded) {
  auto desired = eth1_for(bridge(1));
  give_uplinks_vlans(desired, host_with(bridge(1)));
  EXPECT_EQ(desired.at(name("eth1"))->vlans, Vlans({{vid(9)}, {vid(40)}, {vid(50)}}));
}

TEST(UplinkVlans, OneThatStaysKeepsWhatItHas) {
  auto desired = eth1_for(bridge(1));
  desired.emplace(name("eth0"), Link{.name = name("eth0"), .controller = name("xenbr0")});
  give_uplinks_vlans(desired, host_with(bridge(1)));
  EXPECT_EQ(desired.at(name("eth1"))->vlans, Vlans({{vid(40)}, {vid(50)}}));
  EXPECT_EQ(desired.at(name("eth0"))->vlans, std::nullopt) << "it is a port already";
}

TEST(UplinkVlans, ItIsInTheDefaultPvidBesides) {
  auto desired = eth1_for(bridge(1, 9));
  desired.emplace(name("eth0"), Link{.name = name("eth0"), .controller = name("xenbr0")});
  give_uplinks_vlans(desired, host_with(bridge(1, 9)));
  EXPECT_EQ(desired.at(name("eth1"))->vlans, Vlans({{vid(9), true, true}, {vid(40)}, {vid(50)}}));
}

TEST(UplinkVlans, WhatTheFileFixesStays) {
  auto desired = eth1_for(bridge(1));
  desired.at(name("eth1"))->vlans = std::vector<PortVlan>{{vid(7)}};
  give_uplinks_vlans(desired, host_with(bridge(1)));
  EXPECT_EQ(desired.at(name("eth1"))->vlans, Vlans({{vid(7)}}));
}

TEST(UplinkVlans, ABridgeThatFiltersNoneGetsNone) {
  auto desired = eth1_for(bridge(0));
  give_uplinks_vlans(desired, host_with(bridge(0)));
  EXPECT_EQ(desired.at(name("eth1"))->vlans, std::nullopt);
}

}  // namespace
}  // namespace vifchain

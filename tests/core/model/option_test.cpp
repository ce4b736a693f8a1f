// SPDX-License-Identifier: Apache-2.0
#include "core/model/option.hpp"

#include <gtest/gtest.h>

#include <set>

namespace vifchain {
namespace {

TEST(Option, HasOneRowEachInOrder) {
  ASSERT_EQ(all_options().size(), option_count);
  for (std::size_t i = 0; i < option_count; ++i)
    EXPECT_EQ(spec(static_cast<Option>(i)).id, static_cast<Option>(i));
}

TEST(Option, IsFoundByItsKeyAndNothingElse) {
  for (const auto& option : all_options())
    EXPECT_EQ(find_option(option.owner, option.key), &option) << option.key;
  EXPECT_EQ(find_option(Owner::bond, "forward_delay"), nullptr);
  EXPECT_EQ(find_option(Owner::bridge, ""), nullptr);
}

TEST(Option, HasAKeyOfItsOwnAmongThoseOfAPort) {
  std::set<std::string_view> keys;
  for (const auto& option : all_options()) {
    const bool of_port = option.owner == Owner::bridge_port || option.owner == Owner::bond_port;
    EXPECT_TRUE(!of_port || keys.insert(option.key).second) << option.key;
  }
}

TEST(Option, HasBoundsOrChoicesWhereItsFormNeedsThem) {
  for (const auto& option : all_options()) {
    const bool bounded = option.form == Form::number || option.form == Form::seconds;
    EXPECT_EQ(option.min < option.max, bounded) << option.key;
    EXPECT_EQ(option.choices.empty(), option.form != Form::choice) << option.key;
    EXPECT_NE(option.modes, 0) << option.key;
  }
}

TEST(Option, OfLacpIsOnlyIn8023ad) {
  const auto& lacp_rate = spec(Option::bond_lacp_rate);
  EXPECT_TRUE(has_option(BondMode::lacp, lacp_rate));
  EXPECT_FALSE(has_option(BondMode::active_backup, lacp_rate));
  EXPECT_EQ(lacp_rate.when, When::down);
}

TEST(Option, ArpMonitoringIsOnlyWhereTheKernelHasIt) {
  const auto& interval = spec(Option::bond_arp_interval);
  for (const auto mode :
       {BondMode::balance_rr, BondMode::active_backup, BondMode::balance_xor, BondMode::broadcast})
    EXPECT_TRUE(has_option(mode, interval));
  for (const auto mode : {BondMode::lacp, BondMode::balance_tlb, BondMode::balance_alb})
    EXPECT_FALSE(has_option(mode, interval));
}

TEST(Option, ShowsValuesAsTheFileWritesThem) {
  EXPECT_EQ(show(Option::bond_mode, 4), "802.3ad");
  EXPECT_EQ(show(Option::bond_mode, 9), "9");
  EXPECT_EQ(show(Option::bond_miimon, 100), "100");
  EXPECT_EQ(show(Option::bridge_stp, 0), "false");
  EXPECT_EQ(show(Option::bridge_stp, 2), "2");
  EXPECT_EQ(show(Option::bridge_forward_delay, 1500), "15");
  EXPECT_EQ(show(Option::bridge_forward_delay, 250), "2.5");
  EXPECT_EQ(show(Option::bridge_forward_delay, 7), "0.07");
  EXPECT_EQ(show(Option::bond_port_prio, -3), "-3");
  EXPECT_EQ(show(Option::bond_primary, *LinkName::parse("eth0")), "eth0");
  EXPECT_EQ(show(Option::bond_ad_actor_system, vif_mac), "fe:ff:ff:ff:ff:ff");
  EXPECT_EQ(show(Option::vlan_egress_qos_map, QosMap{{0, 1}, {7, 2}}), "[0:1, 7:2]");
  EXPECT_EQ(show(Option::bond_arp_ip_target,
                 std::vector{*IpAddress::parse("192.0.2.1"), *IpAddress::parse("192.0.2.2")}),
            "[192.0.2.1, 192.0.2.2]");
}

}  // namespace
}  // namespace vifchain

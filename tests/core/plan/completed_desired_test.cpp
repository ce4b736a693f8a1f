// SPDX-License-Identifier: Apache-2.0
// What a desired state is completed with from what is there, before it is planned.
#include "core/plan/completed_desired.hpp"

#include <gtest/gtest.h>

#include "core/plan/obstacles.hpp"
#include "link_text.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

Link completed(const std::string& wanted, const std::string& there, const char* link) {
  const auto desired = parse_desired(wanted);
  const auto actual = parse_actual(there);
  return completed_desired(desired, actual, links_to_delete(desired, actual)).at(name(link));
}

TEST(CompletedDesired, TakesALinkOfOthersAsItIs) {
  const char* there = "br0 bridge up\n";
  EXPECT_TRUE(is_given(completed("br0 bridge up\n", there, "br0")));
  EXPECT_FALSE(is_given(completed("br0 bridge up\n", "br0 bridge ours up\n", "br0")));
}

TEST(CompletedDesired, LeavesWhetherTheHostLivesOnABridgeOfOthersToThem) {
  const char* wanted = "br0 bridge up apart=1 ra=0 addr_gen=none\n";
  const Link theirs = completed(wanted, "br0 bridge up apart=0 ra=1 addr_gen=eui64\n", "br0");
  EXPECT_FALSE(theirs.apart || theirs.ra || theirs.addr_gen);
  const Link ours = completed(wanted, "br0 bridge ours up apart=0 ra=1 addr_gen=eui64\n", "br0");
  EXPECT_EQ(ours.apart, true);
  EXPECT_EQ(ours.ra, false);
  EXPECT_EQ(ours.addr_gen, AddrGen::none);
}

// Only because the link below it is made anew.
TEST(CompletedDesired, MakesALinkAnewWithAllThatItHadAndTheDesiredDoesNotName) {
  const Link link =
      completed("eth0.5 vlan 6 on eth0\n",
                "eth0 given up\neth0.5 vlan 5 on eth0 ours up mtu=1500 reorder_hdr=false "
                "addresses=10.0.0.5/24 addr_gen=none ra=0 apart=0\n",
                "eth0.5");
  EXPECT_EQ(link.up, true);
  EXPECT_EQ(link.addr_gen, AddrGen::none);
  EXPECT_EQ(link.ra, false);
  EXPECT_EQ(link.apart, false);
  EXPECT_EQ(link.addresses->size(), 1U);
  EXPECT_EQ(options_of(link).at(Option::vlan_reorder_hdr), Value{std::int64_t{0}});
}

TEST(CompletedDesired, MakesALinkAnewWithItsRoutes) {
  auto there = parse_actual("eth0 given up\neth0.5 vlan 5 on eth0 ours up\n");
  there.at(name("eth0.5")).routes = {default_route(IpAddress::parse("10.0.0.1").value())};
  const auto desired = parse_desired("eth0.5 vlan 6 on eth0\n");
  const auto whole = completed_desired(desired, there, links_to_delete(desired, there));
  EXPECT_EQ(whole.at(name("eth0.5")).routes, there.at(name("eth0.5")).routes);
}

}  // namespace
}  // namespace vifchain

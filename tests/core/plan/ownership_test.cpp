// SPDX-License-Identifier: Apache-2.0
// Whose links they are: what the planner does with those that vifchain did not make, and with what
// others put on its own.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/plan/compare.hpp"
#include "core/plan/plan.hpp"
#include "link_text.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

using Lines = std::vector<std::string>;

Lines steps_and_conflicts(const Plan& plan) {
  Lines lines;
  for (const auto& step : plan.steps) lines.push_back(describe(step.op));
  for (const auto& [link, reason] : plan.conflicts)
    lines.push_back("! " + link.str() + " " + reason);
  return lines;
}

Lines planned(const std::string& wanted, const std::string& there) {
  return steps_and_conflicts(make_plan(parse_desired(wanted), parse_actual(there)));
}

constexpr auto bond_of_others =
    "bond0 bond up mtu=1500 mac=02:00:00:00:00:01 mode=active-backup\n"
    "eth0 given in bond0 up mtu=1500 mac=02:00:00:00:00:01\n";

// One of ours gets back the MAC that it had, as it takes a random one when its last port leaves.
TEST(SomebodyElsesBond, KeepsTheMacThatTheKernelGivesItWhenItsLastPortLeaves) {
  auto desired = parse_desired("bond0 given up\neth0 given\n");
  desired.at(name("eth0"))->may_leave = name("bond0");
  EXPECT_EQ(steps_and_conflicts(make_plan(desired, parse_actual(bond_of_others))),
            Lines{"remove port eth0"});
}

TEST(OurBond, GetsTheMacBackThatItHadWhenItsLastPortLeaves) {
  const std::string ours = "bond0 bond ours up" + std::string(bond_of_others).substr(13);
  EXPECT_EQ(planned("bond0 bond up\neth0 given\n", ours),
            (Lines{"remove port eth0", "set bond0 MAC 02:00:00:00:00:01"}));
}

// Its filter may be another one by the time that it is up again.
TEST(AFilteredPort, GoesDownBeforeItLeavesItsBridge) {
  const auto lines = planned("vif5.0 given in b filter=off up\n",
                             "a bridge ours up\nb bridge ours up\n"
                             "vif5.0 given in a up filter=mac/02:00:00:00:00:05/a\n");
  ASSERT_GE(lines.size(), 2U);
  EXPECT_EQ(lines[0], "set vif5.0 down");
  EXPECT_EQ(lines[1], "remove port vif5.0");
}

TEST(OurLink, OfAnotherKindIsMadeAnewWithTheMacThatItHad) {
  const auto plan = make_plan(parse_desired("x bridge up\n"),
                              parse_actual("x bond ours up mac=02:00:00:00:00:01\n"));
  const auto made = std::ranges::find_if(
      plan.steps, [](const Step& step) { return std::holds_alternative<Create>(step.op); });
  ASSERT_NE(made, plan.steps.end());
  EXPECT_EQ(std::get<Create>(made->op).link.birth.mac, Mac::parse("02:00:00:00:00:01"));
}

// Nothing else is said of it: that its ports would have to leave first is no reason, as they do
// not.
TEST(SomebodyElsesBond, ThatDiffersIsRefusedForThatAlone) {
  EXPECT_EQ(
      planned("bond0 bond up mode=802.3ad\n", bond_of_others),
      Lines{"! bond0 foreign bond differs (mode: expected 802.3ad, found active-backup); hint: "
            "vifchain apply --adopt"});
}

TEST(SomebodyElsesBond, IsNotTakenDownForItsOptions) {
  EXPECT_EQ(
      planned("bond0 bond up mode=active-backup miimon=100\n", bond_of_others),
      Lines{"! bond0 foreign bond differs (miimon: expected 100, not reported by this kernel); "
            "hint: vifchain apply --adopt"});
}

TEST(SomebodyElsesBond, IsGivenNoOtherMtuAndNoOtherMac) {
  const auto refused = [](const std::string& difference) {
    return "! bond0 foreign bond differs (" + difference + "); hint: vifchain apply --adopt";
  };
  EXPECT_EQ(planned("bond0 bond up mtu=9000\n", bond_of_others),
            Lines{refused("mtu: expected 9000, found 1500")});
  EXPECT_EQ(planned("bond0 bond up mac=02:00:00:00:00:09\n", bond_of_others),
            Lines{refused("MAC: expected 02:00:00:00:00:09, found 02:00:00:00:00:01")});
}

// That it is down is no reason, as it is only brought up.
TEST(SomebodyElsesBridge, ThatIsDownAndDiffersIsRefusedForItsOptionsAlone) {
  const auto lines = planned("br0 bridge up stp=true\n", "br0 bridge down stp=false\n");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines.front().find("stp"), std::string::npos) << lines.front();
  EXPECT_EQ(lines.front().find("state"), std::string::npos) << lines.front();
}

TEST(SomebodyElsesLink, DisturbsNobodyWhenItIsTakenDown) {
  const auto plan = make_plan(parse_desired("eth0 given down\n"),
                              parse_actual("eth0 given up mtu=1500 mac=02:00:00:00:00:01\n"));
  ASSERT_EQ(steps_and_conflicts(plan), Lines{"set eth0 down"});
  EXPECT_EQ(plan.steps.front().impact, Impact::hot);
}

TEST(OurLink, DisturbsWhoeverIsOnItWhenItIsTakenDown) {
  const auto plan =
      make_plan(parse_desired("br0 bridge down\n"), parse_actual("br0 bridge ours up mtu=1500\n"));
  ASSERT_EQ(steps_and_conflicts(plan), Lines{"set br0 down"});
  EXPECT_EQ(plan.steps.front().impact, Impact::link_down);
}

TEST(SomebodyElsesLink, IsNeverDeletedNorMadeAnew) {
  for (const char* desired : {"br0 absent\n", "br0 bond\n"}) {
    const auto plan = make_plan(parse_desired(desired), parse_actual("br0 bridge up mtu=1500\n"));
    EXPECT_TRUE(plan.steps.empty()) << desired;
    EXPECT_FALSE(plan.conflicts.empty()) << desired;
  }
}

// ---- addresses and routes that others put on a link of ours

LinkAddress address(const char* text, int protocol) {
  auto parsed = LinkAddress::parse(text).value();
  parsed.traits.protocol = static_cast<std::uint8_t>(protocol);
  return parsed;
}

Route route(const char* via, int protocol) {
  Route made = default_route(IpAddress::parse(via).value());
  made.protocol = static_cast<std::uint8_t>(protocol);
  return made;
}

// Somebody's come while an apply is at work: since the plan was made, so no desired state names
// them.
struct Came {
  Link have{.name = name("br0"), .kind = Bridge{}, .ours = true};
  Link want = have;

  Came() {
    want.addresses.emplace();
    want.routes.emplace();
    have.addresses = std::vector{address("10.0.0.5/24", 0), address("10.0.0.6/24", our_protocol)};
    have.routes = std::vector{route("10.0.0.1", 4), route("10.0.0.2", our_protocol)};
    std::ranges::sort(*have.addresses);
    std::ranges::sort(*have.routes);
  }
};

TEST(WhatOthersPutOnALink, StaysWhereItKeepsItsAddresses) {
  Came link;
  link.want.keep_addresses = true;
  EXPECT_EQ(address_change(link.want, link.have).remove,
            std::vector{address("10.0.0.6/24", our_protocol)});
  EXPECT_EQ(route_change(link.want, link.have).remove,
            std::vector{route("10.0.0.2", our_protocol)});
}

TEST(WhatOthersPutOnALink, GoesWhereItKeepsNone) {
  const Came link;
  EXPECT_EQ(address_change(link.want, link.have).remove.size(), 2U);
  EXPECT_EQ(route_change(link.want, link.have).remove.size(), 2U);
}

}  // namespace
}  // namespace vifchain

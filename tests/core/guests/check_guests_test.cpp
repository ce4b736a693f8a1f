// SPDX-License-Identifier: Apache-2.0
// Vifs held against each other and against those that run; what single vifs are told is in
// tests/fixtures/bad-guests.
#include "core/guests/check.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/vif/resolve_bridge.hpp"
#include "edge/parse/toml.hpp"
#include "link_text.hpp"

namespace vifchain {
namespace {

WantedVif vif(const std::string& guest, const std::string& file,
              std::map<std::string, std::string> nodes) {
  nodes.emplace("bridge", "br0");
  return {.guest = guest, .file = file, .nodes = std::move(nodes)};
}

GuestsHost host() {
  GuestsHost host{.config = "/etc/xen/vifchain.toml"};
  host.links = parse_actual(
      "br0 bridge up mtu=1500 mac=02:00:00:00:00:01\n"
      "eth1 bridge up mtu=1500 mac=02:00:00:00:00:02\n"
      "web0 given in br0 up mtu=1500 mac=fe:ff:ff:ff:ff:ff\n");
  GuestVif web{.vif = {5, 0}, .guest = "web", .bridge = "br0"};
  web.link = LinkName::parse("web0");
  web.mac = Mac::parse("00:16:3e:00:00:01");
  host.running = {web};
  return host;
}

std::vector<std::string> obstacles(const std::vector<WantedVif>& vifs) {
  std::vector<std::string> texts;
  for (const auto& [number, weight, text] : check_vifs(vifs, host()).findings)
    if (weight == Weight::obstacle) texts.push_back(std::to_string(number) + ": " + text);
  return texts;
}

const std::map<std::string, std::string> nodes_of_web{{"mac", "00:16:3e:00:00:01"},
                                                      {"vifname", "web0"}};

TEST(CheckGuests, AGuestThatRunsIsNotInTheWayOfItsOwnConfiguration) {
  EXPECT_TRUE(obstacles({vif("web", "web.cfg", nodes_of_web)}).empty());
  EXPECT_EQ(obstacles({vif("db", "db.cfg", nodes_of_web)}).size(), 2U);
}

TEST(CheckGuests, TwoFilesOfOneGuestAreNeverThereTogether) {
  EXPECT_TRUE(obstacles({vif("web", "web.cfg", nodes_of_web), vif("web", "old.cfg", nodes_of_web)})
                  .empty());
}

TEST(CheckGuests, FilesWithoutANameAreGuestsOfTheirOwn) {
  auto first = vif("", "a.cfg", {}), second = vif("", "b.cfg", {});
  first.devid = second.devid = 1;
  EXPECT_TRUE(obstacles({first, second}).empty());
  first.nodes["mac"] = second.nodes["mac"] = "00:16:3e:00:00:02";
  EXPECT_EQ(obstacles({first, second}).size(), 1U);
}

TEST(CheckGuests, AVifInADriverDomainHasNamesOfItsOwn) {
  auto first = vif("a", "a.cfg", {{"vifname", "v0"}}),
       second = vif("b", "b.cfg", {{"vifname", "v0"}});
  EXPECT_EQ(obstacles({first, second}).size(), 1U);
  first.backend = "netdom";
  EXPECT_TRUE(obstacles({first, second}).empty());
}

TEST(CheckGuests, EachVifIsToldItsBridge) {
  const auto checked = check_vifs(
      {vif("a", "a", {{"bridge", "xenbr1"}}), vif("b", "b", {{"bridge", "no"}}), vif("c", "c", {})},
      host());
  EXPECT_EQ(checked.bridges, (std::vector<std::string>{"eth1", "", "br0"}));
}

std::vector<std::string> told(const std::vector<WantedVif>& vifs, const GuestsHost& on) {
  std::vector<std::string> texts;
  for (const auto& finding : check_vifs(vifs, on).findings) texts.push_back(finding.text);
  return texts;
}

bool is_told(const std::vector<std::string>& texts, const std::string& part) {
  return std::ranges::any_of(
      texts, [&](const auto& text) { return text.find(part) != std::string::npos; });
}

TEST(CheckGuests, ABridgeMayBeMeantByItsOtherName) {
  auto on = host();
  const auto guests = vif("a", "a.cfg", {{"bridge", "guests"}});
  EXPECT_TRUE(is_told(told({guests}, on), "guests"));
  on.other_names.emplace(*LinkName::parse("guests"), *LinkName::parse("br0"));
  EXPECT_FALSE(is_told(told({guests}, on), "guests"));
}

TEST(CheckGuests, OneThatRunsHasItsMacAlready) {
  EXPECT_TRUE(is_told(told({vif("a", "a.cfg", {})}, host()), "one is made up at every start"));
  EXPECT_FALSE(is_told(told({vif("a", "", {})}, host()), "one is made up at every start"));
}

TEST(CheckGuests, AnMtuIsHeldAgainstThatOfTheNicToo) {
  auto on = host();
  on.topology = std::get<Topology>(parse_topology("[bridge.new]\nports = [\"eth7\"]\n"));
  on.links.merge(parse_actual("eth7 given up mtu=1400 mac=02:00:00:00:00:07\n"));
  const auto with_mtu = [&](const std::string& mtu) {
    return told({vif("a", "a.cfg", {{"bridge", "new"}, {"mtu", mtu}})}, on);
  };
  EXPECT_TRUE(is_told(with_mtu("1450"), "mtu=1450 exceeds that of eth7, 1400"));
  EXPECT_FALSE(is_told(with_mtu("1400"), "exceeds that of"));
}

TEST(CheckGuests, WhatTheFileAcceptsIsNotTold) {
  auto on = host();
  on.links =
      parse_actual("br0 bridge up mtu=1500 mac=02:00:00:00:00:01 stp=true forward_delay=1500\n");
  on.netfilter = {.loaded = true, .ip = true};
  const auto a = vif("a", "a.cfg", {{"mac", "00:16:3e:00:00:09"}});
  EXPECT_TRUE(is_told(told({a}, on), "runs STP"));
  EXPECT_TRUE(is_told(told({a}, on), "FORWARD rules"));
  on.topology.accepted = {"stp"};
  EXPECT_FALSE(is_told(told({a}, on), "runs STP"));
  EXPECT_TRUE(is_told(told({a}, on), "FORWARD rules"));
  on.topology.accepted = {"br_netfilter"};
  EXPECT_TRUE(is_told(told({a}, on), "runs STP"));
  EXPECT_FALSE(is_told(told({a}, on), "FORWARD rules"));
}

TEST(CheckGuests, FindingsComeByVifAndObstaclesFirst) {
  const auto checked = check_vifs(
      {vif("a", "a", {{"bridge", "no"}, {"ip", "x"}}), vif("b", "b", {{"bridge", "no"}})}, host());
  ASSERT_GE(checked.findings.size(), 4U);
  for (std::size_t i = 1; i < checked.findings.size(); ++i) {
    const auto &before = checked.findings[i - 1], &after = checked.findings[i];
    EXPECT_TRUE(before.vif < after.vif ||
                (before.vif == after.vif && before.weight >= after.weight));
  }
}

TEST(MeantBridge, AsksForNoMoreLinksThanItNeeds) {
  std::vector<std::string> asked;
  const auto none = [&](const LinkName& name) {
    asked.push_back(name.str());
    return std::optional<Link>{};
  };
  EXPECT_FALSE(meant_bridge({}, "xenbr0.5", none));
  EXPECT_EQ(asked, (std::vector<std::string>{"xenbr0.5", "xenbr0", "eth0.5"}));
}

}  // namespace
}  // namespace vifchain

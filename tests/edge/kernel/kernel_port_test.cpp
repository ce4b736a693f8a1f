// SPDX-License-Identifier: Apache-2.0
// Ports of bridges: their options, their VLANs, and how they come and go.
#include <gmock/gmock.h>

#include "core/plan/plan.hpp"
#include "netns.hpp"

namespace vifchain::test {
namespace {

using testing::HasSubstr;

// One option with two values that are not the default, and where sysfs shows it.
struct Case {
  Option option;
  std::int64_t first, second;
  const char* file = nullptr;        // below brport/; null: sysfs does not show it
  const char* first_text = nullptr;  // null: as the number
  Options beside = {};               // what must be so for the kernel to take it
};

void PrintTo(const Case& a, std::ostream* out) {
  *out << spec(a.option).key;
}

const std::vector<Case>& cases() {
  using enum Option;
  static const std::vector<Case> all{
      {port_cost, 7, 65535, "path_cost"},
      {port_priority, 5, 63, "priority"},
      {port_hairpin, 1, 0, "hairpin_mode"},
      {port_guard, 1, 0, "bpdu_guard"},
      {port_root_block, 1, 0, "root_block"},
      {port_fastleave, 1, 0, "multicast_fast_leave"},
      {port_learning, 0, 1, "learning"},
      {port_flood, 0, 1, "unicast_flood"},
      {port_mcast_flood, 0, 1, "multicast_flood"},
      {port_bcast_flood, 0, 1, "broadcast_flood"},
      {port_mcast_to_unicast, 1, 0, "multicast_to_unicast"},
      {port_mcast_router, 2, 0, "multicast_router"},
      {port_neigh_suppress, 1, 0, "neigh_suppress"},
      {port_neigh_vlan_suppress, 1, 0},
      {port_vlan_tunnel, 1, 0},
      {port_isolated, 1, 0, "isolated"},
      {port_locked, 1, 0},
      {port_mab, 1, 0, nullptr, nullptr, {{port_locked, std::int64_t{1}}}},
      {port_group_fwd_mask, 0x4000, 8, "group_fwd_mask", "0x4000"},
      {port_proxy_arp, 1, 0, "proxyarp"},
      {port_proxy_arp_wifi, 1, 0, "proxyarp_wifi"},
  };
  return all;
}

Create bridge(const std::string& link, const Options& options = {}) {
  return {{.name = name(link), .kind = Bridge{options}, .up = true}};
}

class BridgePortOption : public KernelTest, public testing::WithParamInterface<Case> {};

TEST_P(BridgePortOption, IsSetTogetherWithUpAndChangedAloneAndBack) {
  const auto& [option, first, second, file, first_text, beside] = GetParam();
  make_nic("eth0");
  perform(*kernel_,
          {bridge("br0"), Join{name("eth0"), name("br0")}, SetPort{name("eth0"), beside, false}});
  auto expected = read(*kernel_, "eth0");
  perform(*kernel_, {SetPort{name("eth0"), {{option, first}}, true}});
  expected.up = true;
  expect(expected.port, option, first);
  EXPECT_EQ(read(*kernel_, "eth0"), expected);
  if (file != nullptr) {
    EXPECT_EQ(sysfs("eth0/brport/" + std::string(file)),
              first_text != nullptr ? first_text : std::to_string(first));
  }
  perform(*kernel_, {SetPort{name("eth0"), {{option, second}}, false}});
  expect(expected.port, option, second);
  EXPECT_EQ(read(*kernel_, "eth0"), expected);
}

INSTANTIATE_TEST_SUITE_P(Kernel, BridgePortOption, testing::ValuesIn(cases()),
                         [](const auto& a_test) {
                           return std::string(spec(a_test.param.option).key);
                         });

TEST(BridgePortOptions, AreAllTested) {
  std::vector<Option> table, tested;
  for (const auto& row : all_options())
    if (row.owner == Owner::bridge_port) table.push_back(row.id);
  for (const auto& a_case : cases()) tested.push_back(a_case.option);
  EXPECT_EQ(tested, table);
}

class KernelPort : public KernelTest {
 protected:
  void SetUp() override { make_nic("eth0"); }
};

TEST_F(KernelPort, JoinsAndLeaves) {
  perform(*kernel_, {bridge("br0"), Join{name("eth0"), name("br0")}});
  EXPECT_EQ(read(*kernel_, "eth0").controller, name("br0"));
  perform(*kernel_, {Leave{name("eth0")}});
  const auto left = read(*kernel_, "eth0");
  EXPECT_FALSE(left.controller);
  EXPECT_TRUE(left.port.empty());
}

TEST_F(KernelPort, HasTheDefaultsOfTheTableWhenItIsNew) {
  perform(*kernel_, {bridge("br0"), Join{name("eth0"), name("br0")}});
  expect_defaults(read(*kernel_, "eth0").port);
}

TEST_F(KernelPort, IsBornUnderItsController) {
  if (!kernel_has("vlan")) GTEST_SKIP() << "this kernel has no VLAN links";
  perform(*kernel_, {bridge("br0"), up("eth0"),
                     Create{{.name = name("eth0.5"),
                             .kind = Vlan{.parent = name("eth0"), .id = vid(5)},
                             .controller = name("br0"),
                             .up = true}}});
  const auto made = read(*kernel_, "eth0.5");
  EXPECT_EQ(made.controller, name("br0"));
  EXPECT_EQ(made.up, true);
  EXPECT_TRUE(made.ours);
}

TEST_F(KernelPort, IsNotTakenFromAnotherController) {
  perform(*kernel_, {bridge("br0"), bridge("br1")});
  set_controller("eth0", "br1");
  const auto refusal = refusal_of(*kernel_, {Join{name("eth0"), name("br0")}});
  EXPECT_EQ(refusal.error, EBUSY);
  EXPECT_THAT(refusal.what, HasSubstr("eth0 is a port of br1, and stays there"));
  EXPECT_EQ(read(*kernel_, "eth0").controller, name("br1"));
}

TEST_F(KernelPort, MovesWhenItIsTakenOutFirst) {
  perform(*kernel_, {bridge("br0"), bridge("br1"), Join{name("eth0"), name("br1")},
                     Leave{name("eth0")}, Join{name("eth0"), name("br0")}});
  EXPECT_EQ(read(*kernel_, "eth0").controller, name("br0"));
}

TEST_F(KernelPort, MovesWhenItsBridgeIsDeletedFirst) {
  perform(*kernel_, {bridge("br0"), bridge("br1"), Join{name("eth0"), name("br1")},
                     Delete{name("br1")}, Join{name("eth0"), name("br0")}});
  EXPECT_EQ(read(*kernel_, "eth0").controller, name("br0"));
}

TEST_F(KernelPort, HasNoPortOptionsWithoutAController) {
  const auto refusal = refusal_of(
      *kernel_, {SetPort{name("eth0"), {{Option::port_isolated, std::int64_t{1}}}, true}});
  EXPECT_EQ(refusal.error, EOPNOTSUPP);
  EXPECT_THAT(refusal.what, HasSubstr("eth0 is not a port of anything"));
  EXPECT_EQ(read(*kernel_, "eth0").up, false);
}

TEST_F(KernelPort, OfANonexistentBridgeIsRefusedInWords) {
  const auto refusal = refusal_of(*kernel_, {Join{name("eth0"), name("br9")}});
  EXPECT_EQ(refusal.error, ENODEV);
  EXPECT_THAT(refusal.what, HasSubstr("there is no link br9"));
}

class KernelPortVlans : public KernelPort {
 protected:
  void SetUp() override {
    KernelPort::SetUp();
    if (!bridges_filter_vlans()) GTEST_SKIP() << "this kernel's bridges filter no VLANs";
    perform(*kernel_, {bridge("br0", {{Option::bridge_vlan_filtering, std::int64_t{1}},
                                      {Option::bridge_vlan_default_pvid, std::int64_t{0}}}),
                       Join{name("eth0"), name("br0")}});
  }
};

std::vector<PortVlan> tagged(int first, int last) {
  std::vector<PortVlan> vlans;
  for (int number = first; number <= last; ++number) vlans.push_back({.id = vid(number)});
  return vlans;
}

TEST_F(KernelPortVlans, AreNoneAtFirst) {
  EXPECT_EQ(read(*kernel_, "eth0").vlans, std::vector<PortVlan>{});
}

TEST_F(KernelPortVlans, AreAddedAsTheyAre) {
  std::vector<PortVlan> vlans{{vid(1), false, true},  {vid(2), false, true}, {vid(3), true, true},
                              {vid(4), false, false}, {vid(5), false, true}, {vid(9), false, true}};
  perform(*kernel_, {SetVlans{name("eth0"), vlans, {}}});
  EXPECT_EQ(read(*kernel_, "eth0").vlans, vlans);
}

TEST_F(KernelPortVlans, AreAllAddedAndAllRemoved) {
  const auto all = tagged(1, 4094);
  perform(*kernel_, {SetVlans{name("eth0"), all, {}}});
  EXPECT_EQ(read(*kernel_, "eth0").vlans, all);
  std::vector<VlanId> ids;
  ids.reserve(all.size());
  for (const auto& vlan : all) ids.push_back(vlan.id);
  perform(*kernel_, {SetVlans{name("eth0"), {}, ids}});
  EXPECT_EQ(read(*kernel_, "eth0").vlans, std::vector<PortVlan>{});
}

TEST_F(KernelPortVlans, MayNeedNoRangeAtAll) {
  std::vector<PortVlan> every_other;
  for (int number = 1; number <= 4094; number += 2) every_other.push_back({.id = vid(number)});
  perform(*kernel_, {SetVlans{name("eth0"), every_other, {}}});
  EXPECT_EQ(read(*kernel_, "eth0").vlans, every_other);
}

TEST_F(KernelPortVlans, MoveThePvid) {
  perform(*kernel_, {SetVlans{name("eth0"), {{vid(7), true, true}}, {}},
                     SetVlans{name("eth0"), {{vid(8), true, true}}, {vid(7)}}});
  EXPECT_EQ(read(*kernel_, "eth0").vlans, (std::vector<PortVlan>{{vid(8), true, true}}));
}

TEST_F(KernelPortVlans, LoseTheirFlags) {
  perform(*kernel_, {SetVlans{name("eth0"), {{vid(7), true, true}}, {}},
                     SetVlans{name("eth0"), {{vid(7), false, false}}, {}}});
  EXPECT_EQ(read(*kernel_, "eth0").vlans, tagged(7, 7));
}

TEST_F(KernelPortVlans, AreTheSameWhenEverythingIsRead) {
  make_nic("eth1");
  perform(*kernel_, {Join{name("eth1"), name("br0")}, SetVlans{name("eth0"), tagged(3, 2000), {}}});
  const auto all = kernel_->everything();
  EXPECT_EQ(all.at(name("eth0")), read(*kernel_, "eth0"));
  EXPECT_EQ(all.at(name("eth1")).vlans, std::vector<PortVlan>{});
  EXPECT_FALSE(all.at(name("br0")).vlans);
}

TEST_F(KernelPortVlans, MayBeGoneAlreadyWhenTheyAreRemoved) {
  perform(*kernel_, {SetVlans{name("eth0"), tagged(9, 9), {vid(7), vid(8)}}});
  EXPECT_EQ(read(*kernel_, "eth0").vlans, tagged(9, 9));
}

TEST_F(KernelPortVlans, FollowTheDefaultPvid) {
  perform(*kernel_,
          {SetOptions{name("br0"), {{Option::bridge_vlan_default_pvid, std::int64_t{5}}}}});
  EXPECT_EQ(read(*kernel_, "eth0").vlans, (std::vector<PortVlan>{{vid(5), true, true}}));
}

class KernelPortFdb : public KernelPort {
 protected:
  // On a bridge whose ports are in no VLAN.
  void SetUp() override {
    KernelPort::SetUp();
    make_nic("eth1");
    const Options filtering{{Option::bridge_vlan_default_pvid, std::int64_t{0}}};
    perform(*kernel_, {bridge("br0", bridges_filter_vlans() ? filtering : Options{}),
                       Join{name("eth0"), name("br0")}, Join{name("eth1"), name("br0")}});
  }

  std::vector<FdbEntry> fdb(const std::string& port) { return read(*kernel_, port).fdb.value(); }

  const FdbEntry first_{mac("02:00:00:00:0a:01")}, second_{mac("02:00:00:00:0a:02")};
};

TEST_F(KernelPortFdb, IsEmptyAtFirstThoughThePortHasAMacOfItsOwn) {
  EXPECT_THAT(fdb("eth0"), testing::IsEmpty());
}

TEST_F(KernelPortFdb, IsAddedToAndTakenFrom) {
  perform(*kernel_, {SetFdb{name("eth0"), {second_, first_}, {}}});
  EXPECT_EQ(fdb("eth0"), (std::vector{first_, second_}));
  EXPECT_THAT(fdb("eth1"), testing::IsEmpty());
  perform(*kernel_, {SetFdb{name("eth0"), {}, {first_}}});
  EXPECT_EQ(fdb("eth0"), std::vector{second_});
}

TEST_F(KernelPortFdb, IsOnlyReadWhenAskedFor) {
  EXPECT_FALSE(kernel_->snapshot({{name("eth0"), true, true}}).at(name("eth0")).fdb);
  EXPECT_FALSE(read(*kernel_, "br0").fdb);
  EXPECT_FALSE(read(*kernel_, "eth0p").fdb);
}

TEST_F(KernelPortFdb, IsTheSameWhenEverythingIsRead) {
  perform(*kernel_, {SetFdb{name("eth0"), {first_}, {}}});
  const auto all = kernel_->everything();
  EXPECT_EQ(all.at(name("eth0")), read(*kernel_, "eth0"));
  EXPECT_EQ(all.at(name("eth1")).fdb, std::vector<FdbEntry>{});
  EXPECT_FALSE(all.at(name("br0")).fdb);
}

TEST_F(KernelPortFdb, GoesWhenThePortLeaves) {
  perform(*kernel_, {SetFdb{name("eth0"), {first_}, {}}, Leave{name("eth0")}});
  EXPECT_FALSE(read(*kernel_, "eth0").fdb);
  perform(*kernel_, {Join{name("eth0"), name("br0")}});
  EXPECT_THAT(fdb("eth0"), testing::IsEmpty());
}

TEST_F(KernelPortFdb, StaysWhileThePortGoesDownAndUp) {
  perform(*kernel_, {up("eth0"), SetFdb{name("eth0"), {first_}, {}}, SetDown{name("eth0")}});
  EXPECT_EQ(fdb("eth0"), std::vector{first_});
}

TEST_F(KernelPortFdb, TakesAMacFromAnotherPort) {
  perform(*kernel_, {SetFdb{name("eth0"), {first_}, {}}, SetFdb{name("eth1"), {first_}, {}}});
  EXPECT_THAT(fdb("eth0"), testing::IsEmpty());
  EXPECT_EQ(fdb("eth1"), std::vector{first_});
}

TEST_F(KernelPortFdb, MayHaveThatAlreadyAndMayLackThisAlready) {
  perform(*kernel_,
          {SetFdb{name("eth0"), {first_}, {second_}}, SetFdb{name("eth0"), {first_}, {second_}}});
  EXPECT_EQ(fdb("eth0"), std::vector{first_});
}

TEST_F(KernelPortFdb, IsRefusedInWordsWithoutABridge) {
  const auto refusal = refusal_of(*kernel_, {SetFdb{name("eth0p"), {first_}, {}}});
  EXPECT_EQ(refusal.error, EOPNOTSUPP);
  EXPECT_THAT(refusal.what, HasSubstr("eth0p is not a port of a bridge"));
}

TEST_F(KernelPortFdb, HasAnEntryForEachVlanBesideOneWithout) {
  if (!bridges_filter_vlans()) GTEST_SKIP() << "this kernel's bridges filter no VLANs";
  const FdbEntry in_five{first_.mac, vid(5)}, in_six{first_.mac, vid(6)};
  perform(*kernel_, {SetVlans{name("eth0"), {{vid(5), true, true}, {vid(6)}}, {}},
                     SetFdb{name("eth0"), {first_}, {}}});
  EXPECT_EQ(fdb("eth0"), (std::vector{first_, in_five, in_six}));
  perform(*kernel_, {SetFdb{name("eth0"), {}, {in_six}}});
  EXPECT_EQ(fdb("eth0"), (std::vector{first_, in_five}));
  perform(*kernel_, {SetFdb{name("eth0"), {in_six}, {first_, in_five}}});
  EXPECT_EQ(fdb("eth0"), std::vector{in_six});
}

TEST_F(KernelPortFdb, HasNoEntryInAVlanThatThePortIsNotIn) {
  if (!bridges_filter_vlans()) GTEST_SKIP() << "this kernel's bridges filter no VLANs";
  const auto refusal = refusal_of(*kernel_, {SetFdb{name("eth0"), {{first_.mac, vid(7)}}, {}}});
  EXPECT_EQ(refusal.error, EINVAL);
  EXPECT_THAT(refusal.what, HasSubstr("eth0 is not in the VLAN of one of them"));
}

}  // namespace
}  // namespace vifchain::test

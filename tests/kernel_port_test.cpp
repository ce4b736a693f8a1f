// Ports of bridges: their options, their VLANs, and how they come and go.
#include <gmock/gmock.h>

#include "core/plan.hpp"
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

}  // namespace
}  // namespace vifchain::test

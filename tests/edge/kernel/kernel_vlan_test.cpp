// SPDX-License-Identifier: Apache-2.0
// Every option of VLAN links, written to the kernel and read back from it.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "core/plan/plan.hpp"
#include "netns.hpp"

namespace vifchain::test {
namespace {

using testing::HasSubstr;

struct Case {
  Option option;
  Value first, second;
  std::string shown = {};  // how /proc/net/vlan shows the first
};

void PrintTo(const Case& a, std::ostream* out) {
  *out << spec(a.option).key;
}

Value number(std::int64_t value) {
  return value;
}

const std::vector<Case>& cases() {
  using enum Option;
  static const std::vector<Case> all{
      {vlan_reorder_hdr, number(0), number(1), "dev->priv_flags: "},
      {vlan_gvrp, number(1), number(0)},
      {vlan_mvrp, number(1), number(0)},
      {vlan_loose_binding, number(1), number(0)},
      {vlan_bridge_binding, number(1), number(0)},
      {vlan_ingress_qos_map, QosMap{{1, 2}, {7, 3}}, QosMap{{7, 4}},
       "INGRESS priority mappings: 0:0  1:2  2:0  3:0  4:0  5:0  6:0 7:3"},
      {vlan_egress_qos_map, QosMap{{1, 2}, {70000, 3}}, QosMap{{70000, 4}}, "70000:3"},
  };
  return all;
}

std::string proc_entry(const std::string& link) {
  std::stringstream text;
  text << std::ifstream("/proc/net/vlan/" + link).rdbuf();
  return text.str();
}

Create vlan(const std::string& link, int id, const Options& options = {}) {
  return {{.name = name(link),
           .kind = Vlan{.parent = name("eth0"), .id = vid(id), .options = options}}};
}

class VlanTest : public KernelTest {
 protected:
  void SetUp() override {
    if (!kernel_has("vlan")) GTEST_SKIP() << "this kernel has no VLAN links";
    make_nic("eth0");
  }
};

class VlanOption : public VlanTest, public testing::WithParamInterface<Case> {};

TEST_P(VlanOption, IsSetAtBirth) {
  const Case& a = GetParam();
  perform(*kernel_, {vlan("v1", 1), vlan("v2", 2, {{a.option, a.first}})});
  auto expected = options_of(read(*kernel_, "v1"));
  expected[a.option] = a.first;
  EXPECT_EQ(options_of(read(*kernel_, "v2")), expected);
  EXPECT_THAT(proc_entry("v2"), HasSubstr(a.shown));
}

TEST_P(VlanOption, IsChangedAloneAndBack) {
  const Case& a = GetParam();
  perform(*kernel_, {vlan("v1", 1)});
  auto expected = read(*kernel_, "v1");
  for (const Value& value : {a.first, a.second}) {
    perform(*kernel_, {SetOptions{name("v1"), {{a.option, value}}}});
    options_of(expected)[a.option] = value;
    EXPECT_EQ(read(*kernel_, "v1"), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Kernel, VlanOption, testing::ValuesIn(cases()), [](const auto& a_test) {
  return std::string(spec(a_test.param.option).key);
});

TEST(VlanOptions, AreAllTested) {
  std::vector<Option> table, tested;
  for (const auto& row : all_options())
    if (row.owner == Owner::vlan) table.push_back(row.id);
  for (const auto& a_case : cases()) tested.push_back(a_case.option);
  EXPECT_EQ(tested, table);
}

class KernelVlan : public VlanTest {};

TEST_F(KernelVlan, HasParentIdAndProtocol) {
  perform(*kernel_,
          {vlan("v5", 5), Create{{.name = name("v6"),
                                  .kind = Vlan{.parent = name("v5"),
                                               .id = vid(4094),
                                               .protocol = VlanProtocol::ieee_802_1ad}}}});
  const auto upper = std::get<Vlan>(read(*kernel_, "v6").kind);
  EXPECT_EQ(upper.parent, name("v5"));
  EXPECT_EQ(upper.id, vid(4094));
  EXPECT_EQ(upper.protocol, VlanProtocol::ieee_802_1ad);
  EXPECT_EQ(std::get<Vlan>(read(*kernel_, "v5").kind).protocol, VlanProtocol::ieee_802_1q);
}

TEST_F(KernelVlan, ChangesAllItsFlagsAtOnce) {
  const Options changed{{Option::vlan_reorder_hdr, number(0)},
                        {Option::vlan_gvrp, number(1)},
                        {Option::vlan_mvrp, number(1)},
                        {Option::vlan_loose_binding, number(1)},
                        {Option::vlan_bridge_binding, number(1)},
                        {Option::vlan_ingress_qos_map, QosMap{}},
                        {Option::vlan_egress_qos_map, QosMap{{3, 3}}}};
  perform(*kernel_, {vlan("v5", 5), SetOptions{name("v5"), changed}});
  EXPECT_EQ(options_of(read(*kernel_, "v5")), changed);
}

TEST_F(KernelVlan, IsToldWhichLinkHasTheIdAlready) {
  perform(*kernel_, {vlan("v5", 5)});
  const auto refusal = refusal_of(*kernel_, {vlan("eth0.5", 5)});
  EXPECT_EQ(refusal.error, EEXIST);
  EXPECT_THAT(refusal.what, HasSubstr("VLAN device already exists"));
  EXPECT_THAT(refusal.what, HasSubstr("VLAN 5 on eth0 is v5 already"));
}

TEST_F(KernelVlan, IsToldOfAHolderInAnotherNamespace) {
  perform(*kernel_, {vlan("v5", 5)});
  move_away("v5");
  const auto refusal = refusal_of(*kernel_, {vlan("v5", 5)});
  EXPECT_EQ(refusal.error, EEXIST);
  EXPECT_THAT(refusal.what, HasSubstr("another network namespace"));
}

TEST_F(KernelVlan, MayHaveItsParentInAnotherNamespace) {
  perform(*kernel_, {vlan("v5", 5)});
  move_away("eth0");
  EXPECT_THAT(std::get<Vlan>(read(*kernel_, "v5").kind).parent.str(), HasSubstr("@netns"));
}

TEST_F(KernelVlan, IsNotUpBeforeItsParent) {
  Create raised = vlan("v5", 5);
  raised.link.up = true;
  const auto refusal = refusal_of(*kernel_, {raised});
  EXPECT_EQ(refusal.error, ENETDOWN);
  EXPECT_THAT(refusal.what, HasSubstr("eth0 is down"));
  EXPECT_TRUE(kernel_->snapshot({{name("v5")}}).empty());
  perform(*kernel_, {vlan("v5", 5)});
  EXPECT_THAT(refusal_of(*kernel_, {up("v5")}).what, HasSubstr("eth0 is down"));
}

TEST_F(KernelVlan, HasTheDefaultsOfTheTableWhenItIsNew) {
  perform(*kernel_, {vlan("v5", 5)});
  expect_defaults(options_of(read(*kernel_, "v5")));
}

TEST_F(KernelVlan, HasNoLargerMtuThanItsParent) {
  Create large = vlan("v5", 5);
  large.link.birth.mtu = 9000;
  const auto born = refusal_of(*kernel_, {large});
  EXPECT_EQ(born.error, EINVAL);
  EXPECT_THAT(born.what, HasSubstr("the MTU of eth0 is 1500"));
  perform(*kernel_, {vlan("v5", 5)});
  const auto changed = refusal_of(*kernel_, {SetMtu{name("v5"), 9000}});
  EXPECT_EQ(changed.error, ERANGE);
  EXPECT_THAT(changed.what, HasSubstr("the MTU of eth0 is 1500"));
}

TEST_F(KernelVlan, NamesAParentThatWasNotAskedFor) {
  perform(*kernel_, {vlan("v5", 5)});
  const auto links = open_kernel()->snapshot({{name("v5")}});
  ASSERT_EQ(links.size(), 1U);
  EXPECT_EQ(*parent_of(links.at(name("v5"))), name("eth0"));
}

TEST_F(KernelVlan, OfNoLinkIsRefusedInWords) {
  Create orphan = vlan("v5", 5);
  std::get<Vlan>(orphan.link.kind).parent = name("bond9");
  const auto refusal = refusal_of(*kernel_, {orphan});
  EXPECT_EQ(refusal.error, ENODEV);
  EXPECT_THAT(refusal.what, HasSubstr("there is no link bond9"));
}

}  // namespace
}  // namespace vifchain::test

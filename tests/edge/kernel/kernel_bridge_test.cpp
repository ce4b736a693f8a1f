// SPDX-License-Identifier: Apache-2.0
// Every option of bridges, written to the kernel and read back from it.
#include <gmock/gmock.h>

#include "core/plan/plan.hpp"
#include "netns.hpp"

namespace vifchain::test {
namespace {

// One option with two values that are not the default, and where sysfs shows it.
struct Case {
  Option option;
  Value first, second;
  const char* file = nullptr;        // below bridge/; null: sysfs does not show it
  const char* first_text = nullptr;  // null: as the number
  Options beside = {};               // what must be so for the kernel to take it
};

void PrintTo(const Case& a, std::ostream* out) {
  *out << spec(a.option).key;
}

bool is_about_vlans(Option option) {
  return spec(option).key.starts_with("vlan_") || option == Option::bridge_mcast_vlan_snooping ||
         option == Option::bridge_mst_enabled;
}

std::string text_of(const Case& the_case) {
  if (the_case.first_text != nullptr) return the_case.first_text;
  return std::to_string(std::get<std::int64_t>(the_case.first));
}

Value number(std::int64_t value) {
  return value;
}

const std::vector<Case>& cases() {
  using enum Option;
  static const std::vector<Case> all{
      {bridge_stp, number(1), number(0), "stp_state"},
      {bridge_forward_delay, number(400), number(2000), "forward_delay"},
      {bridge_hello_time, number(150), number(900), "hello_time"},
      {bridge_max_age, number(700), number(3900), "max_age"},
      {bridge_ageing_time, number(10000), number(0), "ageing_time"},
      {bridge_priority, number(4096), number(40000), "priority"},
      {bridge_group_fwd_mask, number(0x4000), number(0x8), "group_fwd_mask", "0x4000"},
      {bridge_group_addr, mac("01:80:c2:00:00:0e"), mac("01:80:c2:00:00:04"), "group_addr",
       "01:80:c2:00:00:0e"},
      {bridge_vlan_filtering, number(1), number(0), "vlan_filtering"},
      {bridge_vlan_protocol, number(0x88a8), number(0x8100), "vlan_protocol", "0x88a8"},
      {bridge_vlan_default_pvid, number(0), number(77), "default_pvid"},
      {bridge_vlan_stats_enabled, number(1), number(0), "vlan_stats_enabled"},
      {bridge_vlan_stats_per_port, number(1), number(0), "vlan_stats_per_port"},
      {bridge_mcast_snooping, number(0), number(1), "multicast_snooping"},
      {bridge_mcast_router, number(2), number(0), "multicast_router"},
      {bridge_mcast_query_use_ifaddr, number(1), number(0), "multicast_query_use_ifaddr"},
      {bridge_mcast_querier, number(1), number(0), "multicast_querier"},
      {bridge_mcast_hash_max, number(8192), number(1024), "hash_max"},
      {bridge_mcast_last_member_count, number(3), number(4), "multicast_last_member_count"},
      {bridge_mcast_startup_query_count, number(5), number(6), "multicast_startup_query_count"},
      {bridge_mcast_last_member_interval, number(150), number(250),
       "multicast_last_member_interval"},
      {bridge_mcast_membership_interval, number(27000), number(28000),
       "multicast_membership_interval"},
      {bridge_mcast_querier_interval, number(26000), number(27000), "multicast_querier_interval"},
      {bridge_mcast_query_interval, number(13000), number(14000), "multicast_query_interval"},
      {bridge_mcast_query_response_interval, number(1100), number(1200),
       "multicast_query_response_interval"},
      {bridge_mcast_startup_query_interval, number(3200), number(3300),
       "multicast_startup_query_interval"},
      {bridge_mcast_stats_enabled, number(1), number(0), "multicast_stats_enabled"},
      {bridge_mcast_igmp_version, number(3), number(2), "multicast_igmp_version"},
      {bridge_mcast_mld_version, number(2), number(1), "multicast_mld_version"},
      {bridge_mcast_vlan_snooping,
       number(1),
       number(0),
       nullptr,
       nullptr,
       {{bridge_vlan_filtering, number(1)}}},
      {bridge_mst_enabled, number(1), number(0)},
      {bridge_no_linklocal_learn, number(1), number(0), "no_linklocal_learn"},
      {bridge_fdb_max_learned, number(100), number(200)},
      {bridge_nf_call_iptables, number(1), number(0), "nf_call_iptables"},
      {bridge_nf_call_ip6tables, number(1), number(0), "nf_call_ip6tables"},
      {bridge_nf_call_arptables, number(1), number(0), "nf_call_arptables"},
  };
  return all;
}

#define SKIP_WITHOUT_VLANS(option)                       \
  if (is_about_vlans(option) && !bridges_filter_vlans()) \
  GTEST_SKIP() << "this kernel's bridges filter no VLANs"

Create bridge(const std::string& link, const Options& options) {
  return {{.name = name(link), .kind = Bridge{options}}};
}

class BridgeOption : public KernelTest, public testing::WithParamInterface<Case> {};

TEST_P(BridgeOption, IsSetAtBirth) {
  const Case& a = GetParam();
  SKIP_WITHOUT_VLANS(a.option);
  Options options = a.beside;
  options[a.option] = a.first;
  perform(*kernel_, {bridge("br0", a.beside), bridge("br1", options)});
  auto expected = read(*kernel_, "br0");
  expect(options_of(expected), a.option, a.first);
  EXPECT_EQ(options_of(read(*kernel_, "br1")), options_of(expected));
  if (a.file != nullptr) {
    EXPECT_EQ(sysfs("br1/bridge/" + std::string(a.file)), text_of(a));
  }
}

TEST_P(BridgeOption, IsChangedAloneAndBack) {
  const Case& a = GetParam();
  SKIP_WITHOUT_VLANS(a.option);
  perform(*kernel_, {bridge("br0", a.beside)});
  auto expected = read(*kernel_, "br0");
  for (const Value& value : {a.first, a.second}) {
    perform(*kernel_, {SetOptions{name("br0"), {{a.option, value}}}});
    expect(options_of(expected), a.option, value);
    EXPECT_EQ(read(*kernel_, "br0"), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Kernel, BridgeOption, testing::ValuesIn(cases()), [](const auto& a_test) {
  return std::string(spec(a_test.param.option).key);
});

TEST(BridgeOptions, AreAllTested) {
  std::vector<Option> table, tested;
  for (const auto& row : all_options())
    if (row.owner == Owner::bridge) table.push_back(row.id);
  for (const auto& a_case : cases()) tested.push_back(a_case.option);
  EXPECT_EQ(tested, table);
}

class KernelBridge : public KernelTest {};

TEST_F(KernelBridge, IsBornOursUpAndWithItsMac) {
  perform(*kernel_,
          {Create{{.name = name("br0"),
                   .kind = Bridge{},
                   .up = true,
                   .birth = {.options = {}, .mac = mac("02:00:00:00:00:07"), .mtu = 1400}}}});
  const auto made = read(*kernel_, "br0");
  EXPECT_TRUE(made.ours);
  EXPECT_EQ(made.up, true);
  EXPECT_EQ(made.mac, mac("02:00:00:00:00:07"));
  EXPECT_EQ(made.mtu, 1400U);
  EXPECT_EQ(sysfs("br0/netdev_group"), std::to_string(our_group));
}

TEST_F(KernelBridge, IsBornWithItsBirthOptions) {
  Create create = bridge("br0", {{Option::bridge_hello_time, number(300)}});
  create.link.birth.options = {{Option::bridge_hello_time, number(400)},
                               {Option::bridge_max_age, number(3000)}};
  perform(*kernel_, {create});
  const auto made = options_of(read(*kernel_, "br0"));
  EXPECT_EQ(made.at(Option::bridge_hello_time), number(300));
  EXPECT_EQ(made.at(Option::bridge_max_age), number(3000));
}

TEST_F(KernelBridge, TakesAllItsOptionsInOneMessage) {
  if (!bridges_filter_vlans()) GTEST_SKIP() << "this kernel's bridges filter no VLANs";
  Options options;
  for (const auto& a : cases()) options[a.option] = a.second;
  options[Option::bridge_vlan_filtering] = number(1);
  options[Option::bridge_mcast_vlan_snooping] = number(1);
  perform(*kernel_, {bridge("br0", options)});
  const auto read_back = options_of(read(*kernel_, "br0"));
  for (const auto& [option, value] : read_back)
    EXPECT_EQ(show(option, value), show(option, options.at(option))) << spec(option).key;
  EXPECT_GT(read_back.size(), 20U);
}

TEST_F(KernelBridge, HasTheDefaultsOfTheTableWhenItIsNew) {
  perform(*kernel_, {bridge("br0", {})});
  expect_defaults(options_of(read(*kernel_, "br0")));
}

TEST_F(KernelBridge, KeepsTheForwardDelayWhileStpGoesOff) {
  perform(*kernel_, {bridge("br0", {{Option::bridge_stp, number(1)}})});
  const auto refusal = refusal_of(
      *kernel_,
      {SetOptions{name("br0"),
                  {{Option::bridge_stp, number(0)}, {Option::bridge_forward_delay, number(0)}}}});
  EXPECT_EQ(refusal.error, ERANGE);
  perform(*kernel_, {SetOptions{name("br0"), {{Option::bridge_stp, number(0)}}},
                     SetOptions{name("br0"), {{Option::bridge_forward_delay, number(0)}}}});
  EXPECT_EQ(options_of(read(*kernel_, "br0")).at(Option::bridge_forward_delay), number(0));
}

TEST_F(KernelBridge, RaisesTheForwardDelayWhenItIsBornWithStp) {
  perform(*kernel_, {bridge("br0", {{Option::bridge_stp, number(1)},
                                    {Option::bridge_forward_delay, number(0)}})});
  EXPECT_EQ(options_of(read(*kernel_, "br0")).at(Option::bridge_forward_delay), number(200));
}

TEST_F(KernelBridge, RefusesToForwardBpdusAndLeavesNothing) {
  const auto refusal =
      refusal_of(*kernel_, {bridge("br0", {{Option::bridge_group_fwd_mask, number(1)}})});
  EXPECT_EQ(refusal.error, EINVAL);
  EXPECT_THAT(refusal.what, testing::HasSubstr("create br0"));
  EXPECT_THAT(refusal.what, testing::HasSubstr("(test)"));
  EXPECT_TRUE(kernel_->snapshot({{name("br0")}}).empty());
}

TEST_F(KernelBridge, TakesNoBridgeAsAPort) {
  perform(*kernel_, {bridge("br0", {}), bridge("br1", {})});
  const auto refusal = refusal_of(*kernel_, {Join{name("br1"), name("br0")}});
  EXPECT_EQ(refusal.error, ELOOP);
  EXPECT_THAT(refusal.what, testing::HasSubstr("Can not enslave a bridge to a bridge"));
}

TEST_F(KernelBridge, TakesNoMoreThan1023Ports) {
  std::vector<Op> ops{bridge("br0", {})};
  perform(*kernel_, ops);
  for (int i = 0; i < 512; ++i) make_nic("n" + std::to_string(i));
  ops.clear();
  for (int i = 0; i < 512; ++i) {
    ops.push_back(Join{name("n" + std::to_string(i)), name("br0")});
    ops.push_back(Join{name("n" + std::to_string(i) + "p"), name("br0")});
  }
  const auto refusal = refusal_of(*kernel_, ops);
  EXPECT_EQ(refusal.error, EXFULL);
  EXPECT_THAT(refusal.what, testing::HasSubstr("br0 has 1023 ports already"));
}

}  // namespace
}  // namespace vifchain::test

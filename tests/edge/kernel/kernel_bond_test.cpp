// SPDX-License-Identifier: Apache-2.0
// Every option of bonds and of their ports, written to the kernel and read back from it.
#include <gmock/gmock.h>

#include "core/plan/plan.hpp"
#include "netns.hpp"

namespace vifchain::test {
namespace {

using testing::HasSubstr;
using enum BondMode;

// One option with two values that are not the default, and where sysfs shows it.
struct Case {
  Option option;
  BondMode mode;  // one that has the option
  Value first, second;
  const char* file = nullptr;        // below bonding/; null: sysfs does not show it
  const char* first_text = nullptr;  // null: as the number
  Options beside = {};               // what must be so for the kernel to take it
};

void PrintTo(const Case& a, std::ostream* out) {
  *out << spec(a.option).key;
}

Value number(std::int64_t value) {
  return value;
}
Value number(BondMode mode) {
  return static_cast<std::int64_t>(mode);
}

Value list(std::initializer_list<const char*> addresses) {
  std::vector<IpAddress> all;
  for (const char* address : addresses) all.push_back(ip(address));
  return all;
}

const std::vector<Case>& cases() {
  using enum Option;
  static const std::vector<Case> all{
      {bond_mode, balance_rr, number(1), number(2), "mode", "active-backup 1"},
      {bond_miimon, balance_rr, number(100), number(250), "miimon"},
      {bond_updelay,
       balance_rr,
       number(100),
       number(150),
       "updelay",
       nullptr,
       {{bond_miimon, number(50)}}},
      {bond_downdelay,
       balance_rr,
       number(100),
       number(150),
       "downdelay",
       nullptr,
       {{bond_miimon, number(50)}}},
      {bond_use_carrier, balance_rr, number(0), number(1), "use_carrier"},
      {bond_arp_interval, active_backup, number(100), number(200), "arp_interval"},
      {bond_arp_ip_target, active_backup, list({"10.0.0.1", "10.0.0.2"}), list({"10.9.9.9"}),
       "arp_ip_target", "10.0.0.1 10.0.0.2"},
      {bond_ns_ip6_target, active_backup, list({"2001:db8::1", "2001:db8::2"}),
       list({"2001:db8::9"})},
      {bond_arp_validate, active_backup, number(1), number(6), "arp_validate", "active 1"},
      {bond_arp_all_targets, active_backup, number(1), number(0), "arp_all_targets", "all 1"},
      {bond_primary, active_backup, name("eth0"), name("eth1"), "primary", "eth0"},
      {bond_primary_reselect, active_backup, number(1), number(2), "primary_reselect", "better 1"},
      {bond_fail_over_mac, active_backup, number(1), number(2), "fail_over_mac", "active 1"},
      {bond_xmit_hash_policy, balance_xor, number(1), number(5), "xmit_hash_policy", "layer3+4 1"},
      {bond_resend_igmp, balance_rr, number(5), number(0), "resend_igmp"},
      {bond_num_peer_notif, active_backup, number(7), number(2), "num_grat_arp"},
      {bond_all_slaves_active, balance_rr, number(1), number(0), "all_slaves_active"},
      {bond_min_links, lacp, number(2), number(1), "min_links"},
      {bond_lp_interval, balance_tlb, number(10), number(20), "lp_interval"},
      {bond_packets_per_slave, balance_rr, number(8), number(0), "packets_per_slave"},
      {bond_lacp_rate, lacp, number(1), number(0), "lacp_rate", "fast 1"},
      {bond_lacp_active, lacp, number(0), number(1), "lacp_active", "off 0"},
      {bond_ad_select, lacp, number(1), number(2), "ad_select", "bandwidth 1"},
      {bond_ad_actor_sys_prio, lacp, number(100), number(200), "ad_actor_sys_prio"},
      {bond_ad_actor_system, lacp, mac("02:00:00:00:00:01"), mac("02:00:00:00:00:02"),
       "ad_actor_system", "02:00:00:00:00:01"},
      {bond_ad_user_port_key, lacp, number(10), number(1023), "ad_user_port_key"},
      {bond_tlb_dynamic_lb, balance_tlb, number(0), number(1), "tlb_dynamic_lb"},
      {bond_peer_notif_delay,
       active_backup,
       number(200),
       number(300),
       "peer_notif_delay",
       nullptr,
       {{bond_miimon, number(100)}}},
      {bond_missed_max, active_backup, number(5), number(6), "arp_missed_max"},
      {bond_coupled_control, lacp, number(0), number(1)},
      {bond_broadcast_neighbor, lacp, number(1), number(0)},
  };
  return all;
}

Create bond(const std::string& link, BondMode mode, Options options = {}) {
  options.emplace(Option::bond_mode, number(mode));
  return {{.name = name(link), .kind = Bond{options}}};
}

class BondTest : public KernelTest {
 protected:
  void SetUp() override {
    if (!kernel_has("bond")) GTEST_SKIP() << "this kernel has no bonds";
    make_nic("eth0");
    make_nic("eth1");
  }
};

class BondOption : public BondTest, public testing::WithParamInterface<Case> {};

// A primary that is no port yet is remembered and not reported; it is tested with ports below.
TEST_P(BondOption, IsSetAtBirth) {
  const Case& a = GetParam();
  if (a.option == Option::bond_primary) return;
  Options options = a.beside;
  options[a.option] = a.first;
  perform(*kernel_, {bond("bond0", a.mode, a.beside), bond("bond1", a.mode, options)});
  auto expected = read(*kernel_, "bond0");
  expect(options_of(expected), a.option, a.first);
  const auto made = read(*kernel_, "bond1");
  for (const auto& [option, value] : options_of(expected))
    EXPECT_EQ(show(option, options_of(made).at(option)), show(option, value)) << spec(option).key;
  EXPECT_EQ(options_of(made), options_of(expected));
  if (a.file == nullptr || !options_of(made).contains(a.option)) return;
  const auto text = a.first_text != nullptr ? std::string(a.first_text)
                                            : std::to_string(std::get<std::int64_t>(a.first));
  EXPECT_EQ(sysfs("bond1/bonding/" + std::string(a.file)), text);
}

TEST_P(BondOption, IsChangedAloneAndBack) {
  const Case& a = GetParam();
  perform(*kernel_, {bond("bond0", a.mode, a.beside)});
  if (a.option == Option::bond_primary)
    perform(*kernel_, {Join{name("eth0"), name("bond0")}, Join{name("eth1"), name("bond0")}});
  auto expected = read(*kernel_, "bond0");
  for (const Value& value : {a.first, a.second}) {
    perform(*kernel_, {SetOptions{name("bond0"), {{a.option, value}}}});
    expect(options_of(expected), a.option, value);
    EXPECT_EQ(read(*kernel_, "bond0"), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Kernel, BondOption, testing::ValuesIn(cases()), [](const auto& a_test) {
  return std::string(spec(a_test.param.option).key);
});

TEST(BondOptions, AreAllTested) {
  std::vector<Option> table, tested;
  for (const auto& row : all_options())
    if (row.owner == Owner::bond) table.push_back(row.id);
  for (const auto& a_case : cases()) tested.push_back(a_case.option);
  EXPECT_EQ(tested, table);
}

// One by one, with a bond that is up with two ports, set down with them, or down without: is the
// change taken just when the table of options says so?
TEST_P(BondOption, IsChangedWhenTheTableSaysAndNotBefore) {
  const Case& a = GetParam();
  const auto change = SetOptions{name("bond0"), {{a.option, a.first}}};
  const When when = spec(a.option).when;
  perform(*kernel_, {bond("bond0", a.mode, a.beside), Join{name("eth0"), name("bond0")},
                     Join{name("eth1"), name("bond0")}, up("bond0")});
  if (!kernel_knows(a.option, options_of(read(*kernel_, "bond0")))) return;
  EXPECT_EQ(refusal_of(*kernel_, {change}).error == 0, when == When::any);
  perform(*kernel_, {SetDown{name("bond0")}});
  EXPECT_EQ(refusal_of(*kernel_, {change}).error == 0, when == When::any || when == When::down);
  perform(*kernel_, {Leave{name("eth0")}, Leave{name("eth1")}});
  EXPECT_EQ(refusal_of(*kernel_, {change}).what, "");
}

TEST_P(BondOption, IsRefusedByTheModesThatLackIt) {
  const Case& a = GetParam();
  perform(*kernel_, {bond("probe", a.mode)});
  if (!kernel_knows(a.option, options_of(read(*kernel_, "probe")))) return;
  for (int mode = 0; mode <= 6; ++mode) {
    if (a.option == Option::bond_mode) continue;
    const auto link = "bond" + std::to_string(mode);
    perform(*kernel_, {bond(link, static_cast<BondMode>(mode), a.beside)});
    const auto refusal = refusal_of(*kernel_, {SetOptions{name(link), {{a.option, a.first}}}});
    EXPECT_EQ(refusal.error == 0, has_option(static_cast<BondMode>(mode), spec(a.option)))
        << "mode " << mode << " " << refusal.what;
  }
}

class KernelBond : public BondTest {};

TEST_F(KernelBond, OfTheReadmeIsMadeInOnePerformance) {
  perform(*kernel_, {Create{{.name = name("bond1"),
                             .kind = Bond{{{Option::bond_mode, number(lacp)},
                                           {Option::bond_miimon, number(100)},
                                           {Option::bond_lacp_rate, number(1)}}},
                             .up = true,
                             .birth = {.options = {}, .mac = mac("02:00:00:00:00:aa"), .mtu = {}}}},
                     Join{name("eth0"), name("bond1")}, Join{name("eth1"), name("bond1")},
                     Create{{.name = name("xenbrlan"), .kind = Bridge{}, .up = true}},
                     Create{{.name = name("bond1.3"),
                             .kind = Vlan{.parent = name("bond1"), .id = vid(3)},
                             .controller = name("xenbrlan"),
                             .up = true}}});
  EXPECT_EQ(read(*kernel_, "eth1").controller, name("bond1"));
  EXPECT_EQ(read(*kernel_, "eth1").mac, mac("02:00:00:00:00:aa"));
  EXPECT_EQ(read(*kernel_, "bond1").up, true);
  const auto vlan = read(*kernel_, "bond1.3");
  EXPECT_EQ(*parent_of(vlan), name("bond1"));
  EXPECT_EQ(vlan.controller, name("xenbrlan"));
}

TEST_F(KernelBond, HasTheDefaultsOfTheTableWhenItIsNew) {
  perform(*kernel_, {bond("bond0", BondMode::balance_rr)});
  expect_defaults(options_of(read(*kernel_, "bond0")));
}

TEST_F(KernelBond, RemembersTheAddressesItsPortsCameWith) {
  const auto own = read(*kernel_, "eth1").mac;
  perform(*kernel_, {bond("bond0", active_backup), Join{name("eth0"), name("bond0")},
                     Join{name("eth1"), name("bond0")}});
  const auto port = read(*kernel_, "eth1");
  EXPECT_EQ(port.permanent_mac, own);
  EXPECT_EQ(port.mac, read(*kernel_, "bond0").mac);
}

TEST_F(KernelBond, TakesAPrimaryBeforeItIsAPort) {
  perform(*kernel_, {bond("bond0", active_backup, {{Option::bond_primary, name("eth1")}}),
                     Join{name("eth0"), name("bond0")}, Join{name("eth1"), name("bond0")}});
  EXPECT_EQ(options_of(read(*kernel_, "bond0")).at(Option::bond_primary), Value(name("eth1")));
}

TEST_F(KernelBond, ListsNoTargetsOnceTheyAreTakenAway) {
  perform(*kernel_,
          {bond("bond0", active_backup, {{Option::bond_arp_ip_target, list({"10.0.0.1"})}}),
           SetOptions{name("bond0"), {{Option::bond_arp_ip_target, list({})}}}});
  EXPECT_EQ(options_of(read(*kernel_, "bond0")).at(Option::bond_arp_ip_target), list({}));
}

TEST_F(KernelBond, RoundsItsDelaysDownToWholeMiimons) {
  perform(*kernel_, {bond("bond0", active_backup,
                          {{Option::bond_miimon, number(50)},
                           {Option::bond_updelay, number(75)},
                           {Option::bond_peer_notif_delay, number(149)}})});
  const auto options = options_of(read(*kernel_, "bond0"));
  EXPECT_EQ(options.at(Option::bond_updelay), number(50));
  EXPECT_EQ(options.at(Option::bond_peer_notif_delay), number(100));
}

TEST_F(KernelBond, KeepsDelaysAsCountsOfMiimons) {
  perform(*kernel_, {bond("bond0", active_backup,
                          {{Option::bond_miimon, number(50)}, {Option::bond_updelay, number(100)}}),
                     SetOptions{name("bond0"), {{Option::bond_miimon, number(200)}}}});
  EXPECT_EQ(options_of(read(*kernel_, "bond0")).at(Option::bond_updelay), number(400));
}

TEST_F(KernelBond, MonitorsByMiiOrByArpAndNotByBoth) {
  perform(*kernel_,
          {bond("bond0", active_backup,
                {{Option::bond_arp_interval, number(100)}, {Option::bond_arp_validate, number(3)}}),
           SetOptions{name("bond0"), {{Option::bond_miimon, number(100)}}}});
  auto options = options_of(read(*kernel_, "bond0"));
  EXPECT_EQ(options.at(Option::bond_arp_interval), number(0));
  EXPECT_EQ(options.at(Option::bond_arp_validate), number(0));
  perform(*kernel_, {SetOptions{name("bond0"), {{Option::bond_arp_interval, number(100)}}}});
  options = options_of(read(*kernel_, "bond0"));
  EXPECT_EQ(options.at(Option::bond_miimon), number(0));
  EXPECT_EQ(refusal_of(*kernel_, {SetOptions{name("bond0"),
                                             {{Option::bond_miimon, number(100)},
                                              {Option::bond_arp_interval, number(100)}}}})
                .error,
            EINVAL);
}

TEST_F(KernelBond, MonitorsByMiiInModesThatCannotDoItByArp) {
  perform(*kernel_, {bond("bond0", active_backup, {{Option::bond_arp_interval, number(100)}}),
                     SetOptions{name("bond0"), {{Option::bond_mode, number(lacp)}}}});
  const auto options = options_of(read(*kernel_, "bond0"));
  EXPECT_EQ(options.at(Option::bond_arp_interval), number(0));
  EXPECT_EQ(options.at(Option::bond_miimon), number(100));
}

TEST_F(KernelBond, GetsAnotherMacWithItsLastPortGone) {
  perform(*kernel_, {bond("bond0", active_backup), SetMac{name("bond0"), mac("02:00:00:00:00:aa")},
                     Join{name("eth0"), name("bond0")}, Leave{name("eth0")}});
  EXPECT_NE(read(*kernel_, "bond0").mac, mac("02:00:00:00:00:aa"));
}

TEST_F(KernelBond, LeavesAPortDownAndAsItCame) {
  perform(*kernel_, {SetMtu{name("eth0"), 1600}});
  const auto before = read(*kernel_, "eth0");
  perform(*kernel_, {bond("bond0", active_backup), SetMtu{name("bond0"), 1400},
                     Join{name("eth0"), name("bond0")}});
  EXPECT_EQ(read(*kernel_, "eth0").mtu, 1400U);
  EXPECT_EQ(read(*kernel_, "eth0").up, true);
  perform(*kernel_, {Leave{name("eth0")}});
  EXPECT_EQ(read(*kernel_, "eth0"), before);
}

TEST_F(KernelBond, IsNotMadeWithAPrimaryThatDoesNotExist) {
  const auto refusal =
      refusal_of(*kernel_, {bond("bond0", active_backup, {{Option::bond_primary, name("eth9")}})});
  EXPECT_EQ(refusal.error, ENODEV);
  EXPECT_THAT(refusal.what, HasSubstr("there is no link eth9"));
  EXPECT_TRUE(kernel_->snapshot({{name("bond0")}}).empty());
}

TEST_F(KernelBond, TakesNoPortThatIsUp) {
  perform(*kernel_, {bond("bond0", active_backup), up("eth0")});
  const auto refusal = refusal_of(*kernel_, {Join{name("eth0"), name("bond0")}});
  EXPECT_EQ(refusal.error, EPERM);
  EXPECT_THAT(refusal.what, HasSubstr("join eth0 to bond0 (test): "));
  EXPECT_THAT(refusal.what, HasSubstr("can not be enslaved while up"));
  EXPECT_THAT(refusal.what, HasSubstr("eth0 is up, and a bond takes only ports that are down"));
}

TEST_F(KernelBond, ChangesItsModeOnlyDownAndWithoutPorts) {
  perform(*kernel_, {bond("bond0", active_backup), up("bond0")});
  const auto change = SetOptions{name("bond0"), {{Option::bond_mode, number(lacp)}}};
  const auto up = refusal_of(*kernel_, {change});
  EXPECT_EQ(up.error, EBUSY);
  EXPECT_THAT(up.what, HasSubstr("for this bond0 must be down"));
  perform(*kernel_, {SetDown{name("bond0")}, Join{name("eth0"), name("bond0")}});
  const auto with_ports = refusal_of(*kernel_, {change});
  EXPECT_EQ(with_ports.error, ENOTEMPTY);
  EXPECT_THAT(with_ports.what, HasSubstr("for this bond0 must have no ports"));
}

TEST_F(KernelBond, RefusesOptionsOfOtherModes) {
  perform(*kernel_, {bond("bond0", active_backup)});
  const auto refusal =
      refusal_of(*kernel_, {SetOptions{name("bond0"), {{Option::bond_lacp_rate, number(1)}}}});
  EXPECT_EQ(refusal.error, EACCES);
  EXPECT_THAT(refusal.what, HasSubstr("the mode of bond0 has no such option"));
}

TEST_F(KernelBond, ThatTookSomethingElsesNameIsNotTouched) {
  perform(*kernel_, {bond("bond0", active_backup)});
  delete_link("bond0");
  Create other = bond("bond0", active_backup);
  perform(*open_kernel(), {other});
  const auto refusal =
      refusal_of(*kernel_, {SetOptions{name("bond0"), {{Option::bond_miimon, number(77)}}}});
  EXPECT_EQ(refusal.error, ENODEV);
  EXPECT_EQ(options_of(read(*kernel_, "bond0")).at(Option::bond_miimon), number(0));
}

// One option of a port, which the bond must have before; two values that are not the default.
struct PortCase {
  Option option;
  BondMode mode;
  std::int64_t first, second;
};

void PrintTo(const PortCase& a, std::ostream* out) {
  *out << spec(a.option).key;
}

const std::vector<PortCase>& port_cases() {
  using enum Option;
  static const std::vector<PortCase> all{{bond_port_queue_id, balance_rr, 3, 0},
                                         {bond_port_prio, active_backup, -7, 2000000000},
                                         {bond_port_actor_port_prio, lacp, 100, 300}};
  return all;
}

class BondPortOption : public BondTest, public testing::WithParamInterface<PortCase> {};

TEST_P(BondPortOption, IsSetAndChangedBack) {
  const PortCase& a = GetParam();
  perform(*kernel_, {bond("bond0", a.mode), Join{name("eth0"), name("bond0")}});
  auto expected = read(*kernel_, "eth0");
  for (const std::int64_t value : {a.first, a.second}) {
    perform(*kernel_, {SetPort{name("eth0"), {{a.option, value}}, true}});
    expect(expected.port, a.option, value);
    EXPECT_EQ(read(*kernel_, "eth0"), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Kernel, BondPortOption, testing::ValuesIn(port_cases()),
                         [](const auto& a_test) {
                           return std::string(spec(a_test.param.option).key);
                         });

TEST(BondPortOptions, AreAllTested) {
  std::vector<Option> table, tested;
  for (const auto& row : all_options())
    if (row.owner == Owner::bond_port) table.push_back(row.id);
  for (const auto& a_case : port_cases()) tested.push_back(a_case.option);
  EXPECT_EQ(tested, table);
}

}  // namespace
}  // namespace vifchain::test

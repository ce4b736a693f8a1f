// SPDX-License-Identifier: Apache-2.0
// What is wanted of a guest's port.
#include "core/vif/guest_port.hpp"
#include "names.hpp"

#include <gtest/gtest.h>

namespace vifchain {
namespace {

using enum Option;

const Mac guest = Mac::parse("02:00:00:00:00:05").value();
const Value on{std::int64_t{1}}, off{std::int64_t{0}};

// The port vif5.0 of xenbr0, and who asks for it.
struct Case {
  Link have{.name = name("vif5.0")};
  Link bridge{.name = name("xenbr0"), .kind = Bridge{}};
  VifRequest request{.bridge = "xenbr0", .mac = guest};
  VifPolicy policy = {};
  std::vector<PortVlan> vlans = {};

  [[nodiscard]] Link port() const {
    return guest_port(have, bridge, request, policy, vlans, have.name);
  }
};

Options options(std::initializer_list<Options::value_type> all) {
  return Options(all);
}

TEST(GuestPort, OfAFilteredGuestIsLockedToItsMacAndFloodedWithNothing) {
  for (const auto mode : {Antispoof::mac, Antispoof::mac_ip}) {
    Case one;
    one.policy.antispoof = mode;
    EXPECT_EQ(one.port().port,
              options({{port_locked, on}, {port_learning, off}, {port_flood, off}}));
    EXPECT_EQ(one.port().fdb, std::vector{FdbEntry{guest}});
  }
}

TEST(GuestPort, HasTheFilterOfItsPolicy) {
  Case one;
  one.request.addresses = {LinkAddress::parse("192.0.2.5/32").value()};
  one.policy.routers = {IpAddress::parse("192.0.2.1").value()};
  PortFilter wanted{.mode = Antispoof::closed, .owner = one.have.name, .bridge = one.bridge.name};
  one.policy.antispoof = wanted.mode;
  EXPECT_EQ(one.port().filter, wanted);
  one.policy.antispoof = wanted.mode = Antispoof::mac;
  wanted.mac = guest;
  EXPECT_EQ(one.port().filter, wanted);
  one.policy.antispoof = wanted.mode = Antispoof::mac_ip;
  wanted.addresses = one.request.addresses;
  wanted.routers = *one.policy.routers;
  EXPECT_EQ(one.port().filter, wanted);
}

TEST(GuestPort, IsRefusedAFilterWithoutAMac) {
  Case one;
  one.request.mac.reset();
  one.request.addresses = {LinkAddress::parse("192.0.2.5/32").value()};
  for (const auto mode : {Antispoof::mac, Antispoof::mac_ip}) {
    one.policy.antispoof = mode;
    EXPECT_EQ(why_no_antispoof(one.policy, one.request, "backend"),
              "antispoof needs the guest's MAC, and backend/mac has no valid one; hint: "
              "mac=00:16:3e:12:34:56");
  }
}

// The filter wins over what the file says of flooding and learning.
TEST(GuestPort, OfAFilteredGuestIsFloodedWithNothingWhateverThePolicySays) {
  Case one;
  one.policy = {.antispoof = Antispoof::mac, .learning = true, .flood = true};
  EXPECT_EQ(one.port().port, options({{port_locked, on}, {port_learning, off}, {port_flood, off}}));
}

// Its emulated NIC sends from the same MAC through another port.
TEST(GuestPort, BesideAnEmulatedNicIsNotLocked) {
  Case one;
  one.policy.antispoof = Antispoof::mac;
  one.request.emulated = true;
  EXPECT_EQ(one.port().port, Options{});
  EXPECT_EQ(one.port().fdb, std::nullopt);
}

TEST(GuestPort, WithoutAMacOrAFilterByMacIsNotLocked) {
  Case nameless;
  nameless.policy.antispoof = Antispoof::mac;
  nameless.request.mac.reset();
  EXPECT_EQ(nameless.port().port, Options{});
  for (const auto mode : {Antispoof::off, Antispoof::closed}) {
    Case one;
    one.policy.antispoof = mode;
    EXPECT_EQ(one.port().port, Options{});
  }
}

TEST(GuestPort, ThatWasLockedIsUnlockedOnceItIsNotToBe) {
  Case one;
  one.have.port = options({{port_locked, on}, {port_learning, off}, {port_flood, off}});
  EXPECT_EQ(one.port().port, options({{port_locked, off}, {port_learning, on}, {port_flood, on}}));
  one.policy = {.learning = false, .flood = false};
  EXPECT_EQ(one.port().port,
            options({{port_locked, off}, {port_learning, off}, {port_flood, off}}));
}

TEST(GuestPort, ThatWasNeverLockedIsLeftAsItIs) {
  Case one;
  one.have.port = options({{port_locked, off}, {port_learning, off}, {port_flood, off}});
  EXPECT_EQ(one.port().port, Options{});
}

TEST(GuestPort, HasItsEntryInEachOfItsVlans) {
  Case one;
  one.policy.antispoof = Antispoof::mac;
  options_of(one.bridge)[bridge_vlan_filtering] = std::int64_t{1};
  const auto five = VlanId::from(5).value(), six = VlanId::from(6).value();
  one.vlans = {{five, true, true}, {six}};
  EXPECT_EQ(one.port().fdb, static_entries(guest, one.vlans));
  EXPECT_EQ(one.port().vlans, one.vlans);
  one.vlans.clear();
  EXPECT_EQ(one.port().fdb, std::vector<FdbEntry>{}) << "it is in no VLAN";
  options_of(one.bridge)[bridge_vlan_default_pvid] = std::int64_t{6};
  EXPECT_EQ(one.port().fdb, static_entries(guest, {{six}}));
}

TEST(GuestPort, HasTheFlagsOfThePolicyAndTheMtuOfItsBridge) {
  Case one;
  one.bridge.mtu = 9000;
  one.policy = {.isolated = true,
                .learning = false,
                .bpdu_guard = true,
                .mcast_flood = false,
                .flood = false};
  const Link port = one.port();
  EXPECT_EQ(port.port, options({{port_isolated, on},
                                {port_learning, off},
                                {port_guard, on},
                                {port_mcast_flood, off},
                                {port_flood, off}}));
  EXPECT_EQ(port.mtu, 9000U);
  EXPECT_EQ(port.controller, name("xenbr0"));
  EXPECT_EQ(port.mac, vif_mac);
  EXPECT_EQ(port.up, true);
  EXPECT_EQ(port.addresses, std::vector<LinkAddress>{});
  one.request.mtu = 1400;
  EXPECT_EQ(one.port().mtu, 1400U);
}

TEST(GuestPort, HasNoLinkLocalAddressUnlessThePolicyWantsOne) {
  Case one;
  EXPECT_EQ(one.port().addr_gen, AddrGen::none);
  one.policy.ipv6_link_local = true;
  EXPECT_EQ(one.port().addr_gen, std::nullopt);
}

TEST(VlansOfAGuest, AreRefusedWhereTheBridgeFiltersNone) {
  Case one;
  one.vlans = {{VlanId::from(5).value()}};
  EXPECT_NE(why_no_vlans(one.bridge, one.vlans), "");
  EXPECT_EQ(why_no_vlans(one.bridge, {}), "");
  options_of(one.bridge)[bridge_vlan_filtering] = std::int64_t{1};
  EXPECT_EQ(why_no_vlans(one.bridge, one.vlans), "");
  EXPECT_NE(why_no_vlans(one.bridge, {}), "") << "there is no VLAN for it";
  options_of(one.bridge)[bridge_vlan_default_pvid] = std::int64_t{1};
  EXPECT_EQ(why_no_vlans(one.bridge, {}), "");
}

}  // namespace
}  // namespace vifchain

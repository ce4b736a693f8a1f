// SPDX-License-Identifier: Apache-2.0
// What all links have in common, read and changed through the kernel's door.
#include <gmock/gmock.h>

#include "core/plan/plan.hpp"
#include "netns.hpp"

namespace vifchain::test {
namespace {

using testing::HasSubstr;

class KernelLink : public KernelTest {
 protected:
  void SetUp() override { make_nic("eth0"); }
};

LinkAddress address(std::string_view text, int prefix) {
  return {ip(text), static_cast<std::uint8_t>(prefix)};
}

Create bridge(const std::string& link) {
  return {{.name = name(link), .kind = Bridge{}}};
}

TEST_F(KernelLink, IsReadByItsNameAndAbsentOtherwise) {
  const auto links = kernel_->snapshot({{name("nowhere")}, {name("eth0")}, {name("br0")}});
  ASSERT_EQ(links.size(), 1U);
  const Link& link = links.begin()->second;
  EXPECT_EQ(link.name, name("eth0"));
  EXPECT_EQ(link.kind, Kind(Given{}));
  EXPECT_EQ(link.mtu, 1500U);
  EXPECT_EQ(link.mac->str(), sysfs("eth0/address"));
  EXPECT_EQ(link.up, false);
  EXPECT_FALSE(link.ours);
  EXPECT_FALSE(link.controller);
  EXPECT_FALSE(link.addresses);
}

TEST_F(KernelLink, MayBeAskedForInAnyNumber) {
  std::vector<Ask> asked;
  for (int i = 0; i < 300; ++i) {
    make_nic("n" + std::to_string(i));
    asked.push_back({name("n" + std::to_string(i))});
    asked.push_back({name("x" + std::to_string(i))});
  }
  EXPECT_EQ(kernel_->snapshot(asked).size(), 300U);
  EXPECT_EQ(kernel_->everything().size(), 603U);
  EXPECT_TRUE(kernel_->snapshot({}).empty());
}

TEST_F(KernelLink, IsNotFoundByAnAlternativeName) {
  add_altname("eth0", "uplink");
  EXPECT_TRUE(kernel_->snapshot({{name("uplink")}}).empty());
  const auto refusal = refusal_of(*kernel_, {bridge("uplink")});
  EXPECT_EQ(refusal.error, EEXIST);
  EXPECT_THAT(refusal.what, HasSubstr("uplink is an alternative name of another link"));
}

TEST_F(KernelLink, NamesAControllerThatWasNotAskedFor) {
  perform(*kernel_, {bridge("br0"), Join{name("eth0"), name("br0")}});
  const auto links = open_kernel()->snapshot({{name("eth0")}});
  ASSERT_EQ(links.size(), 1U);
  EXPECT_EQ(links.begin()->second.controller, name("br0"));
}

TEST_F(KernelLink, IsTheSameWhenEverythingIsRead) {
  perform(*kernel_, {bridge("br0"), Join{name("eth0"), name("br0")},
                     SetAddresses{name("br0"), {address("10.0.0.1", 24)}, {}}});
  auto all = kernel_->everything();
  EXPECT_EQ(all.size(), 4U);
  for (auto& [link, value] : all) EXPECT_EQ(value, read(*kernel_, link.str()));
  EXPECT_TRUE(all.at(name("br0")).ours);
}

TEST_F(KernelLink, IsChangedInEveryWay) {
  auto expected = read(*kernel_, "eth0");
  perform(*kernel_, {SetMtu{name("eth0"), 1400}, SetMac{name("eth0"), mac("02:00:00:00:00:05")},
                     SetAddrGen{name("eth0"), AddrGen::none}, up("eth0")});
  expected.mtu = 1400;
  expected.mac = mac("02:00:00:00:00:05");
  expected.addr_gen = AddrGen::none;
  expected.up = true;
  EXPECT_EQ(read(*kernel_, "eth0"), expected);
  perform(*kernel_, {SetDown{name("eth0")}});
  expected.up = false;
  EXPECT_EQ(read(*kernel_, "eth0"), expected);
}

TEST_F(KernelLink, CarriesTheAddressesItIsGiven) {
  const std::vector<LinkAddress> addresses{address("10.0.0.1", 24), address("10.0.0.2", 24),
                                           address("10.0.0.3", 32), address("2001:db8::1", 64)};
  perform(*kernel_, {SetAddresses{name("eth0"), addresses, {}}});
  EXPECT_EQ(read(*kernel_, "eth0").addresses, addresses);
  perform(*kernel_, {SetAddresses{name("eth0"), addresses, {}}});
  perform(*kernel_, {SetAddresses{name("eth0"), {}, {addresses[1], addresses[3]}}});
  EXPECT_EQ(read(*kernel_, "eth0").addresses, (std::vector{addresses[0], addresses[2]}));
}

TEST_F(KernelLink, LosesAllItsAddressesThoughOneTakesOthersAlong) {
  const std::vector<LinkAddress> addresses{address("10.0.0.1", 24), address("10.0.0.2", 24)};
  perform(*kernel_, {SetAddresses{name("eth0"), addresses, {}}});
  perform(*kernel_, {SetAddresses{name("eth0"), {}, addresses}});
  EXPECT_EQ(read(*kernel_, "eth0").addresses, std::vector<LinkAddress>{});
}

TEST_F(KernelLink, KeepsItsLinkLocalAddressToItself) {
  set_up("eth0");
  set_up("eth0p");
  EXPECT_EQ(read(*kernel_, "eth0").addresses, std::vector<LinkAddress>{});
}

TEST_F(KernelLink, IsNeverMadeOverAnother) {
  const auto refusal = refusal_of(*kernel_, {bridge("eth0")});
  EXPECT_EQ(refusal.error, EEXIST);
  EXPECT_THAT(refusal.what, HasSubstr("create eth0, a bridge"));
  EXPECT_THAT(refusal.what, HasSubstr("eth0 is there already: neither bond, VLAN nor bridge"));
}

TEST_F(KernelLink, ThatGotTheNameOfAnotherIsNotTouched) {
  read(*kernel_, "eth0");
  delete_link("eth0");
  make_nic("eth0");
  const auto refusal = refusal_of(*kernel_, {up("eth0")});
  EXPECT_EQ(refusal.error, ENODEV);
  EXPECT_THAT(refusal.what, HasSubstr("another link has its name"));
  EXPECT_EQ(read(*kernel_, "eth0").up, false);
}

TEST_F(KernelLink, IsDeletedAndMadeAgainUnderItsName) {
  perform(*kernel_, {bridge("br0"), Delete{name("br0")}, bridge("br0"), up("br0"),
                     Join{name("eth0"), name("br0")}, Delete{name("br0")}});
  EXPECT_TRUE(kernel_->snapshot({{name("br0")}}).empty());
}

TEST_F(KernelLink, OfAnotherKindTakesNoOptions) {
  const auto refusal =
      refusal_of(*kernel_, {SetOptions{name("eth0"), {{Option::bridge_stp, std::int64_t{1}}}}});
  EXPECT_EQ(refusal.error, EOPNOTSUPP);
  EXPECT_THAT(refusal.what, HasSubstr("eth0 is of another kind"));
}

TEST_F(KernelLink, IsReportedByTheFirstStepThatFailed) {
  const auto refusal = refusal_of(*kernel_, {up("eth0"), SetMtu{name("eth0"), 70000},
                                             SetMac{name("eth0"), mac("01:00:00:00:00:01")}});
  EXPECT_THAT(refusal.what,
              HasSubstr("set eth0 mtu 70000 (test): mtu greater than device maximum"));
  EXPECT_EQ(read(*kernel_, "eth0").up, true);
}

TEST_F(KernelLink, WithAGroupAddressIsRefused) {
  const auto refusal = refusal_of(*kernel_, {SetMac{name("eth0"), mac("01:00:00:00:00:01")}});
  EXPECT_EQ(refusal.error, EADDRNOTAVAIL);
  EXPECT_THAT(refusal.what, HasSubstr("is no address of a single link"));
}

TEST_F(KernelLink, IsBornInHundreds) {
  std::vector<Op> ops;
  for (int i = 0; i < 100; ++i) {
    const auto link = "br" + std::to_string(i);
    make_nic("n" + std::to_string(i));
    ops.push_back(bridge(link));
    ops.push_back(Join{name("n" + std::to_string(i)), name(link)});
    ops.push_back(up(link));
  }
  perform(*kernel_, ops);
  EXPECT_EQ(read(*kernel_, "n99").controller, name("br99"));
}

}  // namespace
}  // namespace vifchain::test

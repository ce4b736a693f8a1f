// The filters as text. What they do to frames is in filter_test.cpp.
#include "core/ruleset.hpp"

#include <gmock/gmock.h>

namespace vifchain {
namespace {

using testing::HasSubstr;
using testing::Not;

Guard guard(Antispoof mode, std::vector<LinkAddress> addresses = {}) {
  return {LinkName::parse("vif5.0").value(), LinkName::parse("xenbr0").value(), mode,
          Mac::parse("02:00:00:00:00:05").value(), std::move(addresses)};
}

LinkAddress address(const char* text, std::uint8_t prefix) {
  return {IpAddress::parse(text).value(), prefix};
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t times = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++times;
  return times;
}

TEST(Ruleset, LetsAGuestInWithItsMac) {
  EXPECT_EQ(let_in(guard(Antispoof::mac)),
            "add element bridge vifchain guarded { \"xenbr0\" }\n"
            "add element bridge vifchain mode { \"vif5.0\" : goto mac }\n"
            "add element bridge vifchain macs { \"vif5.0\" . 02:00:00:00:00:05 }\n"
            "add element bridge vifchain macs_inside { \"vif5.0\" . 0x020000000005 }\n");
}

TEST(Ruleset, LetsAGuestInWithItsAddressesAndTheLinkLocalOneOfItsMac) {
  EXPECT_EQ(let_in(guard(Antispoof::mac_ip, {address("192.0.2.5", 32), address("2001:db8::", 64)})),
            "add element bridge vifchain guarded { \"xenbr0\" }\n"
            "add element bridge vifchain mode { \"vif5.0\" : goto mac_ip }\n"
            "add element bridge vifchain macs { \"vif5.0\" . 02:00:00:00:00:05 }\n"
            "add element bridge vifchain macs_inside { \"vif5.0\" . 0x020000000005 }\n"
            "add element bridge vifchain own_ip4 { \"vif5.0\" . 192.0.2.5 }\n"
            "add element bridge vifchain own_ip6_nets { \"vif5.0\" . 2001:db8::/64 }\n"
            "add element bridge vifchain target_nets { \"vif5.0\" . "
            "0x20010db8000000000000000000000000-0x20010db800000000ffffffffffffffff }\n"
            "add element bridge vifchain own_ip6 { \"vif5.0\" . fe80::ff:fe00:5 }\n"
            "add element bridge vifchain targets { \"vif5.0\" . "
            "0xfe80000000000000000000fffe000005 }\n");
}

TEST(Ruleset, NeedsNothingToKeepAPortClosed) {
  EXPECT_EQ(let_in(guard(Antispoof::closed, {address("192.0.2.5", 32)})),
            "add element bridge vifchain guarded { \"xenbr0\" }\n"
            "add element bridge vifchain mode { \"vif5.0\" : goto closed }\n");
}

TEST(Ruleset, TakesOutWhatMayNotBeThereByAddingItFirst) {
  EXPECT_EQ(take_out(guard(Antispoof::closed)),
            "add element bridge vifchain mode { \"vif5.0\" : goto closed }\n"
            "delete element bridge vifchain mode { \"vif5.0\" : goto closed }\n");
  EXPECT_EQ(release(LinkName::parse("xenbr0").value()),
            "add element bridge vifchain guarded { \"xenbr0\" }\n"
            "delete element bridge vifchain guarded { \"xenbr0\" }\n");
}

TEST(Ruleset, TakesOutAllThatItLetIn) {
  const Guard whole = guard(Antispoof::mac_ip, {address("192.0.2.0", 24), address("10.0.0.1", 32)});
  EXPECT_EQ(count(take_out(whole), "delete element"), count(let_in(whole), "add element") - 1);
}

TEST(Ruleset, HasNetworksWithoutThoseInsideThem) {
  const auto text = let_in(guard(
      Antispoof::mac_ip, {address("10.1.2.3", 32), address("10.1.0.0", 16), address("10.0.0.0", 8),
                          address("10.2.0.0", 16), address("11.0.0.0", 8), address("fe80::", 64)}));
  EXPECT_EQ(count(text, "own_ip4"), 2U);
  EXPECT_THAT(text, HasSubstr("\"vif5.0\" . 10.0.0.0/8 "));
  EXPECT_THAT(text, HasSubstr("\"vif5.0\" . 11.0.0.0/8 "));
  EXPECT_THAT(text, Not(HasSubstr("fe80::ff:fe00:5")));
}

TEST(Ruleset, ClearsTheHostBitsOfNetworks) {
  EXPECT_THAT(let_in(guard(Antispoof::mac_ip, {address("192.0.2.77", 28)})),
              HasSubstr("\"vif5.0\" . 192.0.2.64/28 "));
}

TEST(Ruleset, MayAllowEveryAddress) {
  const auto text = let_in(guard(Antispoof::mac_ip, {address("0.0.0.0", 0), address("::", 0)}));
  EXPECT_THAT(text, HasSubstr("\"vif5.0\" . 0.0.0.0/0 "));
  EXPECT_THAT(text, HasSubstr("0x00000000000000000000000000000000-"
                              "0xffffffffffffffffffffffffffffffff"));
}

TEST(Ruleset, IsMarkedAndTakesThePlaceOfWhatThereWas) {
  const auto text = fresh_table(Unknown::dropped, 0xbeef);
  EXPECT_EQ(text.find("add table bridge vifchain\ndelete table bridge vifchain\n"), 0U);
  EXPECT_THAT(text, HasSubstr("chain stamp_48879 {}"));
  EXPECT_EQ(only_if_stamped(0xbeef),
            "add element bridge vifchain stamp { 1 : goto stamp_48879 }\n");
}

TEST(Ruleset, HasAVersionForEachWayToTreatTheUnknown) {
  EXPECT_NE(table_version(Unknown::dropped), table_version(Unknown::passed));
  EXPECT_THAT(fresh_table(Unknown::dropped, 1), HasSubstr("meta ibrname @guarded jump unknown"));
  EXPECT_THAT(fresh_table(Unknown::passed, 1), Not(HasSubstr("ibrname")));
}

// Every drop is counted, so that people can see what was dropped and why.
TEST(Ruleset, CountsEveryDrop) {
  const auto text = fresh_table(Unknown::dropped, 1);
  EXPECT_EQ(count(text, " drop"), count(text, "counter drop"));
}

TEST(Guard, ComesBackFromItsText) {
  for (const auto mode : {Antispoof::mac, Antispoof::mac_ip, Antispoof::closed}) {
    const Guard whole = guard(mode, {address("192.0.2.5", 32), address("2001:db8::", 64)});
    EXPECT_EQ(read_guard(guard_text(whole)), whole);
    EXPECT_EQ(read_guard(guard_text(guard(mode))), guard(mode));
  }
}

TEST(Guard, IsNotReadFromAnythingElse) {
  for (const char* text :
       {"", "vif5.0", "vif5.0 xenbr0", "vif5.0 xenbr0 mac", "vif5.0 xenbr0 wide 02:00:00:00:00:05",
        "vif5.0 xenbr0 mac 02:00", "vif5.0 xenbr0 mac 02:00:00:00:00:05 192.0.2.5",
        "vif5.0 xenbr0 mac 02:00:00:00:00:05 192.0.2.5/33", "a/b c mac 02:00:00:00:00:05"})
    EXPECT_EQ(read_guard(text), std::nullopt) << text;
}

TEST(Guard, SaysWhyThereCanBeNone) {
  EXPECT_EQ(why_no_guard(guard(Antispoof::mac)), "");
  EXPECT_THAT(why_no_guard(guard(Antispoof::off)), HasSubstr("nothing is to be filtered"));
  Guard odd = guard(Antispoof::mac);
  odd.mac = Mac::parse("01:00:00:00:00:00").value();
  EXPECT_THAT(why_no_guard(odd), HasSubstr("is no MAC of one host"));
  odd = guard(Antispoof::mac);
  odd.port = LinkName::parse("vif\"").value();
  EXPECT_THAT(why_no_guard(odd), HasSubstr("no nftables rule can carry"));
}

TEST(LinkLocal, IsMadeOfTheMac) {
  EXPECT_EQ(link_local_of(Mac::parse("00:16:3e:aa:bb:cc").value()).str(),
            "fe80::216:3eff:feaa:bbcc");
}

}  // namespace
}  // namespace vifchain

// SPDX-License-Identifier: Apache-2.0
// The filters as text. What they do to frames is in filter_test.cpp.
#include "core/filter/port_filter_rules.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "core/filter/port_filter.hpp"

namespace vifchain {
namespace {

using testing::HasSubstr;
using testing::Not;

const LinkName port = LinkName::parse("vif5.0").value();

PortFilter filter(Antispoof mode, std::vector<LinkAddress> addresses = {}) {
  PortFilter filter{.mode = mode, .owner = port, .bridge = LinkName::parse("xenbr0")};
  if (mode != Antispoof::closed) filter.mac = Mac::parse("02:00:00:00:00:05").value();
  filter.addresses = std::move(addresses);
  std::ranges::sort(filter.addresses);
  return filter;
}

std::string let_in(const PortFilter& filter) {
  std::string text;
  for (const auto& element : elements_of(port, filter)) text += add_element(element);
  return text;
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
  const auto text = let_in(filter(Antispoof::mac));
  EXPECT_THAT(text,
              HasSubstr("add element bridge vifchain macs { \"vif5.0\" . 02:00:00:00:00:05 }\n"
                        "add element bridge vifchain macs_inside { \"vif5.0\" . "
                        "0x020000000005 }\n"
                        "add element bridge vifchain mode { \"vif5.0\" : goto mac }\n"
                        "add element bridge vifchain places { \"vif5.0\" comment \"vif5.0 "));
  EXPECT_THAT(text, HasSubstr("\" : goto on_xenbr0 }\n"));
}

TEST(Ruleset, LetsAGuestInWithItsAddressesAndKeepsItFromThoseOfRouters) {
  auto whole = filter(Antispoof::mac_ip, {address("192.0.2.5", 32), address("2001:db8::", 64)});
  whole.routers = {IpAddress::parse("192.0.2.1").value(), IpAddress::parse("fe80::1").value()};
  const auto text = let_in(whole);
  for (const char* element :
       {"own_ip4 { \"vif5.0\" . 192.0.2.5 }", "routers4 { \"vif5.0\" . 192.0.2.1 }",
        "routers6 { \"vif5.0\" . fe80::1 }",
        "router_targets { \"vif5.0\" . 0xfe800000000000000000000000000001 }",
        "own_ip6_nets { \"vif5.0\" . 2001:db8::-2001:db8::ffff:ffff:ffff:ffff }",
        "target_nets { \"vif5.0\" . "
        "0x20010db8000000000000000000000000-0x20010db800000000ffffffffffffffff }"})
    EXPECT_THAT(text, HasSubstr(std::string("add element bridge vifchain ") + element + "\n"));
}

TEST(Ruleset, NeedsNothingToKeepAPortClosed) {
  EXPECT_EQ(elements_of(port, filter(Antispoof::closed)).size(), 2U);
  EXPECT_THAT(let_in(filter(Antispoof::closed)), HasSubstr(" : goto closed }\n"));
}

TEST(Ruleset, TakesOutAnElementWithoutWhatPeopleWroteBesideIt) {
  EXPECT_EQ(delete_element(elements_of(port, filter(Antispoof::closed)).back()),
            "delete element bridge vifchain places { \"vif5.0\" : goto on_xenbr0 }\n");
}

TEST(Ruleset, HasNetworksWithoutThoseInsideThem) {
  const auto elements = elements_of(
      port, filter(Antispoof::mac_ip, {address("10.1.2.3", 32), address("10.1.0.0", 16),
                                       address("10.0.0.0", 8), address("11.0.0.0", 8)}));
  EXPECT_EQ(std::ranges::count(elements, "own_ip4_nets", &FilterElement::set), 2);
  EXPECT_EQ(std::ranges::count(elements, "own_ip4", &FilterElement::set), 0);
}

// The wider one comes later here, as they are sorted by address.
TEST(Ruleset, HasAWiderNetworkInThePlaceOfOneInsideIt) {
  const auto elements = elements_of(
      port, filter(Antispoof::mac_ip, {address("10.0.0.0", 16), address("10.1.0.0", 8)}));
  EXPECT_EQ(std::ranges::count(elements, "own_ip4_nets", &FilterElement::set), 1);
}

TEST(Ruleset, HasANetworkOfTwoAddressesAsANetwork) {
  EXPECT_THAT(let_in(filter(Antispoof::mac_ip, {address("192.0.2.4", 31)})),
              HasSubstr("own_ip4_nets { \"vif5.0\" . 192.0.2.4-192.0.2.5 }"));
}

TEST(Ruleset, ReadsAFilterBackFromItsElements) {
  auto whole = filter(Antispoof::mac_ip, {address("0.0.0.0", 0), address("2001:db8::5", 128),
                                          address("2001:db8:5::", 64)});
  whole.routers = {IpAddress::parse("192.0.2.1").value(), IpAddress::parse("fe80::1").value()};
  for (const auto& one : {filter(Antispoof::mac), whole, filter(Antispoof::closed)})
    EXPECT_EQ(filter_of(port, elements_of(port, one)), one);
  EXPECT_EQ(filter_of(port, {}), PortFilter{});
}

TEST(Ruleset, ReadsAFilterAsSpoiltWhenAnyElementIsMissingOrTooMany) {
  const auto whole = filter(Antispoof::mac_ip, {address("192.0.2.5", 32), address("fd00::", 64)});
  const auto elements = elements_of(port, whole);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    auto fewer = elements;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_NE(filter_of(port, fewer), whole) << elements[i].set;
    auto more = elements;
    more.push_back(elements[i]);
    more.back().key.back() ^= 1;
    EXPECT_TRUE(filter_of(port, more).spoilt) << elements[i].set;
  }
}

TEST(Ruleset, TellsBridgesApartByTheirChains) {
  std::set<std::string> chains;
  for (const char* bridge : {"xenbr0", "xenbr-0", "xenbr_0", "xenbr.0", "br@1", "xenbr_2d0"})
    chains.insert(bridge_chain(LinkName::parse(bridge).value()));
  EXPECT_EQ(chains.size(), 6U);
  auto odd = filter(Antispoof::mac);
  odd.bridge = LinkName::parse("br@-_1");
  EXPECT_EQ(filter_of(port, elements_of(port, odd)), odd);
}

TEST(Ruleset, TakesThePlaceOfWhatThereWas) {
  const auto text = fresh_table(Unknown::dropped);
  EXPECT_EQ(text.find("add table bridge vifchain\ndelete table bridge vifchain\n"), 0U);
  EXPECT_THAT(text, HasSubstr("meta ibrname @guarded jump unknown"));
  EXPECT_THAT(text, HasSubstr("iifname \"vif*\" counter drop"));
  EXPECT_THAT(text, HasSubstr("iifname \"tap*\" counter drop"));
  EXPECT_THAT(fresh_table(Unknown::passed), Not(HasSubstr("ibrname")));
}

// Every drop is counted, so that people can see what was dropped and why.
TEST(Ruleset, CountsEveryDrop) {
  const auto text = fresh_table(Unknown::dropped);
  EXPECT_EQ(count(text, " drop"), count(text, "counter drop"));
}

TEST(FilterText, ComesBack) {
  for (const auto mode : {Antispoof::mac, Antispoof::mac_ip, Antispoof::closed}) {
    auto whole = filter(mode, {address("192.0.2.5", 32), address("2001:db8::", 64)});
    whole.routers = {IpAddress::parse("fe80::1").value()};
    EXPECT_EQ(read_filter_text(filter_text(whole)), whole);
    EXPECT_EQ(read_filter_text(filter_text(filter(mode))), filter(mode));
  }
}

TEST(FilterText, IsNotReadFromAnythingElse) {
  for (const char* text :
       {"", "mac", "mac 02:00", "wide 02:00:00:00:00:05 - -", "mac 02:00:00:00:00:05 a/b -",
        "mac 02:00:00:00:00:05 - - 192.0.2.5", "mac 02:00:00:00:00:05 - - 192.0.2.5/33",
        "mac 02:00:00:00:00:05 - - !192.0.2.5/32"})
    EXPECT_EQ(read_filter_text(text), std::nullopt) << text;
}

TEST(FilterText, SaysWhyThereCanBeNone) {
  EXPECT_EQ(why_no_filter(port, filter(Antispoof::mac)), "");
  auto odd = filter(Antispoof::mac);
  odd.mac = Mac::parse("01:00:00:00:00:00").value();
  EXPECT_THAT(why_no_filter(port, odd), HasSubstr("is no MAC of one host"));
  auto nowhere = filter(Antispoof::closed);
  nowhere.bridge.reset();
  EXPECT_EQ(why_no_filter(port, nowhere), "no bridge is known for " + port.str());
  EXPECT_THAT(why_no_filter(LinkName::parse("vif\"").value(), filter(Antispoof::mac)),
              HasSubstr("nftables cannot carry"));
}

TEST(LinkLocal, IsMadeOfTheMac) {
  EXPECT_EQ(link_local_of(Mac::parse("00:16:3e:aa:bb:cc").value()).str(),
            "fe80::216:3eff:feaa:bbcc");
}

}  // namespace
}  // namespace vifchain

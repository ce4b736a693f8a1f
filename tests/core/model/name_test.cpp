// SPDX-License-Identifier: Apache-2.0
#include "core/model/name.hpp"

#include <gtest/gtest.h>

namespace vifchain {
namespace {

TEST(LinkName, IsWhatTheKernelTakes) {
  for (const char* name : {"a", "eth0", "bond1.3", "xenbr-lan_0", "exactly-15-byte", "größe"})
    EXPECT_EQ(LinkName::parse(name).value().str(), name);
}

TEST(LinkName, IsNothingTheKernelRefuses) {
  const std::string_view bad[] = {
      "", ".", "..", "a/b", "a:b", "a b", "a\t", "a\n", "a%d", "à", "sixteen-bytes-xx"};
  for (const auto name : bad) {
    EXPECT_FALSE(LinkName::parse(name)) << name;
    EXPECT_NE(why_no_link_name(name), "") << name;
  }
  EXPECT_FALSE(LinkName::parse(std::string_view("a\0b", 3)));
}

TEST(LinkName, ComparesAsItsTextDoes) {
  const std::string_view names[] = {"a",
                                    "b",
                                    "ab",
                                    "eth1",
                                    "eth10",
                                    "eth2",
                                    "xenbr123",
                                    "xenbr1234",
                                    "xenbr124",
                                    "xenbr1230",
                                    "größe",
                                    "exactly-15-byte",
                                    "exactly-15-bytf"};
  for (const auto one : names)
    for (const auto other : names) {
      const auto a = LinkName::parse(one).value(), b = LinkName::parse(other).value();
      EXPECT_EQ(a < b, a.str() < b.str()) << one << ' ' << other;
      EXPECT_EQ(a == b, a.str() == b.str()) << one << ' ' << other;
    }
}

TEST(LinkName, SaysWhyNot) {
  EXPECT_EQ(why_no_link_name("eth0"), "");
  EXPECT_EQ(why_no_link_name("sixteen-bytes-xx"), "is 16 bytes long, at most 15 are allowed");
  EXPECT_EQ(why_no_link_name("a/b"), "has '/' in it");
  EXPECT_EQ(why_no_link_name("a b"), "has white space in it");
}

TEST(VlanId, IsFrom1To4094) {
  EXPECT_FALSE(VlanId::from(0));
  EXPECT_EQ(VlanId::from(1)->number(), 1);
  EXPECT_EQ(VlanId::from(4094)->number(), 4094);
  EXPECT_FALSE(VlanId::from(4095));
  EXPECT_FALSE(VlanId::from(-1));
  EXPECT_FALSE(VlanId::from(65537));
}

TEST(VlanId, IsWrittenInPlainDecimal) {
  EXPECT_EQ(VlanId::parse("42")->number(), 42);
  for (const char* text : {"", "0", "007", "+3", "-3", " 3", "3 ", "0x3", "4095", "99999999999"})
    EXPECT_FALSE(VlanId::parse(text)) << text;
}

TEST(Mac, ReadsWhatItWrites) {
  EXPECT_EQ(Mac::parse("02:00:0A:ff:00:1b")->str(), "02:00:0a:ff:00:1b");
  for (const char* text : {"", "02:00:00:00:00", "02:00:00:00:00:01:02", "2:0:0:0:0:1",
                           "02-00-00-00-00-01", "0g:00:00:00:00:01", "02:00:00:00:00:1 "})
    EXPECT_FALSE(Mac::parse(text)) << text;
}

TEST(Mac, KnowsUnicast) {
  EXPECT_TRUE(Mac::parse("02:00:00:00:00:01")->unicast());
  EXPECT_TRUE(vif_mac.unicast());
  EXPECT_FALSE(Mac::parse("01:80:c2:00:00:00")->unicast());
  EXPECT_FALSE(Mac{}.unicast());
}

TEST(IpAddress, ReadsIpv4) {
  EXPECT_EQ(IpAddress::parse("192.0.2.1")->str(), "192.0.2.1");
  EXPECT_FALSE(IpAddress::parse("192.0.2.1")->v6);
  for (const char* text : {"", "192.0.2", "192.0.2.1.2", "192.0.2.256", "192.0.02.1", "1.2.3.4 ",
                           "1..2.3", "a.b.c.d", "-1.2.3.4"})
    EXPECT_FALSE(IpAddress::parse(text)) << text;
}

TEST(IpAddress, WritesIpv6AsRfc5952Tells) {
  const std::pair<const char*, const char*> cases[] = {
      {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"0:0:0:0:0:0:0:0", "::"},
      {"fe80::00aB", "fe80::ab"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
  };
  for (const auto& [text, canonical] : cases) {
    const auto address = IpAddress::parse(text);
    ASSERT_TRUE(address && address->v6) << text;
    EXPECT_EQ(address->str(), canonical);
    EXPECT_EQ(IpAddress::parse(address->str()), address);
  }
}

TEST(IpAddress, RefusesWhatIsNoIpv6) {
  for (const char* text :
       {":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "1::2::3",
        "12345::", "g::", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", ":1:2:3:4:5:6:7:8", "fe80::1%eth0",
        "1:2:3:4:5:6:7:", "::-1"})
    EXPECT_FALSE(IpAddress::parse(text)) << text;
}

}  // namespace
}  // namespace vifchain

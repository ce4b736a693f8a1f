// SPDX-License-Identifier: Apache-2.0
// ip=: the networks a guest may speak as, and what is said of texts that are none.
#include "core/vif/guest_address.hpp"

#include <gtest/gtest.h>

namespace vifchain {
namespace {

std::string networks_of(std::string_view text) {
  const auto read = read_guest_addresses(text);
  if (const auto* bad = std::get_if<BadSpec>(&read))
    return "wrong at " + std::to_string(bad->column) + ": " + bad->reason;
  std::string all;
  for (const auto& address : std::get<std::vector<LinkAddress>>(read))
    all += (all.empty() ? "" : " ") + address.str();
  return all;
}

TEST(GuestAddresses, WithoutALengthAreHosts) {
  EXPECT_EQ(networks_of("192.0.2.5"), "192.0.2.5/32");
  EXPECT_EQ(networks_of("2001:db8::5"), "2001:db8::5/128");
}

TEST(GuestAddresses, WithALengthAreTheWholeNetwork) {
  EXPECT_EQ(networks_of("192.0.2.5/24"), "192.0.2.0/24");
  EXPECT_EQ(networks_of("192.0.2.255/31"), "192.0.2.254/31");
  EXPECT_EQ(networks_of("192.0.2.255/25"), "192.0.2.128/25");
  EXPECT_EQ(networks_of("2001:db8:ffff::5/33"), "2001:db8:8000::/33");
  EXPECT_EQ(networks_of("192.0.2.5/32 2001:db8::5/128"), "192.0.2.5/32 2001:db8::5/128");
  EXPECT_EQ(networks_of("192.0.2.5/0 2001:db8::/0"), "0.0.0.0/0 ::/0");
}

TEST(GuestAddresses, AreSeparatedByBlanksOrCommasOrBoth) {
  const std::string three = "192.0.2.5/32 198.51.100.0/24 2001:db8::5/128";
  for (const auto* text :
       {"192.0.2.5 198.51.100.0/24 2001:db8::5", "192.0.2.5,198.51.100.0/24,2001:db8::5",
        "  192.0.2.5 ,\t198.51.100.0/24,  ,2001:db8::5, "})
    EXPECT_EQ(networks_of(text), three) << text;
}

TEST(GuestAddresses, OfATextWithoutAnyAreNone) {
  for (const auto* text : {"", " ", " \t ", ",", " , "}) EXPECT_EQ(networks_of(text), "") << text;
}

TEST(GuestAddresses, ComeInOrderAndEachOnce) {
  EXPECT_EQ(networks_of("2001:db8::5 192.0.2.9 192.0.2.5 2001:DB8:0:0::5 192.0.2.9/32"),
            "192.0.2.5/32 192.0.2.9/32 2001:db8::5/128");
}

TEST(GuestAddresses, WithinANetworkOfTheTextAreLeftOut) {
  EXPECT_EQ(networks_of("192.0.2.9 192.0.2.128/25 192.0.2.0/24 192.0.3.0"),
            "192.0.2.0/24 192.0.3.0/32");
  EXPECT_EQ(networks_of("192.0.2.5/24 192.0.2.9/24"), "192.0.2.0/24");
  EXPECT_EQ(networks_of("192.0.2.0/25 192.0.2.128/25"), "192.0.2.0/25 192.0.2.128/25");
  EXPECT_EQ(networks_of("2001:db8::1 0.0.0.0/0 192.0.2.1 2001:db8::/32 2001:db9::1"),
            "0.0.0.0/0 2001:db8::/32 2001:db9::1/128");
}

TEST(GuestAddresses, TakeEveryWayToWriteAnIpv6Address) {
  EXPECT_EQ(networks_of("fe80::1 2001:DB8:0000:0::00ff 64:ff9b::192.0.2.33"),
            "64:ff9b::c000:221/128 2001:db8::ff/128 fe80::1/128");
}

TEST(GuestAddresses, MayBeOfNetworksThatHaveReservedAddressesAmongOthers) {
  EXPECT_EQ(networks_of("0.0.0.0/0"), "0.0.0.0/0");
  EXPECT_EQ(networks_of("192.0.2.255/32"), "192.0.2.255/32");
  EXPECT_EQ(networks_of("::/64"), "::/64");
}

struct Line {
  std::string_view text;
  std::string_view answer;
};

const std::string no_address = " expected an IP address, 192.0.2.1 or 2001:db8::/64, found";

const Line no_addresses[] = {
    {"x", "1: \"x\""},
    {"192.0.2", "1: \"192.0.2\""},
    {"192.0.2.", "1: \"192.0.2.\""},
    {"192.0.2.256", "1: \"192.0.2.256\""},
    {"192.0.2.1.5", "1: \"192.0.2.1.5\""},
    {"192.0.02.1", "1: \"192.0.02.1\""},
    {"0xc0000201", "1: \"0xc0000201\""},
    {"3221225985", "1: \"3221225985\""},
    {"192.0.2.1 x", "11: \"x\""},
    {"192.0.2.1,,198.51.100", "12: \"198.51.100\""},
    {"192.0.2.1;192.0.2.2", "1: \"192.0.2.1;192.0.2.2\""},
    {"192.0.2.1-192.0.2.9", "1: \"192.0.2.1-192.0.2.9\""},
    {"192.0.2.1:80", "1: \"192.0.2.1:80\""},
    {"192.0.2.*", "1: \"192.0.2.*\""},
    {"web.example.org", "1: \"web.example.org\""},
    {"/24", "1: \"/24\""},
    {" /24", "2: \"/24\""},
    {"192.0.2.1 /24", "11: \"/24\""},
    {"2001:db8::1::2", "1: \"2001:db8::1::2\""},
    {"2001:db8", "1: \"2001:db8\""},
    {":::", "1: \":::\""},
    {"2001:db8::12345", "1: \"2001:db8::12345\""},
    {"1:2:3:4:5:6:7:8:9", "1: \"1:2:3:4:5:6:7:8:9\""},
    {"[2001:db8::1]", "1: \"[2001:db8::1]\""},
    {"fe80::1%eth0", "1: \"fe80::1%eth0\""},
    {"192.0.2.1\n", "1: \"192.0.2.1<byte 0x0a>\""},
    {std::string_view("192.0.2.1\0", 10), "1: \"192.0.2.1<byte 0x00>\""},
    {"\xc3\xa4", "1: \"<byte 0xc3><byte 0xa4>\""},
    {"a-name-that-nobody-would-ever-give-to-one-single-host.example.org",
     "1: \"a-name-that-nobody-would-ever-give-to-one-single...\""},
    {"\x01\x02\x03\x04\x05\x06",
     "1: \"<byte 0x01><byte 0x02><byte 0x03><byte 0x04><byte 0x05>...\""},
};

TEST(GuestAddresses, ThatAreNoneAreAnsweredWithTheirPlaceAndWhatIsAllowed) {
  for (const auto& [text, answer] : no_addresses) {
    const std::string place(answer.substr(0, answer.find(' ')));
    EXPECT_EQ(networks_of(text),
              "wrong at " + place + no_address + std::string(answer.substr(place.size())))
        << text;
  }
}

const Line wrong_networks[] = {
    {"192.0.2.1/", "11: expected a prefix length from 0 to 32, found \"\""},
    {"192.0.2.1/33", "11: expected a prefix length from 0 to 32, found \"33\""},
    {"192.0.2.1/-1", "11: expected a prefix length from 0 to 32, found \"-1\""},
    {"192.0.2.1/+8", "11: expected a prefix length from 0 to 32, found \"+8\""},
    {"192.0.2.1/024", "11: expected a prefix length from 0 to 32, found \"024\""},
    {"192.0.2.1/24/24", "11: expected a prefix length from 0 to 32, found \"24/24\""},
    {"192.0.2.1/24x", "11: expected a prefix length from 0 to 32, found \"24x\""},
    {"192.0.2.1/4294967328", "11: expected a prefix length from 0 to 32, found \"4294967328\""},
    {"192.0.2.0/255.255.255.0",
     "11: expected a prefix length from 0 to 32, found \"255.255.255.0\""},
    {"2001:db8::/129", "12: expected a prefix length from 0 to 128, found \"129\""},
    {"192.0.2.1 2001:db8::/", "22: expected a prefix length from 0 to 128, found \"\""},
    {"0.0.0.0", "1: 0.0.0.0 is no host's address"},
    {"0.0.0.0/32", "1: 0.0.0.0/32 is no host's address"},
    {"127.0.0.1", "1: 127.0.0.1 is a loopback address"},
    {"192.0.2.1 127.0.0.0/8", "11: 127.0.0.0/8 is a loopback address"},
    {"224.0.0.1", "1: 224.0.0.1 is a multicast address"},
    {"239.255.0.0/16", "1: 239.255.0.0/16 is a multicast address"},
    {"255.255.255.255", "1: 255.255.255.255 is the broadcast address"},
    {"::", "1: :: is no host's address"},
    {"::1", "1: ::1 is a loopback address"},
    {"ff02::1", "1: ff02::1 is a multicast address"},
    {"ff00::/8", "1: ff00::/8 is a multicast address"},
    {"::ffff:192.0.2.1", "1: ::ffff:192.0.2.1 is an IPv4 address, to be written as such"},
    {"::ffff:192.0.2.0/120", "1: ::ffff:192.0.2.0/120 is an IPv4 address, to be written as such"},
};

TEST(GuestAddresses, ThatNoGuestCanHaveAreAnsweredWithThePlaceAndTheReason) {
  for (const auto& [text, answer] : wrong_networks)
    EXPECT_EQ(networks_of(text), "wrong at " + std::string(answer)) << text;
}

}  // namespace
}  // namespace vifchain

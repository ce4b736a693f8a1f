// SPDX-License-Identifier: Apache-2.0
// Texts of `vif = [...]`, judged as xl judges them: the cases of Xen's check-xl-vif-parse, and what
// xl does with the rest without a word.
#include "core/guests/xl_vif.hpp"

#include <gtest/gtest.h>

#include "core/guests/guest_config.hpp"
#include "core/guests/xl_rate.hpp"

namespace vifchain {
namespace {

constexpr XenRelease debian_12{4, 17}, newest{4, 20};

VifSpec read(std::string_view text, const XenRelease& xen = newest) {
  return read_xl_vif(text, xen);
}

Weight worst_of(const VifSpec& spec) {
  Weight worst = Weight::note;
  for (const auto& remark : spec.remarks) worst = std::max(worst, remark.weight);
  return worst;
}

// "BYTES in MICROSECONDS"; what xl refuses is "no".
std::string rate(std::string_view text) {
  const auto read = read_xl_rate(text);
  const auto* right = std::get_if<VifRate>(&read);
  if (right == nullptr) return "no";
  return std::to_string(right->bytes_per_interval) + " in " + std::to_string(right->interval_usecs);
}

struct RateCase {
  const char* text;
  const char* means;
};

TEST(XlRate, IsWhatXensOwnTestsSay) {
  for (const auto& [text, means] : {
           RateCase{"foo", "no"},
           {"10MB", "no"},
           {"10MB/m", "no"},
           {"10ZB", "no"},
           {"10ZB/s", "no"},
           {"10ZB/m", "no"},
           {"16000000b/s", "100000 in 50000"},
           {"16000000b/s@50ms", "100000 in 50000"},
           {"2000000B/s", "100000 in 50000"},
           {"2000000B/s@50ms", "100000 in 50000"},
           {"16Kb/s", "100 in 50000"},
           {"16Kb/s@50ms", "100 in 50000"},
           {"2KB/s", "100 in 50000"},
           {"2KB/s@50ms", "100 in 50000"},
           {"16Mb/s", "100000 in 50000"},
           {"16Mb/s@50ms", "100000 in 50000"},
           {"2MB/s", "100000 in 50000"},
           {"2MB/s@50ms", "100000 in 50000"},
           {"8Gb/s", "50000000 in 50000"},
           {"8Gb/s@50ms", "50000000 in 50000"},
           {"1GB/s", "50000000 in 50000"},
           {"1GB/s@50ms", "50000000 in 50000"},
           {"4294967296b/s", "no"},
           {"4294967296Kb/s", "no"},
           {"4294967296Mb/s", "no"},
           {"4294967296Gb/s", "no"},
           {"0B/s", "no"},
           {"10Mb/s@foo", "no"},
           {"10Mb/s@10h", "no"},
           {"10MB/s@foo", "no"},
           {"10MB/s@10h", "no"},
           {"80Mb/s@1s", "10000000 in 1000000"},
           {"10MB/s@1s", "10000000 in 1000000"},
           {"1B/s@4294967296us", "no"},
           {"1B/s@4294968ms", "no"},
           {"1B/s@4295s", "no"},
           {"1B/s@0us", "no"},
           {"4294967295GB/s@5us", "no"},
           {"4296MB/s@4294s", "no"},
           {"@", "no"},
       })
    EXPECT_EQ(rate(text), means) << text;
}

TEST(XlRate, ReadsNumbersAsCDoes) {
  EXPECT_EQ(rate("010MB/s"), "400000 in 50000") << "octal";
  EXPECT_EQ(rate("08MB/s"), "no") << "an octal 0";
  EXPECT_EQ(rate("018MB/s"), "0 in 50000") << "an octal 1, and no unit where xl looks for it";
  EXPECT_EQ(rate("1000B/s@2"), "2000 in 2000000") << "seconds";
  EXPECT_EQ(rate("1000KB/s@5m"), "5000 in 5000");
  EXPECT_EQ(rate("1GB/s@7u"), "7000 in 7");
  EXPECT_EQ(rate("+1B/s"), "no");
  EXPECT_EQ(rate("0x10B/s"), "no");
  EXPECT_EQ(rate("10mb/s"), "no");
}

TEST(XlVif, AnUnknownWordIsPassedOverAndSaid) {
  const auto spec = read("foo");
  ASSERT_EQ(spec.remarks.size(), 1U);
  EXPECT_EQ(spec.remarks[0].text, "xl ignores unknown key \"foo\"");
}

TEST(XlVif, TrustIsTwoWords) {
  EXPECT_EQ(read("trusted").trusted, true);
  EXPECT_EQ(read("untrusted").trusted, false);
  EXPECT_EQ(read("trusted ").trusted, std::nullopt) << "a blank makes another word of it";
  EXPECT_EQ(read("trusted=1").trusted, std::nullopt);
  EXPECT_EQ(read("trusted", {4, 16}).trusted, std::nullopt);
}

TEST(XlVif, BlanksBeforeAKeyGoAndThoseBehindAValueStay) {
  const auto spec = read("  bridge=xenbr0 , ip=192.0.2.1 ");
  EXPECT_EQ(spec.bridge, "xenbr0 ");
  EXPECT_EQ(spec.ip, "192.0.2.1 ") << "where it does no harm";
  ASSERT_EQ(spec.remarks.size(), 1U);
  EXPECT_EQ(worst_of(spec), Weight::obstacle);
}

TEST(XlVif, EmptyPiecesAreNothing) {
  EXPECT_TRUE(read("").remarks.empty());
  EXPECT_TRUE(read(",,, ,").remarks.empty());
  EXPECT_EQ(read(",bridge=xenbr0,").bridge, "xenbr0");
}

TEST(XlVif, TheLastOfTwoCounts) {
  const auto spec = read("bridge=a,bridge=b");
  EXPECT_EQ(spec.bridge, "b");
  EXPECT_EQ(worst_of(spec), Weight::warning);
}

TEST(XlVif, AMacIsSixNumbersWithWhateverBetween) {
  EXPECT_EQ(read("mac=00:16:3e:01:02:ff").mac, Mac::parse("00:16:3e:01:02:ff"));
  EXPECT_EQ(read("mac=0-16.3e/1 2:FF").mac, Mac::parse("00:16:3e:01:02:ff"));
  EXPECT_EQ(read("mac=0x0:16:3e:1:2:3").mac, Mac::parse("00:16:3e:01:02:03"));
  EXPECT_EQ(read("mac=00:16:3e:01:02:03:04").mac, Mac::parse("00:16:3e:01:02:03"));
  EXPECT_TRUE(read("mac=00:16:3e:01:02:03 ").remarks.empty());
}

TEST(XlVif, AWrongMacLeavesWhatWasReadOfIt) {
  EXPECT_EQ(read("mac=00:16:3e:xx:00:01").mac, Mac::parse("00:16:3e:00:00:00"));
  EXPECT_EQ(read("mac=00:16:3e:100:00:01").mac, Mac::parse("00:16:3e:00:00:00"));
  EXPECT_EQ(read("mac=").mac, std::nullopt);
  EXPECT_EQ(read("mac=-1:16:3e:00:00:01").mac, std::nullopt);
  EXPECT_EQ(read("mac=00:16:3e").mac, std::nullopt) << "nobody knows what xl reads there";
  EXPECT_EQ(worst_of(read("mac=00:16:3e")), Weight::obstacle);
}

TEST(XlVif, NumbersEndWhereTheyEnd) {
  EXPECT_EQ(read("mtu=1400").mtu, 1400U);
  EXPECT_EQ(read("mtu= 1400bytes").mtu, 1400U);
  EXPECT_EQ(worst_of(read("mtu=jumbo")), Weight::obstacle);
  EXPECT_EQ(read("devid=3").devid, 3);
  EXPECT_EQ(read("devid=-1").devid, std::nullopt) << "the one value that is an error there";
  EXPECT_EQ(worst_of(read("devid=")), Weight::obstacle);
}

TEST(XlVif, WhatItsReleaseDoesNotKnowIsPassedOver) {
  EXPECT_EQ(read("vlan=10", {4, 19}).vlan, "10");
  const auto old = read("vlan=10p/20/30,bridge=br0", debian_12);
  EXPECT_EQ(old.vlan, std::nullopt);
  ASSERT_EQ(old.remarks.size(), 1U);
  EXPECT_TRUE(
      old.remarks[0].text.ends_with("hint: bridge=br0.10:20:30 in place of bridge= and vlan="))
      << old.remarks[0].text;
  const auto many = read("vlan=10p/1-9,bridge=br0", debian_12);
  ASSERT_EQ(many.remarks.size(), 1U);
  EXPECT_TRUE(
      many.remarks[0].text.ends_with("hint: bridge=br0.TAG:VID:VID in place of bridge= and vlan="))
      << many.remarks[0].text;
  EXPECT_EQ(read("mtu=1400", {4, 14}).mtu, std::nullopt);
}

TEST(XlVif, KeysOfTheDeviceModelAreNoConcern) {
  EXPECT_TRUE(read("colo_checkpoint_port=9000,forwarddev=eth1").remarks.empty());
}

TEST(XlVif, AMisspeltPlaceIsAnObstacleAndAnotherKeyIsNot) {
  EXPECT_EQ(worst_of(read("brigde=xenbr0")), Weight::obstacle);
  EXPECT_TRUE(read("brigde=xenbr0").bridge_lost);
  EXPECT_EQ(worst_of(read("vlna=10")), Weight::obstacle);
  EXPECT_EQ(worst_of(read("modle=e1000")), Weight::warning);
  EXPECT_FALSE(read("modle=e1000").bridge_lost);
}

TEST(XlVif, EndsAtANulByteAsCTextsDo) {
  EXPECT_EQ(read(std::string_view("bridge=a\0b,ip=x", 15)).bridge, "a");
}

std::vector<WantedVif> wanted(std::initializer_list<std::string> texts) {
  GuestConfig guest{.file = "a.cfg", .name = "a"};
  for (const auto& text : texts) guest.vifs.push_back({1, text, read(text)});
  return wanted_vifs(guest, {});
}

TEST(WantedVif, HasAnMtuOfItsOwnWhereItIsNotTheUsualOne) {
  const auto vifs = wanted({"mtu=1500", "mtu=0", "mtu=9000"});
  EXPECT_FALSE(vifs[0].nodes.contains("mtu") || vifs[1].nodes.contains("mtu"));
  EXPECT_EQ(vifs[2].nodes.at("mtu"), "9000");
}

TEST(WantedVif, IsCountedWhereItsDevidIsNone) {
  const auto vifs = wanted({"devid=4294967295", "devid=3", "mac=00:16:3e:00:00:01"});
  EXPECT_EQ(vifs[0].devid, 0);
  EXPECT_EQ(vifs[1].devid, 3);
  EXPECT_EQ(vifs[2].devid, 1);
}

TEST(XenRelease, IsTwoNumbers) {
  EXPECT_EQ(XenRelease::parse("4.19"), (XenRelease{4, 19}));
  for (const char* text : {"", "4", ".", "4.", ".1", "4.x", "4.1.2", "-4.1"})
    EXPECT_EQ(XenRelease::parse(text), std::nullopt) << text;
  EXPECT_LT((XenRelease{4, 9}), (XenRelease{4, 10}));
}

}  // namespace
}  // namespace vifchain

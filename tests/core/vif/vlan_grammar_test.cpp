// SPDX-License-Identifier: Apache-2.0
// vlan= and bridge=NAME.TAG:VID: what they mean, and what is said when they mean nothing.
#include "core/vif/vlan_grammar.hpp"

#include <gtest/gtest.h>

namespace vifchain {
namespace {

// The VLANs as `bridge vlan` shows them, one by one: "10pu 20 30u".
std::string shown(const std::vector<PortVlan>& vlans) {
  std::string text;
  for (const auto& vlan : vlans)
    text += (text.empty() ? "" : " ") + std::to_string(vlan.id.number()) + (vlan.pvid ? "p" : "") +
            (vlan.untagged ? "u" : "");
  return text;
}

std::string shown(const BadSpec& bad) {
  return std::to_string(bad.column) + ": " + bad.reason;
}

std::string vlans_of(std::string_view text) {
  const auto read = read_vlan_spec(text);
  if (const auto* bad = std::get_if<BadSpec>(&read)) return "wrong at " + shown(*bad);
  return shown(std::get<VlanSpec>(read).vlans);
}

std::string port_of(std::string_view text) {
  const auto read = read_bridge_spec(text);
  if (const auto* bad = std::get_if<BadSpec>(&read)) return "wrong at " + shown(*bad);
  const auto& spec = std::get<BridgeSpec>(read);
  return spec.bridge + ": " + shown(spec.vlans);
}

struct GrammarLine {
  std::string_view text;
  std::string_view answer;
};

TEST(VlanSpec, OfTheManualMeansWhatTheManualSays) {
  EXPECT_EQ(vlans_of("10"), "10pu");
  EXPECT_EQ(vlans_of("10p/20"), "10pu 20");
}

// Its third example has one VLAN more than its text.
TEST(VlanSpec, CountsTheEntriesAfterTheFirstAsTheTextOfTheManual) {
  EXPECT_EQ(vlans_of("10p/100+10x4"), "10pu 100 110 120 130 140");
}

TEST(VlanSpec, OfTheAuthorsPatchMeansWhatItSays) {
  EXPECT_EQ(vlans_of("1p/10-15/20-25u"), "1pu 10 11 12 13 14 15 20u 21u 22u 23u 24u 25u");
  EXPECT_EQ(vlans_of("5p/100+10x9"), "5pu 100 110 120 130 140 150 160 170 180 190");
}

TEST(VlanSpec, WarnsOfEveryCountAndOfNothingElse) {
  const auto one = std::get<VlanSpec>(read_vlan_spec("10p/100+10x4"));
  EXPECT_EQ(one.warnings,
            (std::vector<std::string>{
                "100+10x4 is read as VLAN 100 and 4 more, up to 140; other programs count one "
                "more or less"}));
  EXPECT_EQ(std::get<VlanSpec>(read_vlan_spec("1p/2+2x3u/100+10x4")).warnings.size(), 2U);
  EXPECT_TRUE(std::get<VlanSpec>(read_vlan_spec("1p/2-9/10u/100")).warnings.empty());
}

TEST(VlanSpec, OfOneVlanIsItsOwnPvidHoweverItIsWritten) {
  for (const auto* text : {"7", "7p", "7u", "7-7", "7-7u"})
    EXPECT_EQ(vlans_of(text), "7pu") << text;
}

TEST(VlanSpec, ComesInOrderHoweverItIsWritten) {
  EXPECT_EQ(vlans_of("30/20u/5-7/10p"), "5 6 7 10pu 20u 30");
}

TEST(VlanSpec, TakesEveryVlanFromTheFirstToTheLast) {
  EXPECT_EQ(vlans_of("1p/4094"), "1pu 4094");
  EXPECT_EQ(std::get<VlanSpec>(read_vlan_spec("1p/2-4094")).vlans.size(), 4094U);
  EXPECT_EQ(vlans_of("2p/1+4093x1"), "1 2pu 4094");
  EXPECT_EQ(std::get<VlanSpec>(read_vlan_spec("1p/2+1x4092")).vlans.size(), 4094U);
}

TEST(VlanSpec, LetsStridesInterlace) {
  EXPECT_EQ(vlans_of("1p/10+2x2/11+2x2u"), "1pu 10 11u 12 13u 14 15u");
}

const GrammarLine wrong_vlan_specs[] = {
    // nothing, and pieces that are missing
    {"", "1: expected a VLAN id from 1 to 4094, found nothing"},
    {"/", "1: expected a VLAN id from 1 to 4094, found '/'"},
    {"10p/", "5: expected a VLAN id from 1 to 4094, found nothing"},
    {"/10", "1: expected a VLAN id from 1 to 4094, found '/'"},
    {"10p//20", "5: expected a VLAN id from 1 to 4094, found '/'"},
    {"10-", "4: expected a VLAN id from 1 to 4094, found nothing"},
    {"-10", "1: expected a VLAN id from 1 to 4094, found '-'"},
    {"10-/20p", "4: expected a VLAN id from 1 to 4094, found '/'"},
    {"10-u", "4: expected a VLAN id from 1 to 4094, found 'u'"},
    {"10+", "4: expected an OFFSET from 1 to 4093, found nothing"},
    {"10+x4", "4: expected an OFFSET from 1 to 4093, found 'x'"},
    {"10+5", "5: expected 'x' and a COUNT, as in 100+10x4,, found nothing"},
    {"10+5u", "5: expected 'x' and a COUNT, as in 100+10x4,, found 'u'"},
    {"10+5x", "6: expected a COUNT from 1 to 4093, found nothing"},
    {"10+5xu", "6: expected a COUNT from 1 to 4093, found 'u'"},
    {"p", "1: expected a VLAN id from 1 to 4094, found 'p'"},
    {"u/10p", "1: expected a VLAN id from 1 to 4094, found 'u'"},
    {"x4", "1: expected a VLAN id from 1 to 4094, found 'x'"},
    // ids
    {"0", "1: expected a VLAN id from 1 to 4094, found 0"},
    {"4095", "1: expected a VLAN id from 1 to 4094, found 4095"},
    {"10p/4096", "5: expected a VLAN id from 1 to 4094, found 4096"},
    {"10p/0-5", "5: expected a VLAN id from 1 to 4094, found 0"},
    {"10p/20-4095", "8: expected a VLAN id from 1 to 4094, found 4095"},
    {"4294967297", "1: expected a VLAN id from 1 to 4094, found 4294967297"},
    {"18446744073709551626", "1: expected a VLAN id from 1 to 4094, found 184467440737..."},
    {"010", "1: 010 begins with 0, which some programs read as octal"},
    {"10p/0020", "5: 0020 begins with 0, which some programs read as octal"},
    {"00", "1: 00 begins with 0, which some programs read as octal"},
    {"10p/20-030", "8: 030 begins with 0, which some programs read as octal"},
    {"+10", "1: expected a VLAN id from 1 to 4094, found '+'"},
    {"0x10", "1: expected a VLAN id from 1 to 4094, found 0"},
    {"100x4", "4: expected 'p', 'u', '-', '+', '/' or the end, found 'x'"},
    {"ten", "1: expected a VLAN id from 1 to 4094, found 't'"},
    {"all", "1: expected a VLAN id from 1 to 4094, found 'a'"},
    {"10.5", "3: expected 'p', 'u', '-', '+', '/' or the end, found '.'"},
    // ranges
    {"20-10", "1: range 20-10 runs backwards; expected 10-20"},
    {"5p/4094-1", "4: range 4094-1 runs backwards; expected 1-4094"},
    {"10-20p", "6: expected 'u', '/' or the end (p is for one single VLAN), found 'p'"},
    {"10-20-30", "6: expected 'u', '/' or the end, found '-'"},
    {"10--20", "4: expected a VLAN id from 1 to 4094, found '-'"},
    {"10p-20", "4: expected '/' or the end, found '-'"},
    {"10u-20", "4: expected '/' or the end, found '-'"},
    // strides
    {"5p/100+0x4", "8: expected an OFFSET from 1 to 4093, found 0"},
    {"5p/100+10x0", "11: expected a COUNT from 1 to 4093, found 0"},
    {"5p/100+4094x1", "8: expected an OFFSET from 1 to 4093, found 4094"},
    {"5p/100+1x4094", "10: expected a COUNT from 1 to 4093, found 4094"},
    {"5p/100+1000x4", "4: 100+1000x4 ends at VLAN 4100; the last is 4094"},
    {"4094+1x1", "1: 4094+1x1 ends at VLAN 4095; the last is 4094"},
    {"5p/4094+4093x4093", "4: 4094+4093x4093 ends at VLAN 16756743; the last is 4094"},
    {"5p/100+10x99999999999999999999",
     "11: expected a COUNT from 1 to 4093, found 999999999999..."},
    {"5p/100+-10x4", "8: expected an OFFSET from 1 to 4093, found '-'"},
    {"5p/100+10X4", "10: expected 'x' and a COUNT, as in 100+10x4,, found 'X'"},
    {"5p/100+10*4", "10: expected 'x' and a COUNT, as in 100+10x4,, found '*'"},
    {"5/100+10x4p", "11: expected 'u', '/' or the end (p is for one single VLAN), found 'p'"},
    {"5p/100+10x4x2", "12: expected 'u', '/' or the end, found 'x'"},
    {"5p/100+010x4", "8: 010 begins with 0, which some programs read as octal"},
    // what is between and behind
    {"10p/20 ", "7: expected 'p', 'u', '-', '+', '/' or the end, found a space"},
    {" 10", "1: expected a VLAN id from 1 to 4094, found a space"},
    {"10p / 20", "4: expected '/' or the end, found a space"},
    {"10 - 20", "3: expected 'p', 'u', '-', '+', '/' or the end, found a space"},
    {"10p\t", "4: expected '/' or the end, found byte 0x09"},
    {"10\n", "3: expected 'p', 'u', '-', '+', '/' or the end, found byte 0x0a"},
    {"10p,20", "4: expected '/' or the end, found ','"},
    {"10:20", "3: expected 'p', 'u', '-', '+', '/' or the end, found ':'"},
    {"10P", "3: expected 'p', 'u', '-', '+', '/' or the end, found 'P'"},
    {"10U", "3: expected 'p', 'u', '-', '+', '/' or the end, found 'U'"},
    {"10t", "3: expected 'p', 'u', '-', '+', '/' or the end, found 't'"},
    {"10pu", "4: expected '/' or the end, found 'u'"},
    {"10up", "4: expected '/' or the end, found 'p'"},
    {"10pp", "4: expected '/' or the end, found 'p'"},
    {"10p20", "4: expected '/' or the end, found '2'"},
    {"10;reboot", "3: expected 'p', 'u', '-', '+', '/' or the end, found ';'"},
    {"$(id)", "1: expected a VLAN id from 1 to 4094, found '$'"},
    {"10\xc2\xa0", "3: expected 'p', 'u', '-', '+', '/' or the end, found byte 0xc2"},
    {std::string_view("10\0p", 4),
     "3: expected 'p', 'u', '-', '+', '/' or the end, found byte 0x00"},
    // VLANs that do not go together
    {"10p/10", "5: 10 names VLAN 10 again"},
    {"10/10", "4: 10 names VLAN 10 again"},
    {"10p/5-15", "5: 5-15 names VLAN 10 again"},
    {"1p/10-20/15-30u", "10: 15-30u names VLAN 15 again"},
    {"110p/100+10x4", "6: 100+10x4 names VLAN 110 again"},
    {"1p/10+2x2/12+3x2", "11: 12+3x2 names VLAN 12 again"},
    {"10p/20p", "5: 20p is a second PVID after 10p"},
    {"10p/10p", "5: 10p is a second PVID after 10p"},
    {"1p/2-9/30p/40p", "8: 30p is a second PVID after 1p"},
    {"10/20", "1: no PVID among its 2 VLANs; mark one with p, for example 10p/20"},
    {"10u/20u", "1: no PVID among its 2 VLANs; mark one with p, for example 10p/20"},
    {"1-4094", "1: no PVID among its 4094 VLANs; mark one with p, for example 10p/20"},
    {"100+10x4", "1: no PVID among its 5 VLANs; mark one with p, for example 10p/20"},
};

TEST(VlanSpec, ThatIsWrongIsAnsweredWithThePlaceAndWhatIsAllowed) {
  EXPECT_GE(std::size(wrong_vlan_specs), 60U);
  for (const auto& [text, answer] : wrong_vlan_specs)
    EXPECT_EQ(vlans_of(text), "wrong at " + std::string(answer)) << text;
}

// The script's own pattern: NAME, NAME.TAG, NAME:VID:VID, NAME.TAG:VID:VID.
TEST(BridgeSpec, OfXensOpenVswitchScriptMeansWhatItsWriterMeans) {
  EXPECT_EQ(port_of("ovsbr0"), "ovsbr0: ");
  EXPECT_EQ(port_of("ovsbr0.10"), "ovsbr0: 10pu");
  EXPECT_EQ(port_of("ovsbr0:10:20"), "ovsbr0: 10 20");
  EXPECT_EQ(port_of("ovsbr0.1:10:20"), "ovsbr0: 1pu 10 20");
}

TEST(BridgeSpec, OfLibvirtIsReadToo) {
  EXPECT_EQ(port_of("xenbrtrunk.42"), "xenbrtrunk: 42pu");
  EXPECT_EQ(port_of("xenbrtrunk:47:42:43"), "xenbrtrunk: 42 43 47");
}

TEST(BridgeSpec, TakesEveryNameThatTheKernelTakesWithoutDotsAndColons) {
  for (const auto* name :
       {"b", "xenbr-lan_7", "fifteen-letters", "b{vid}", "br0+4", "\"br\"", "10"})
    EXPECT_EQ(port_of(name), std::string(name) + ": ") << name;
  EXPECT_EQ(port_of("10.10:4094:1"), "10: 1 10pu 4094");
}

const GrammarLine wrong_bridge_specs[] = {
    {"", "1: bridge name is empty"},
    {".10", "1: bridge name is empty"},
    {":10", "1: bridge name is empty"},
    {".", "1: bridge name is empty"},
    {"..", "1: bridge name is empty"},
    {"sixteen-letters-", "1: bridge name is 16 bytes long, at most 15 are allowed"},
    {"sixteen-letters-.10", "1: bridge name is 16 bytes long, at most 15 are allowed"},
    {"br 0", "1: bridge name has white space in it"},
    {"br0\n.10", "1: bridge name has white space in it"},
    {"../br0", "1: bridge name is empty"},
    {"br/0:10", "1: bridge name has '/' in it"},
    {"br%d", "1: bridge name has '%' in it"},
    {std::string_view("br0\0", 4), "1: bridge name has a NUL byte in it"},
    {"br0.", "5: expected a VLAN id from 1 to 4094, found nothing"},
    {"br0:", "5: expected a VLAN id from 1 to 4094, found nothing"},
    {"br0.abc", "5: expected a VLAN id from 1 to 4094, found 'a'"},
    {"br.lan", "4: expected a VLAN id from 1 to 4094, found 'l'"},
    {"br0..10", "5: expected a VLAN id from 1 to 4094, found '.'"},
    {"br0.:10", "5: expected a VLAN id from 1 to 4094, found ':'"},
    {"br0::10", "5: expected a VLAN id from 1 to 4094, found ':'"},
    {"br0.10:", "8: expected a VLAN id from 1 to 4094, found nothing"},
    {"br0:10:", "8: expected a VLAN id from 1 to 4094, found nothing"},
    {"br0:10::20", "8: expected a VLAN id from 1 to 4094, found ':'"},
    {"br0.0", "5: expected a VLAN id from 1 to 4094, found 0"},
    {"br0.4095", "5: expected a VLAN id from 1 to 4094, found 4095"},
    {"br0:10:5000", "8: expected a VLAN id from 1 to 4094, found 5000"},
    {"br0.99999999999999", "5: expected a VLAN id from 1 to 4094, found 999999999999..."},
    {"br0.010", "5: 010 begins with 0, which some programs read as octal"},
    {"br0.10.20", "7: expected ':' or the end, found '.'"},
    {"br0:10.20", "7: expected ':' or the end, found '.'"},
    {"br0.10p", "7: expected ':' or the end, found 'p'"},
    {"br0:10-20", "7: expected ':' or the end, found '-'"},
    {"br0:10,20", "7: expected ':' or the end, found ','"},
    {"br0.10/20", "7: expected ':' or the end, found '/'"},
    {"br0.10 ", "7: expected ':' or the end, found a space"},
    {"br0. 10", "5: expected a VLAN id from 1 to 4094, found a space"},
    {"br0.-1", "5: expected a VLAN id from 1 to 4094, found '-'"},
    {"br0:10:20:10", "11: VLAN 10 is named twice"},
    {"br0.10:10", "8: VLAN 10 is named twice"},
    {"br0.10:20:10:30", "11: VLAN 10 is named twice"},
};

TEST(BridgeSpec, ThatIsWrongIsAnsweredWithThePlaceAndWhatIsAllowed) {
  for (const auto& [text, answer] : wrong_bridge_specs)
    EXPECT_EQ(port_of(text), "wrong at " + std::string(answer)) << text;
}

}  // namespace
}  // namespace vifchain

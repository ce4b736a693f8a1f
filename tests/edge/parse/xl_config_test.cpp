// SPDX-License-Identifier: Apache-2.0
// Guests' configurations through Xen's libxlutil, and libvirt's through the XML reader.
#include "edge/parse/xl_config.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/guests/libvirt_guest.hpp"
#include "core/guests/xl_guest.hpp"
#include "edge/parse/xml.hpp"

namespace vifchain {
namespace {

constexpr const char* right = R"(# a guest
name = "web"
type = 'pv'
memory = 512
vif = [ 'bridge=xenbr0',
        "bridge=xenbr1" ]
vif += [ 'bridge=xenbr2' ]
)";

XlSettings settings(const std::string& text) {
  auto read = open_xl_reader()->read(text, guest_keys);
  if (const auto* mistakes = std::get_if<std::vector<XlMistake>>(&read))
    ADD_FAILURE() << mistakes->front().text;
  return std::get<XlSettings>(std::move(read));
}

std::vector<XlMistake> mistakes(const std::string& text) {
  auto read = open_xl_reader()->read(text, guest_keys);
  auto* wrong = std::get_if<std::vector<XlMistake>>(&read);
  return wrong == nullptr ? std::vector<XlMistake>{} : std::move(*wrong);
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

TEST(XlConfig, TellsValuesAndTheirLines) {
  const auto read = settings(right);
  EXPECT_EQ(std::get<std::string>(read.at("name").value), "web");
  EXPECT_EQ(read.at("name").line, 2U);
  const auto& vifs = std::get<std::vector<XlItem>>(read.at("vif").value);
  ASSERT_EQ(vifs.size(), 3U);
  EXPECT_EQ(vifs[0].text, "bridge=xenbr0");
  EXPECT_EQ(vifs[0].line, 5U);
  EXPECT_EQ(vifs[1].line, 6U);
  EXPECT_EQ(vifs[2].text, "bridge=xenbr2");
  EXPECT_EQ(vifs[2].line, 7U);
  EXPECT_FALSE(read.contains("memory")) << "nobody asked for it";
  EXPECT_FALSE(read.contains("builder"));
}

TEST(XlConfig, TellsWhatIsWrongAndWhere) {
  const auto wrong = mistakes("name = 'web'\nvif = [ 'a'\n\n= x\n");
  ASSERT_FALSE(wrong.empty());
  EXPECT_EQ(wrong[0].line, 4U);
  EXPECT_TRUE(wrong[0].text.find("syntax error") != std::string::npos) << wrong[0].text;
}

TEST(XlConfig, IsWrongInsteadOfTheEndOfUs) {
  EXPECT_FALSE(mistakes("vif=" + std::string(20000, '[')).empty());
  EXPECT_FALSE(mistakes(std::string("vif=\0\n", 6)).empty());
  EXPECT_FALSE(mistakes("vif = [ 'a\\0b' ]\n").empty());
  EXPECT_FALSE(mistakes("\xff\xfe").empty());
  EXPECT_TRUE(mistakes("").empty());
  EXPECT_TRUE(mistakes("vif = [ '" + std::string(100000, 'x') + "' ]\n").empty());
}

TEST(XlConfig, PrintsNothingAndLeavesNothingOpen) {
  const auto reader = open_xl_reader();
  const auto before = open_descriptors();
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 100; ++i) {
    (void)reader->read(right, guest_keys);
    (void)reader->read("import os\n", guest_keys);
  }
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(open_descriptors(), before);
}

XmlElement tree(const std::string& text) {
  auto read = parse_xml(text);
  if (const auto* wrong = std::get_if<XmlMistake>(&read)) ADD_FAILURE() << wrong->text;
  return std::get<XmlElement>(std::move(read));
}

std::string mistake(const std::string& text) {
  const auto read = parse_xml(text);
  const auto* wrong = std::get_if<XmlMistake>(&read);
  return wrong == nullptr ? "" : std::to_string(wrong->line) + ": " + wrong->text;
}

TEST(Xml, IsATreeWithLines) {
  const auto domain = tree(
      "<!-- by libvirt -->\n<domain type='xen'>\n <name>a&amp;b</name>\r\n"
      " <x/>\n</domain>\n");
  EXPECT_EQ(domain.name, "domain");
  EXPECT_EQ(domain.line, 2U);
  EXPECT_EQ(domain.attribute("type"), "xen");
  EXPECT_EQ(domain.attribute("id"), "");
  ASSERT_NE(domain.child("name"), nullptr);
  EXPECT_EQ(domain.child("name")->text, "a&b");
  EXPECT_EQ(domain.child("x")->line, 4U);
  EXPECT_EQ(domain.child("y"), nullptr);
}

TEST(Xml, DefinesNothingAndFetchesNothing) {
  EXPECT_EQ(mistake("<!DOCTYPE d [<!ENTITY a 'b'>]>\n<d>&a;</d>"),
            "1: it has a document type, which no file of libvirt's has");
  EXPECT_EQ(mistake("<!DOCTYPE d SYSTEM 'http://192.0.2.1/d.dtd'>\n<d/>"),
            "1: it has a document type, which no file of libvirt's has");
  EXPECT_EQ(tree("<d>&a;</d>").text, "&a;");
}

TEST(Xml, HasItsLimits) {
  std::string deep, many = "<d>";
  for (int i = 0; i < 100000; ++i) deep += "<d>";
  for (int i = 0; i < 100001; ++i) many += "<d/>";
  for (int i = 0; i < 100000; ++i) deep += "</d>";
  EXPECT_EQ(mistake(deep), "1: its elements are more than 32 deep");
  EXPECT_EQ(mistake(many + "</d>"), "1: it has more than 100000 elements");
  EXPECT_EQ(mistake(std::string(5 << 20, ' ')), "0: it is larger than 4 MiB");
  EXPECT_NE(mistake(""), "");
  EXPECT_NE(mistake("<d>\n<e>\n</d>"), "");
}

VifSpec libvirt_vif(const std::string& type, const std::string& inside) {
  const auto guest = read_libvirt_guest(
      "guest.xml",
      tree("<domain type='xen'><name>a</name><devices><interface type='" + type +
           "'><mac address='00:16:3e:00:00:01'/>" + inside + "</interface></devices></domain>"),
      {{"lan", "ovs0"}});
  return guest.vifs.at(0).spec;
}

TEST(LibvirtGuest, HasTheVlansOfASwitchBehindItsName) {
  const std::string on_switch = "<virtualport type='openvswitch'/>";
  const std::string network = "<source network='lan'/>";
  EXPECT_EQ(libvirt_vif("network", network).bridge, "ovs0");
  EXPECT_EQ(libvirt_vif("network", network + on_switch + "<vlan><tag id='7'/></vlan>").bridge,
            "ovs0.7");
  EXPECT_EQ(
      libvirt_vif("network", network + on_switch + "<vlan trunk='yes'><tag id='7'/></vlan>").bridge,
      "ovs0:7");
  EXPECT_EQ(libvirt_vif("bridge", "<source bridge='ovs1'/>" + on_switch +
                                      "<vlan><tag id='7'/><tag id='8'/></vlan>")
                .bridge,
            "ovs1:7:8");
}

TEST(LibvirtGuest, HasTheScriptOfASwitchWhereItNamesNone) {
  const std::string on_switch = "<source bridge='ovs1'/><virtualport type='openvswitch'/>";
  EXPECT_EQ(libvirt_vif("bridge", on_switch).script, "vif-openvswitch");
  EXPECT_EQ(libvirt_vif("bridge", on_switch + "<script path='/x'/>").script, "/x");
  EXPECT_EQ(libvirt_vif("bridge", "<source bridge='br0'/>").script, std::nullopt);
}

TEST(LibvirtGuest, HasNoNameOfTheKindThatLibvirtMakes) {
  const std::string bridge = "<source bridge='br0'/>";
  for (const char* name : {"vif3.0", "vnet0"})
    EXPECT_EQ(libvirt_vif("bridge", bridge + "<target dev='" + name + "'/>").vifname, std::nullopt)
        << name;
  EXPECT_EQ(libvirt_vif("bridge", bridge + "<target dev='web0'/>").vifname, "web0");
}

TEST(XlGuest, IsOfTheTypeThatItsBuilderWasOnce) {
  const auto type = [](const std::string& text) {
    return read_xl_guest("a.cfg", settings("name = 'a'\n" + text), {4, 17}).type;
  };
  EXPECT_EQ(type(""), GuestType::pv);
  EXPECT_EQ(type("builder = 'hvm'\n"), GuestType::hvm);
  EXPECT_EQ(type("builder = 'hvm'\ntype = 'pv'\n"), GuestType::pv) << "the newer word counts";
}

}  // namespace
}  // namespace vifchain

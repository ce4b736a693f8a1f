// SPDX-License-Identifier: Apache-2.0
// What two vifchains say to each other, and what neither believes.
#include "cli/show/vifs_json.hpp"

#include <gtest/gtest.h>

namespace vifchain {
namespace {

WantedVif web() {
  return {.guest = "web",
          .file = "web.cfg",
          .line = 4,
          .number = 1,
          .text = "bridge=xenbr0",
          .nodes = {{"bridge", "xenbr0"}, {"script", "/etc/xen/scripts/vif-chain"}},
          .devid = 1,
          .backend = "netdom",
          .by_libvirt = true,
          .vlans_lost = true};
}

TEST(VifsQuestion, ArrivesAsItWasAsked) {
  const auto read = read_question(question_about({web()}));
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].guest, "web");
  EXPECT_EQ(read[0].file, "web.cfg");
  EXPECT_EQ(read[0].line, 4U);
  EXPECT_EQ(read[0].number, 1U);
  EXPECT_EQ(read[0].nodes, web().nodes);
  EXPECT_EQ(read[0].devid, 1);
  EXPECT_EQ(read[0].backend, "netdom");
  EXPECT_TRUE(read[0].by_libvirt);
  EXPECT_TRUE(read[0].vlans_lost);
  EXPECT_FALSE(read[0].bridge_lost);
}

TEST(VifsQuestion, ThatIsNoneIsRefused) {
  for (const char* text :
       {"", "x", "[]", "{}", R"({"vifchain-vifs":2,"vifs":[]})", R"({"vifchain-vifs":1})",
        R"({"vifchain-vifs":1,"vifs":{}})", R"({"vifchain-vifs":1,"vifs":[{}]})",
        R"({"vifchain-vifs":1,"vifs":[{"guest":1,"vif":0,"nodes":{}}]})",
        R"({"vifchain-vifs":1,"vifs":[{"guest":"a","vif":0,"nodes":{"bridge":[]}}]})"})
    EXPECT_ANY_THROW((void)read_question(text)) << text;
  EXPECT_ANY_THROW((void)read_question(std::string(100000, '[')));
  EXPECT_ANY_THROW((void)read_question(question_about(std::vector<WantedVif>(4097, web()))));
}

TEST(VifsAnswer, ArrivesAsItWasGiven) {
  VifsAnswer given{.config = "/etc/xen/vifchain.toml", .checked = {}};
  given.checked.bridges = {"xenbr0", ""};
  given.checked.findings = {{1, Weight::warning, "its script is vif-bridge"}};
  const auto read = read_answer(answer_text(given), 2);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->config, "/etc/xen/vifchain.toml");
  EXPECT_EQ(read->checked.bridges, given.checked.bridges);
  ASSERT_EQ(read->checked.findings.size(), 1U);
  EXPECT_EQ(read->checked.findings[0].vif, 1U);
  EXPECT_EQ(read->checked.findings[0].weight, Weight::warning);
  EXPECT_EQ(read->checked.findings[0].text, "its script is vif-bridge");
}

TEST(VifsAnswer, SpeaksToNoTerminal) {
  VifsAnswer given{.config = "\033[2J", .checked = {}};
  given.checked.bridges = {"\033]0;x\a"};
  given.checked.findings = {{0, Weight::note, "\033[31m\r\n"}};
  const auto read = read_answer(answer_text(given), 1);
  ASSERT_TRUE(read);
  for (const auto& text : {read->config, read->checked.bridges[0], read->checked.findings[0].text})
    for (const char c : text) EXPECT_GE(c, ' ') << text;
}

TEST(VifsAnswer, AboutOtherVifsIsNone) {
  VifsAnswer given{.config = "x", .checked = {}};
  given.checked.bridges = {"a"};
  EXPECT_TRUE(read_answer(answer_text(given), 1));
  EXPECT_FALSE(read_answer(answer_text(given), 2));
  given.checked.findings = {{1, Weight::note, "beyond the last"}};
  EXPECT_FALSE(read_answer(answer_text(given), 1));
  for (const char* text : {"", "vifchain: unknown word", "{}", "null", "[1]",
                           R"({"vifchain-answer":2,"config":"","bridges":[],"findings":[]})",
                           R"({"vifchain-answer":1,"config":"","bridges":3,"findings":[]})"})
    EXPECT_FALSE(read_answer(text, 0)) << text;
}

}  // namespace
}  // namespace vifchain

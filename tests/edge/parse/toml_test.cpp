// SPDX-License-Identifier: Apache-2.0
#include "edge/parse/toml.hpp"

#include <gtest/gtest.h>

#include "edge/base/error.hpp"

namespace vifchain {
namespace {

Table document(std::string_view text) {
  auto result = parse_document(text);
  const auto* wrong = std::get_if<Diagnostics>(&result);
  if (wrong != nullptr) ADD_FAILURE() << show(wrong->at(0), "text");
  return wrong == nullptr ? std::get<Table>(result) : Table{};
}

Diagnostics syntax_errors(std::string_view text) {
  auto result = parse_document(text);
  return std::holds_alternative<Diagnostics>(result) ? std::get<Diagnostics>(result)
                                                     : Diagnostics{};
}

TEST(Config, KeepsTheOrderOfTheFile) {
  const auto tables = document("[z]\nb = 1\na = 2\n[a]\n[z.y]\n");
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_EQ(tables[0].key, "z");
  EXPECT_EQ(tables[1].key, "a");
  const auto& z = std::get<Table>(tables[0].node.value);
  ASSERT_EQ(z.size(), 3U);
  EXPECT_EQ(z[0].key, "b");
  EXPECT_EQ(z[1].key, "a");
  EXPECT_EQ(z[2].key, "y");
}

TEST(Config, KnowsWhereKeysAndValuesAre) {
  const auto tables = document("\n  [bond.\"b 1\"]\n\tports = [ \"eth0\",\n    0x1f ]\n");
  const auto& bond = std::get<Table>(tables[0].node.value)[0];
  EXPECT_EQ(tables[0].place, (Place{2, 4}));
  EXPECT_EQ(bond.key, "b 1");
  EXPECT_EQ(bond.place, (Place{2, 9}));
  const auto& ports = std::get<Table>(bond.node.value)[0];
  EXPECT_EQ(ports.place, (Place{3, 2}));
  EXPECT_EQ(ports.node.place, (Place{3, 10}));
  EXPECT_EQ(ports.node.text, "[ \"eth0\",…");
  const auto& list = std::get<Array>(ports.node.value);
  EXPECT_EQ(list[0].place, (Place{3, 12}));
  EXPECT_EQ(list[0].text, "\"eth0\"");
  EXPECT_EQ(list[1].place, (Place{4, 5}));
  EXPECT_EQ(list[1].text, "0x1f");
}

TEST(Config, CountsColumnsInBytes) {
  const auto tables = document("\"ä\" = [\"größe\", 1]\n");
  const auto& list = std::get<Array>(tables[0].node.value);
  EXPECT_EQ(tables[0].node.place, (Place{1, 8}));
  EXPECT_EQ(list[1].place, (Place{1, 20}));
}

TEST(Config, ReadsEveryTypeOfValue) {
  const auto tables = document("a = \"x\"\nb = -3\nc = 2.5\nd = true\ne = 'y'\nf = 2020-01-01\n");
  EXPECT_EQ(std::get<std::string>(tables[0].node.value), "x");
  EXPECT_EQ(std::get<std::int64_t>(tables[1].node.value), -3);
  EXPECT_EQ(std::get<double>(tables[2].node.value), 2.5);
  EXPECT_EQ(std::get<bool>(tables[3].node.value), true);
  EXPECT_EQ(std::get<std::string>(tables[4].node.value), "y");
  EXPECT_EQ(tables[5].node.text, "2020-01-01");
}

TEST(Config, ReadsFilesOfOtherSystems) {
  const auto tables = document("\xef\xbb\xbf[bond]\r\nx = 1\r\n");
  EXPECT_EQ(tables[0].place, (Place{1, 2}));
  EXPECT_EQ(std::get<Table>(tables[0].node.value)[0].node.text, "1");
}

TEST(Config, ShortensLongTexts) {
  const auto tables = document("a = \"" + std::string(100, 'x') + "\"\n");
  EXPECT_EQ(tables[0].node.text, "\"" + std::string(39, 'x') + "…");
}

TEST(Config, SaysWhereTheSyntaxIsWrong) {
  const auto wrong = syntax_errors("[bond.bond1]\nmode = \"802.3ad\n");
  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_EQ(wrong[0].place.line, 2U);
  EXPECT_EQ(wrong[0].text, "mode = \"802.3ad");
}

TEST(Config, RefusesWhatWouldBeTooMuch) {
  EXPECT_EQ(syntax_errors(std::string((4U << 20) + 1, '#')).at(0).message,
            "the file is larger than 4 MiB");
  std::string deep = "a";
  for (int i = 0; i < 100000; ++i) deep += ".a";
  EXPECT_EQ(syntax_errors(deep + " = 1").at(0).message, "there are more than 32 dots in a key");
  EXPECT_EQ(syntax_errors("a = " + std::string(100000, '[')).size(), 1U);
}

// Each of these ends toml++ 3.3 by an assertion or in undefined behaviour.
TEST(Config, KeepsFromTheParserWhatItCannotStand) {
  for (const char* text : {"[\\x]", "[bridge.\xcc\x9b]", "a = 3\"\xd0\xbb\"", "a =0[\"\xcb\x8a",
                           "a = \"\"\"\xc3\xa9\"\"\""})
    EXPECT_EQ(syntax_errors(text).size(), 1U) << text;
  document(
      "# é\n[b.\"é\"]\np = [\"é\", 'é'] # é\nq = {a.\"é\"=\"é\",b='\"é'}\n\"é\".x=\"\\\"é\"\n");
}

TEST(Config, RefusesWhatIsNoText) {
  EXPECT_EQ(syntax_errors(std::string_view("a = \"\0\"", 7)).at(0).place, (Place{1, 6}));
  const char* const bad[] = {"\xff",     "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                             "\xe2\x82", "\x80"};
  for (const auto* bytes : bad)
    EXPECT_EQ(syntax_errors("# ok\n# " + std::string(bytes)).at(0).place, (Place{2, 3}));
}

TEST(Config, ShowsADiagnosticAsOneSentenceOnOneLine) {
  const Diagnostic typo{{3, 8}, "\"802.3add\"", "mode must be one of \"802.3ad\"", "802.3ad"};
  EXPECT_EQ(show(typo, "vifchain.toml"),
            "vifchain.toml:3:8: \"802.3add\": mode must be one of \"802.3ad\"; did you mean "
            "\"802.3ad\"?");
  EXPECT_EQ(show({{1, 1}, "a\nb", "is wrong", ""}, "f"), "f:1:1: a?b: is wrong");
  EXPECT_EQ(show({{1, 2}, "", "is wrong", ""}, "f"), "f:1:2: is wrong");
}

TEST(Config, ThatIsMissingIsAnErrorThatSaysWhatToDo) {
  try {
    load_topology("/nonexistent/vifchain.toml");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
    EXPECT_STREQ(
        error.what(),
        "cannot read /nonexistent/vifchain.toml: No such file or directory; hint: vifchain "
        "import > /nonexistent/vifchain.toml, or see vifchain.toml(5)");
  }
}

TEST(Config, ThatIsAFolderIsAnError) {
  EXPECT_THROW(load_topology("/"), Error);
}

}  // namespace
}  // namespace vifchain

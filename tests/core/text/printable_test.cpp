// SPDX-License-Identifier: Apache-2.0
// Text of others on its way to a terminal, a log or hotplug-error.
#include "core/text/printable.hpp"

#include <gtest/gtest.h>

#include "core/text/document.hpp"
#include "core/view/words.hpp"

namespace vifchain {
namespace {

TEST(Printable, LeavesLettersOfAllLanguagesAsTheyAre) {
  EXPECT_EQ(printable("web/0, größer, наследие, 網"), "web/0, größer, наследие, 網");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, HasAQuestionMarkForWhatATerminalActsUpon) {
  EXPECT_EQ(printable("\033[2J"), "?[2J");
  EXPECT_EQ(printable("a\x7f\r\n\tb"), "a????b");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m\xc2\x80\xc2\x9f"),
            "?31m??")
      << "C1";
  EXPECT_EQ(printable("\xc2\xa0"), "\xc2\xa0") << "no more than C1";
}

TEST(Printable, HasAQuestionMarkForMarksThatTurnTheDirectionOrEndALine) {
  for (const char* mark : {"\u061c", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d",
                           "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u2028", "\u2029"})
    EXPECT_EQ(printable(std::string("a") + mark + "b"), "a?b") << mark;
  for (const char* other : {"\u200d", "\u2027", "\u202f", "\u2065", "\u206a", "…", "├"})
    EXPECT_EQ(printable(other), other);
}

TEST(Printable, HasAQuestionMarkForEachByteThatIsNoUtf8) {
  EXPECT_EQ(printable("\xff\xfe"), "??");
  EXPECT_EQ(printable("\x9b"), "?") << "C1 in eight bits";
  EXPECT_EQ(printable("\xe2\x80"), "??") << "cut off";
  EXPECT_EQ(printable("\xc0\x9b\xe0\x80\x9b"), "?????") << "overlong";
  EXPECT_EQ(printable("\xed\xa0\x80"), "???") << "half of a pair";
}

TEST(Printable, LeavesLinesLinesWhereThereMayBeSeveral) {
  EXPECT_EQ(printable_lines("a\033\nb\n"), "a?\nb\n");
  EXPECT_EQ(printable_lines(""), "");
}

TEST(Printable, IsOneLineOfBoundedSizeThatEndsInNoHalfCharacter) {
  EXPECT_EQ(printable_line("a\nb\tc", 100), "a b c");
  EXPECT_EQ(printable_line("0123456789", 10), "0123456789");
  EXPECT_EQ(printable_line("0123456789a", 10), "0123456...");
  EXPECT_EQ(printable_line("012345\xc3\xa4\xc3\xa4\xc3\xa4", 10), "012345...");
  EXPECT_LE(printable_line(std::string(100000, '\x01'), 1000).size(), 1000U);
}

TEST(Printable, IsWhatIsSaidOfAFile) {
  const Diagnostic wrong{{1, 2}, "k\u202e\xc2\x9b", "no \033key", ""};
  EXPECT_EQ(show(wrong, "f\033"), "f?:1:2: k??: no ?key");
}

}  // namespace
}  // namespace vifchain

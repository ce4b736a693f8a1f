// SPDX-License-Identifier: Apache-2.0
// Shell text as the commands that it comes to, and what is said where only a run would tell.
#include "convert/import/script/shell.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace vifchain {
namespace {

ShellRead read(std::string_view text) {
  return read_shell({.file = "script",
                     .text = text,
                     .name = "/etc/xen/scripts/script",
                     .arguments = {"start", "vifnum=0"}});
}

// The commands, one a line, their words between | and what is unknown as ?.
std::string commands_of(std::string_view text) {
  std::string all;
  for (const auto& command : read(text).commands) {
    std::string line;
    for (const auto& word : command.words) line += (line.empty() ? "" : "|") + word;
    if (!command.into.empty()) line += " > " + command.into;
    std::ranges::replace(line, unknown_part, '?');
    all += (all.empty() ? "" : "\n") + line;
  }
  return all;
}

std::string remarks_of(std::string_view text) {
  std::string all;
  for (const auto& remark : read(text).remarks)
    all += (all.empty() ? "" : "\n") + std::to_string(remark.at.line) + ": " + remark.why;
  return all;
}

TEST(Shell, SplitsWordsWhereNothingIsQuoted) {
  EXPECT_EQ(commands_of("a 'b c'  \"d e\"f\\ g # h"), "a|b c|d ef g");
  EXPECT_EQ(commands_of("a \\\n b; c&d\ne '' \"\""), "a|b\nc\nd\ne||");
}

TEST(Shell, PutsVariablesIn) {
  EXPECT_EQ(commands_of("x=eth0 y=\"a b\"; a $x ${x}.5 \"$y\" $y '$x' $z \"$z\""),
            "a|eth0|eth0.5|a b|a|b|$x|");
  EXPECT_EQ(commands_of("a ${x:-eth1} ${y-z}; : ${w:=v}; b $w ${w:+set}"), "a|eth1|z\nb|v|set");
  EXPECT_EQ(commands_of("p=eth0:xenbr0; a ${p%%:*} ${p##*:} ${#p}"), "a|eth0|xenbr0|11");
}

TEST(Shell, KnowsItsArgumentsAndItsName) {
  EXPECT_EQ(commands_of("\"$(dirname \"$0\")/network-bridge\" \"$@\" $# $1"),
            "/etc/xen/scripts/network-bridge|start|vifnum=0|2|start");
  EXPECT_EQ(commands_of("OP=$1; shift; a $OP $*"), "a|start|vifnum=0");
  EXPECT_EQ(commands_of("set -e; set -- x y; a $2 $1"), "a|y|x");
}

TEST(Shell, FollowsLoops) {
  EXPECT_EQ(commands_of("for i in 1 $(seq 2) $(seq 4 5); do a eth$i; done"),
            "a|eth1\na|eth1\na|eth2\na|eth4\na|eth5");
  EXPECT_EQ(commands_of("for i in 1 2 3; do [ $i = 2 ] && continue; a $i; done"), "a|1\na|3");
  EXPECT_EQ(commands_of("for i; do a $i; break; done"), "a|start");
}

TEST(Shell, TakesTheBranchThatIsTaken) {
  EXPECT_EQ(commands_of("case \"$1\" in stop) a;; st*|x) b;; *) c;; esac"), "b");
  EXPECT_EQ(commands_of("if [ \"$1\" = stop ]; then a; elif [ -n \"$1\" ]; then b; else c; fi"),
            "b");
  EXPECT_EQ(commands_of("[[ $1 == st?rt && -z $none ]] && a || b"), "a");
  EXPECT_EQ(commands_of("false || a; true && b; ! true || c; exit; d"), "a\nb\nc");
}

TEST(Shell, InlinesFunctions) {
  EXPECT_EQ(
      commands_of("f() { local n=$1; a $n; return; b; }\nfunction g { f \"$2\"; }\ng x y; c $1"),
      "a|y\nc|start");
}

TEST(Shell, ReadsOutputThatGoesToFiles) {
  EXPECT_EQ(commands_of("echo +eth0 > /sys/x; echo 1 | tee /sys/y; a 2>&1 >/dev/null"),
            "echo|+eth0 > /sys/x\necho|1 > /sys/y\ntee|/sys/y\na > /dev/null");
}

TEST(Shell, SkipsHereDocuments) {
  EXPECT_EQ(commands_of("cat <<EOF > x\nb 'c\nEOF\nd <<-'E F'\n\t$(e\n\tE F\ng"), "cat > x\nd\ng");
}

TEST(Shell, RunsNoCommandToKnowItsOutput) {
  EXPECT_EQ(commands_of("a $(reboot) `hostname`x; b $RANDOM"), "a|?|?x\nb|?");
  EXPECT_EQ(commands_of("x=$(reboot); a \"$x\" ${x:-y}"), "a|?|?");
}

// A test for what is there already is the usual way to do a thing once.
TEST(Shell, TakesWhatIsDoneOnlyWhereSomethingIsMissingAsDone) {
  constexpr auto once = "[ -d /sys/class/net/br0 ] || brctl addbr br0";
  EXPECT_EQ(commands_of(once), "brctl|addbr|br0");
  EXPECT_EQ(remarks_of(once), "");
}

TEST(Shell, SaysWhatDependsOnARun) {
  EXPECT_EQ(remarks_of("if [ \"$(uname -r)\" = 2.6 ]; then\n brctl addbr br0\nfi"),
            "1: what depends on this is taken as done: only a run would tell");
  EXPECT_EQ(remarks_of("if [ -d /x ]; then brctl addbr a; else brctl addbr b; fi"),
            "1: what depends on this is taken as done: only a run would tell");
  EXPECT_EQ(remarks_of("for n in $(ls); do a $n; done"),
            "1: the loop goes over what only a run would tell, and is not followed there");
  EXPECT_EQ(remarks_of("for n in /sys/class/net/eth*; do a $n; done"),
            "1: the loop goes over what only a run would tell, and is not followed there");
  EXPECT_EQ(remarks_of("eval a"), "1: eval is not followed");
}

TEST(Shell, TakesEveryBranchThatAnUnknownPatternMayChoose) {
  EXPECT_EQ(commands_of("case eth0 in $(b)) brctl addbr b;; eth0) c;; *) d;; esac"),
            "brctl|addbr|b\nc");
  EXPECT_EQ(commands_of("case $(b) in b) c;; d|*) d;; e) e;; esac"), "c\nd");
  EXPECT_EQ(remarks_of("case eth0 in $(b)) brctl addbr b;; esac"),
            "1: what depends on this is taken as done: only a run would tell");
}

TEST(Shell, DoesNotKnowWhatIsLeftOfAValueWithoutAnUnknownPart) {
  EXPECT_EQ(commands_of("x=eth0; y=$(b); a ${x%$(b)} ${y%%:*} ${y:+c} ${#y}"), "a|?|?|?|?");
}

TEST(Shell, DoesNotKnowWhatAFileSetsThatItCannotRead) {
  EXPECT_EQ(commands_of(". /etc/default/x; a $b"), "a|?");
  EXPECT_EQ(remarks_of("\n. /etc/default/x"),
            "2: the file that is read here is not followed: give it as well");
}

// What is set on a way that is only perhaps taken is not known afterwards.
TEST(Shell, ForgetsWhatWasPerhapsChanged) {
  EXPECT_EQ(commands_of("x=1; grep -q y z && x=2; a $x"), "grep|-q|y|z\na|?");
}

TEST(Shell, StopsWhereTheTextIsBroken) {
  constexpr std::string_view text = "a\nb 'c\nd";
  EXPECT_EQ(commands_of(text), "a\nb|c\nd");
  EXPECT_EQ(remarks_of(text),
            "2: the shell text cannot be read from here on: the quote ' is not closed");
  EXPECT_EQ(remarks_of("if a; then b\n"),
            "2: the shell text cannot be read from here on: the end comes before \"fi\"");
}

TEST(Shell, ComesToAnEndWhateverItIsGiven) {
  EXPECT_EQ(commands_of("while :; do a; done"), "a");
  EXPECT_EQ(remarks_of("f() { f; f; }; f"), "1: \"f\" calls itself without an end");
  EXPECT_EQ(commands_of("x=a; for i in $(seq 64); do x=$x$x; done; a $x"), "a|?");
  EXPECT_EQ(commands_of("for i in $(seq 999999999); do a; done; b $(seq 999999999)"), "b|?");
  std::string nested;
  for (int i = 0; i < 5000; ++i) nested += "( ";
  EXPECT_EQ(remarks_of(nested),
            "1: the shell text cannot be read from here on: it is nested too deeply");
  EXPECT_EQ(remarks_of("a=" + std::string((1 << 20) + 1, 'b')),
            "0: it is longer than 1 MiB: what follows is not read");
}

// What follows the number of the line in the remark on a construct that is left out.
constexpr auto way =
    " is not followed, and what it comes to counts as unknown: \"vifchain import --from-kernel\" "
    "takes over what is there now";

TEST(Shell, SaysWhereItMeetsAConstructThatItDoesNotFollow) {
  EXPECT_EQ(remarks_of("a\nb $((1 + 2))"), std::string("2: arithmetic") + way);
  EXPECT_EQ(remarks_of("((i = 1))"), std::string("1: arithmetic") + way);
  EXPECT_EQ(remarks_of("let i=1"), std::string("1: arithmetic") + way);
  EXPECT_EQ(remarks_of("N=(eth0\neth1)"), std::string("2: an array") + way);
  EXPECT_EQ(remarks_of("a\na ${N[0]}"), std::string("2: an array") + way);
  EXPECT_EQ(remarks_of("N[1]=eth0"), std::string("1: an array") + way);
  EXPECT_EQ(remarks_of("a br{0,1}"), std::string("1: brace expansion") + way);
  EXPECT_EQ(remarks_of("a {1..3}"), std::string("1: brace expansion") + way);
  EXPECT_EQ(remarks_of("while read n; do a $n; done < f"), std::string("1: a while loop") + way);
  EXPECT_EQ(remarks_of("until b; do a; done"), std::string("1: an until loop") + way);
}

TEST(Shell, SaysSoOnceForEachConstruct) {
  EXPECT_EQ(remarks_of("a $((1))\nb $((2))"), std::string("1: arithmetic") + way);
  EXPECT_EQ(remarks_of("(a $((1)))\nb $((2)) | c"), std::string("1: arithmetic") + way);
}

TEST(Shell, DoesNotKnowWhatAConstructSetsThatItDoesNotFollow) {
  EXPECT_EQ(commands_of("i=1; j=$((i + 1)); a $i $j; ((i += 2)); a $i"), "a|1|?\na|?");
  EXPECT_EQ(commands_of("i=1; a $((i++)); a $i"), "a|?\na|?");
  EXPECT_EQ(commands_of("N=(eth0 eth1); a $N ${N[0]} ${#N[@]}; for n in \"${N[@]}\"; do b; done"),
            "a|?|?|?");
  EXPECT_EQ(commands_of("x=1; x+=(2); N[0]=1; a $x $N"), "a|1?|?");
  EXPECT_EQ(commands_of("for ((i = 0; i < 2; i++)); do a $i; done"), "a|?");
  EXPECT_EQ(commands_of("i=0; x=1; while [ $i -lt 2 ]; do a $i; i=$((i + 1)); x=2; done; b $x"),
            "a|?\nb|?");
}

TEST(Shell, TakesBracesThatExpandToNothingElseAsTheyAre) {
  EXPECT_EQ(commands_of("a {} x{y} \"{1,2}\" '{1..2}' \\{1,2}"), "a|{}|x{y}|{1,2}|{1..2}|{1,2}");
}

// To wait for something is the usual reason for such a loop.
TEST(Shell, SaysNothingOfALoopThatOnlyWaits) {
  EXPECT_EQ(remarks_of("while ! ip link show eth0; do sleep 1; done"), "");
  EXPECT_EQ(remarks_of("while :; do :; done"), "");
}

TEST(Shell, SaysEverythingOfALineOfSomethingElseThere) {
  const Said at{"interfaces", 7, "up a; eval b"};
  const auto read = read_shell({.at = at, .text = "a; eval b"});
  ASSERT_EQ(read.commands.size(), 1U);
  ASSERT_EQ(read.remarks.size(), 1U);
  EXPECT_EQ(read.commands[0].at, at);
  EXPECT_EQ(read.remarks[0].at, at);
}

TEST(Shell, ShowsALineOfWhateverLengthAsOneThatCanBeRead) {
  EXPECT_EQ(said_in("f", 3, "  a\tb\x01  ").text, "a b?");
  EXPECT_LT(said_in("f", 3, std::string(1000, 'x')).text.size(), 200U);
}

}  // namespace
}  // namespace vifchain

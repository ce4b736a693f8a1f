// SPDX-License-Identifier: Apache-2.0
// What the readers of other programs' files are made of: patterns, spans of time, sections, YAML.
#include <gtest/gtest.h>

#include "convert/import/files/ifcfg_files.hpp"
#include "convert/import/files/networkd_units.hpp"
#include "convert/import/files/renderer_keys.hpp"
#include "convert/import/readers.hpp"
#include "core/text/glob.hpp"
#include "core/text/key_file.hpp"
#include "core/text/time_span.hpp"
#include "edge/parse/yaml.hpp"

namespace vifchain {
namespace {

TEST(Glob, MatchesAsTheShellDoes) {
  EXPECT_TRUE(matches_glob("eth*", "eth0"));
  EXPECT_TRUE(matches_glob("*", ""));
  EXPECT_TRUE(matches_glob("e*h*0", "eth10"));
  EXPECT_TRUE(matches_glob("eth?", "eth0"));
  EXPECT_TRUE(matches_glob("eth[0-3]", "eth3"));
  EXPECT_TRUE(matches_glob("eth[!0-3]", "eth4"));
  EXPECT_TRUE(matches_glob("[]x]", "]"));
  EXPECT_TRUE(matches_glob("a\\*", "a*"));
  EXPECT_FALSE(matches_glob("eth*", "enp1s0"));
  EXPECT_FALSE(matches_glob("eth[0-3]", "eth4"));
  EXPECT_FALSE(matches_glob("eth", "eth0"));
  EXPECT_FALSE(matches_glob("a\\*", "ab"));
}

TEST(Glob, TakesABracketThatIsNotClosedForItself) {
  EXPECT_TRUE(matches_glob("a[b", "a[b"));
  EXPECT_FALSE(matches_glob("a[b", "ab"));
}

TEST(Glob, AnswersAtOnceHoweverManyStarsThereAre) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  EXPECT_FALSE(matches_glob(pattern + "b", std::string(5000, 'a')));
}

TEST(Glob, ForANameMatchesThatNameAlone) {
  for (const char* name : {"eth0", "a*b", "x?", "[1]"}) {
    EXPECT_TRUE(matches_glob(glob_for(name), name)) << name;
    EXPECT_FALSE(matches_glob(glob_for(name), std::string(name) + "0")) << name;
  }
  EXPECT_FALSE(matches_glob(glob_for("a*b"), "axb"));
}

TEST(TimeSpan, IsOneInEverySpellingOfSystemd) {
  EXPECT_EQ(time_span("100ms"), 100000);
  EXPECT_EQ(time_span("0.1"), 100000);
  EXPECT_EQ(time_span("1min 30s"), 90000000);
  EXPECT_EQ(time_span("2s500ms"), 2500000);
  EXPECT_EQ(time_span("0"), 0);
  EXPECT_EQ(time_span("250", 1000), 250000) << "netplan counts a bond's times in milliseconds";
}

TEST(TimeSpan, IsNoneOfAnyOtherText) {
  for (const char* text : {"", "soon", "-1", "1 fortnight", "ms", "1..2s", "1e3", "infinity"})
    EXPECT_FALSE(time_span(text)) << text;
  EXPECT_FALSE(time_span("99999999999999s")) << "longer than a century";
}

TEST(TimeSpan, IsWrittenWithoutNeedlessZeros) {
  EXPECT_EQ(in_seconds(2500000), "2.5");
  EXPECT_EQ(in_seconds(300000000), "300");
  EXPECT_EQ(in_milliseconds(100999), "100");
}

TEST(KeyFile, KnowsTheLineAndTheHeadingOfEveryKey) {
  const auto file = read_key_file("[Route]\nGateway=a\n\n# no\n[Route]\nTo = \\\n  b\njunk\n");
  ASSERT_EQ(file.keys.size(), 2u);
  EXPECT_EQ(file.keys[0].line, 2u);
  EXPECT_EQ(file.keys[0].heading, 1u);
  EXPECT_EQ(file.keys[1].line, 6u);
  EXPECT_EQ(file.keys[1].heading, 2u);
  EXPECT_EQ(file.keys[1].value, "b");
  ASSERT_EQ(file.others.size(), 1u);
  EXPECT_EQ(file.others[0].number, 8u);
}

TEST(Networkd, GivesTheFileInEtcThePlaceOfTheOneInRun) {
  DraftConfig draft;
  const auto units =
      networkd_units({{"/run/systemd/network/10-a.netdev", "[NetDev]\nName=run\n"},
                      {"/etc/systemd/network/10-a.netdev", "[NetDev]\nName=etc\n"},
                      {"/etc/systemd/network/10-a.netdev.d/x.conf", "[NetDev]\nKind=bond\n"}},
                     draft);
  ASSERT_EQ(units.netdevs.size(), 1u);
  EXPECT_EQ(units.netdevs[0].value("NetDev", "Name"), "etc");
  EXPECT_EQ(units.netdevs[0].value("NetDev", "Kind"), "bond");
  EXPECT_TRUE(draft.remarks().empty());
}

TEST(Networkd, TakesNothingFromAnEmptyFileThatHidesAnother) {
  DraftConfig draft;
  read_networkd(
      {{"/etc/systemd/network/10-a.network", ""},
       {"/usr/lib/systemd/network/10-a.network", "[Match]\nName=eth0\n[Network]\nDHCP=yes\n"}},
      draft);
  EXPECT_EQ(draft.find("eth0"), nullptr);
  EXPECT_TRUE(draft.remarks().empty());
}

TEST(Networkd, ForgetsTheListBeforeAnEmptyValue) {
  DraftConfig draft;
  const auto units = networkd_units(
      {{"x.network", "[Network]\nAddress=192.0.2.1/24\nAddress=\nAddress=192.0.2.2/24\n"}}, draft);
  const auto all = units.networks.at(0).all("Network", "Address");
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0]->value, "192.0.2.2/24");
}

TEST(Networkd, SpellsAMacInThreeWays) {
  EXPECT_EQ(with_colons("02-00-00-00-00-10"), "02:00:00:00:00:10");
  EXPECT_EQ(with_colons("0200.0000.0010"), "02:00:00:00:00:10");
  EXPECT_EQ(with_colons("02:00:00:00:00:10"), "02:00:00:00:00:10");
}

// What a value becomes there and back, for every option and some of its values.
template <class Key, class To, class From>
void expect_inverse(const Key& key, To to, From from, std::int64_t number) {
  const auto text = to(key, Value(number));
  if (!text) return;
  const auto back = from(key, *text);
  ASSERT_TRUE(back) << spec(key.option).key << "=" << *text;
  EXPECT_EQ(value_of(spec(key.option), *back), Value(number))
      << spec(key.option).key << "=" << *text;
}

TEST(Keys, OfNetworkdAndNetplanComeBackAsTheyWere) {
  for (const auto& option : all_options()) {
    const bool number = option.form == Form::flag || option.form == Form::number ||
                        option.form == Form::choice || option.form == Form::seconds;
    if (!number) continue;
    const auto most = option.form == Form::flag     ? 1
                      : option.form == Form::choice ? option.choices.back().number
                                                    : std::min<std::int64_t>(option.max, 70000);
    for (const std::int64_t value : {option.min, std::min<std::int64_t>(most, 1), most}) {
      if (!value_of(option, show(option.id, value))) continue;  // it is none
      if (const auto* key = networkd_key(option.id))
        expect_inverse(*key, to_networkd, from_networkd, value);
      if (const auto* key = netplan_key(option.id))
        expect_inverse(*key, to_netplan, from_netplan, value);
    }
  }
}

TEST(Ifcfg, UnderstandsTheQuotesOfAShellAndWhatTheFileSaidBefore) {
  DraftConfig draft;
  const auto lines = read_assignments({"ifcfg-x",
                                       "A=plain\nexport B=\"two words\"  # why\nC='$A'\n"
                                       "D=\"${A}-$B\"\nE=a\\ b\n"},
                                      draft);
  std::string all;
  for (const auto& line : lines) all += line.key + "=" + line.value + "\n";
  EXPECT_EQ(all, "A=plain\nB=two words\nC=$A\nD=plain-two words\nE=a b\n");
  EXPECT_TRUE(draft.remarks().empty());
}

TEST(Ifcfg, RunsNothing) {
  DraftConfig draft;
  const auto lines = read_assignments(
      {"ifcfg-x", "A=$(reboot)\nB=`reboot`\nC=\"open\nD=${E:-x}\nreboot\nF=1 reboot\n"}, draft);
  EXPECT_TRUE(lines.empty());
  EXPECT_EQ(draft.remarks().size(), 6u);
}

TEST(Ifcfg, MakesNoValueOfValuesThatGrowsWithoutEnd) {
  std::string text = "A=" + std::string(100, 'x') + "\n";
  for (int i = 0; i < 60; ++i) text += "A=$A$A\n";
  DraftConfig draft;
  for (const auto& line : read_assignments({"ifcfg-x", text}, draft))
    EXPECT_LE(line.value.size(), 8192u);
}

std::string mistake_in(std::string_view text) {
  const auto read = parse_yaml(text);
  const auto* wrong = std::get_if<Diagnostics>(&read);
  if (wrong == nullptr) return {};
  return std::to_string(wrong->front().place.line) + ": " + wrong->front().message;
}

TEST(Yaml, IsATreeOfWordsThatKnowTheirPlaces) {
  const auto read = parse_yaml("network:\n  mode: 802.3ad\n  list: [1, \"two\"]\n  nothing:\n");
  const auto& root = std::get<Table>(read);
  ASSERT_EQ(root.size(), 1u);
  const auto& network = std::get<Table>(root[0].node.value);
  ASSERT_EQ(network.size(), 3u);
  EXPECT_EQ(std::get<std::string>(network[0].node.value), "802.3ad");
  EXPECT_EQ(network[0].place, (Place{2, 3}));
  const auto& list = std::get<Array>(network[1].node.value);
  EXPECT_EQ(std::get<std::string>(list.at(0).value), "1");
  EXPECT_EQ(std::get<std::string>(list.at(1).value), "two");
  EXPECT_EQ(std::get<std::string>(network[2].node.value), "");
}

TEST(Yaml, TakesSeveralDocumentsForOne) {
  const auto read = parse_yaml("a: 1\n---\n---\nb: 2\n");
  EXPECT_EQ(std::get<Table>(read).size(), 2u);
}

TEST(Yaml, PutsWhatAnAnchorNamesInThePlaceOfItsAliases) {
  const auto read = parse_yaml("a: &x {k: v}\nb: *x\n");
  const auto& root = std::get<Table>(read);
  EXPECT_EQ(std::get<Table>(root.at(1).node.value).at(0).key, "k");
}

TEST(Yaml, IsRefusedWhenItsAliasesGrow) {
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char name = 'b'; name <= 'h'; ++name) {
    const std::string before(1, static_cast<char>(name - 1));
    bomb += std::string(1, name) + ": &" + name + " [";
    for (int i = 0; i < 9; ++i) bomb += (i == 0 ? "*" : ",*") + before;
    bomb += "]\n";
  }
  EXPECT_EQ(mistake_in(bomb), "5: there is more in the file than netplan's ever have");
}

TEST(Yaml, IsRefusedWithALineWhereItIsNone) {
  EXPECT_EQ(mistake_in("a: [1\n"), "2: is not YAML: end of sequence flow not found");
  EXPECT_EQ(mistake_in("a:\n\tb: 1\n"), "2: is not YAML: a tab where only blanks may indent");
  EXPECT_EQ(mistake_in("a: 1\nb: \x01\n"), "2: is not YAML: a control byte");
  EXPECT_EQ(mistake_in("- a\n"), "1: must be a mapping, network: …");
  EXPECT_EQ(mistake_in("[a]: 1\n"), "1: a key must be a word");
  EXPECT_EQ(mistake_in("a: &x [*x]\n"), "1: an alias within what it stands for has no end");
  EXPECT_EQ(mistake_in("a: " + std::string(100, '[')), "1: is nested deeper than 32");
  EXPECT_EQ(mistake_in("a: " + std::string(100000, '[')), "1: is nested deeper than 32");
  EXPECT_EQ(mistake_in(""), "");
}

}  // namespace
}  // namespace vifchain

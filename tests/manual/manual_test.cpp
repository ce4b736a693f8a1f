// SPDX-License-Identifier: Apache-2.0
// vifchain.toml(5) and what the program does with its keys say the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/model/accepted.hpp"
#include "core/vif/vlan_grammar.hpp"
#include "edge/parse/toml.hpp"
#include "key_rows.hpp"
#include "man_page.hpp"

namespace vifchain {
namespace {

const std::filesystem::path page = project() / "xen-scripts" / "vifchain.toml.5";

// Keys that are no options: what a table is made of.
const std::set<std::string> structure{
    "ports", "mtu",  "mac",      "link",   "id",   "vids",        "vlans",     "pvid",
    "vif",   "dhcp", "teardown", "linger", "host", "dhcp_client", "addresses", "gateway",
    "ra",    "to",   "protocol", "routes", "via",  "onlink",      "metric",    "accept"};

// A name that the kernel keeps.
constexpr const char* kept_name = "bonding_masters";

bool is_word(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::vector<std::string> words_in(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (is_word(c))
      words.back() += c;
    else if (!words.back().empty())
      words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::vector<std::string> lines_of_page() {
  std::vector<std::string> lines;
  std::istringstream text(unescaped(text_of(page)));
  for (std::string line; std::getline(text, line);)
    if (!line.starts_with(".\\\"")) lines.push_back(line);
  return lines;
}

// Under each heading (.SH, .SS) the keys that have an entry (.TP, then .B or .BR).
std::map<std::string, std::multiset<std::string>> entries() {
  std::map<std::string, std::multiset<std::string>> all;
  std::string heading, before;
  for (const auto& line : lines_of_page()) {
    if (line.starts_with(".SH ") || line.starts_with(".SS ")) heading = line;
    if (before == ".TP" && line.starts_with(".B")) all[heading].insert(words_in(line).at(1));
    before = line;
  }
  return all;
}

std::string said_of(const std::string& key) {
  const auto read = parse_topology("[vif]\n" + key + " = {}\n");
  return std::get<Diagnostics>(read).front().message;
}

// The keys of [vif]: of all words that the reader answers an unknown one with, those of which it
// minds the value and not the key.
std::set<std::string> policy_keys() {
  std::set<std::string> keys;
  for (const auto& word : words_in(said_of("zzzzzzzzzzzzzz")))
    if (said_of(word).find("key") == std::string::npos) keys.insert(word);
  return keys;
}

std::set<std::string> known_words() {
  auto known = policy_keys();
  known.emplace(kept_name);
  known.insert(structure.begin(), structure.end());
  for (const auto& option : all_options()) {
    known.emplace(option.key);
    for (const auto& choice : option.choices) known.emplace(choice.name);
  }
  for (const auto word : acceptable_findings()) known.emplace(word);
  return known;
}

TEST(Keys, HaveRowsAsTheTableOfOptionsHasThem) {
  const auto text = text_of(page);
  EXPECT_EQ(with_rows(text), text) << "tests/write-keys " << page << " writes them";
}

TEST(Keys, HaveNoEntryForAnOptionThatDoesNotExist) {
  auto under = entries();
  for (const auto owner :
       {Owner::bond, Owner::vlan, Owner::bridge, Owner::bridge_port, Owner::bond_port})
    for (const auto& key : under[std::string(heading_of(owner))])
      EXPECT_NE(find_option(owner, key), nullptr) << key << " under " << heading_of(owner);
}

TEST(Keys, SayWhatAChangeDoesToAChainThatCarriesGuests) {
  const auto says = [](Option option) {
    return at_guest_start(spec(option)) + "; " + at_apply(spec(option));
  };
  EXPECT_EQ(says(Option::bond_miimon), "live; no interruption");
  EXPECT_EQ(says(Option::bond_mode), "kept, with a warning; ports leave");
  EXPECT_EQ(says(Option::bond_lacp_rate), "kept, with a warning; link goes down");
  EXPECT_EQ(says(Option::bond_fail_over_mac), "kept, with a warning; ports leave");
  EXPECT_EQ(says(Option::bridge_stp),
            "kept, with a warning; links stay up, guests may lose frames");
  EXPECT_EQ(says(Option::vlan_gvrp), "live; no interruption");
  EXPECT_EQ(says(Option::port_isolated), "live; no interruption");
}

// What the kernel refuses on a link that is up or has ports, no guest's start asks of it.
TEST(Keys, AreKeptAtAGuestsStartWhereverApplyInterrupts) {
  for (const auto& option : all_options()) {
    const bool kept = at_guest_start(option) != "live";
    EXPECT_EQ(kept, at_apply(option) != "no interruption") << option.key;
    EXPECT_TRUE(kept || option.when == When::any) << option.key;
  }
}

TEST(Keys, HaveOneEntryForEachOfAPolicyAndNoOther) {
  auto keys = policy_keys();
  ASSERT_TRUE(keys.contains("antispoof"));
  EXPECT_EQ(keys.erase("bridge"), 1U);  // has its entry under TABLES
  const auto under = entries()[".SH POLICY FOR VIFS"];
  for (const auto& key : keys) EXPECT_EQ(under.count(key), 1U) << key;
  for (const auto& key : under) EXPECT_TRUE(keys.contains(key)) << key;
}

TEST(Keys, ThatThePageNamesExist) {
  const auto known = known_words();
  for (const auto& line : lines_of_page())
    for (const auto& word : words_in(line))
      EXPECT_TRUE(word.find('_') == word.npos || known.contains(word)) << word << " in: " << line;
}

// Every example is read by the program itself; the one of a single key, as a part of a bridge.
TEST(Examples, OfTheConfigurationAreValid) {
  std::vector<std::string> examples;
  for (const auto& each : man_pages())
    std::ranges::copy_if(examples_of(each), std::back_inserter(examples), is_configuration);
  std::ranges::copy_if(blocks_of(project() / "README.md"), std::back_inserter(examples),
                       is_configuration);
  examples.push_back(text_of(project() / "xen-scripts" / "vifchain.toml"));
  for (const auto& toml : examples) {
    const auto read = parse_topology(toml);
    const auto* errors = std::get_if<Diagnostics>(&read);
    EXPECT_EQ(errors, nullptr) << (errors ? errors->front().message : "") << " in:\n" << toml;
  }
  EXPECT_GE(examples.size(), 15U);
}

TEST(Examples, OfAnErrorNameItsPlaceAndTheNearestKey) {
  const auto read = parse_topology("\n\n\n\n\n\n[bridge.xenbrlan]\nprots = []\n");
  const auto error = show(std::get<Diagnostics>(read).front(), "vifchain.toml");
  const auto examples = examples_of(page);
  const auto shown = std::ranges::find_if(
      examples, [](const std::string& example) { return example.find("prots") != example.npos; });
  ASSERT_NE(shown, examples.end());
  for (const auto* part : {"vifchain.toml:8:1: ", "prots", "[bridge.xenbrlan]", "\"ports\"?"}) {
    EXPECT_NE(error.find(part), error.npos) << part << " in: " << error;
    EXPECT_NE(shown->find(part), shown->npos) << part << " in: " << *shown;
  }
}

// vif-chain(8), VLANS: each line is a spec, and what it means.
TEST(Examples, OfTheVlansOfAVifAreValid) {
  std::size_t specs = 0;
  for (const auto& example : examples_of(project() / "xen-scripts" / "vif-chain.8")) {
    std::istringstream lines(example);
    for (std::string line; std::getline(lines, line);) {
      const auto spec = line.substr(0, line.find(' '));
      const auto value = spec.substr(std::min(spec.find('=') + 1, spec.size()));
      if (spec.starts_with("vlan="))
        EXPECT_TRUE(std::holds_alternative<VlanSpec>(read_vlan_spec(value))) << line;
      else if (spec.starts_with("bridge="))
        EXPECT_TRUE(std::holds_alternative<BridgeSpec>(read_bridge_spec(value))) << line;
      else
        continue;
      ++specs;
    }
  }
  EXPECT_GE(specs, 8U);
}

// What status shows of that host is tested with the views.
TEST(Examples, OfStatusInTheReadmeAreTheViewOfItsHost) {
  const std::string call = "# vifchain status\n";
  const auto view = text_of(std::filesystem::path(FIXTURES) / "views" / "readme.txt");
  const auto blocks = blocks_of(project() / "README.md");
  const auto shown = std::ranges::find_if(
      blocks, [&](const std::string& block) { return block.starts_with(call); });
  ASSERT_NE(shown, blocks.end());
  EXPECT_EQ(shown->substr(call.size()), view.substr(0, view.find("\n\n") + 2));
}

TEST(Examples, OfASingleKeyAreValid) {
  const auto examples = examples_of(page);
  const auto routes = std::ranges::find_if(
      examples, [](const std::string& example) { return example.starts_with("routes = "); });
  ASSERT_NE(routes, examples.end());
  const auto read = parse_topology("[bridge.xenbr0]\naddresses = [\"192.0.2.5/24\"]\n" + *routes);
  EXPECT_TRUE(std::holds_alternative<Topology>(read)) << *routes;
}

}  // namespace
}  // namespace vifchain

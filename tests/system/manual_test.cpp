// SPDX-License-Identifier: Apache-2.0
// vifchain.toml(5) and the table of options say the same.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/accepted.hpp"
#include "core/model/option.hpp"
#include "core/plan/preflight/preflight.hpp"
#include "edge/parse/toml.hpp"

namespace vifchain {
namespace {

const std::filesystem::path page =
    std::filesystem::path(FIXTURES).parent_path().parent_path() / "xen-scripts" / "vifchain.toml.5";

// Keys that are no options: what a table is made of.
const std::set<std::string> structure{"ports",    "mtu",    "mac",  "link",       "id",
                                      "vids",     "vlans",  "pvid", "protocol",   "vif",
                                      "teardown", "linger", "dhcp", "dhcp_client"};

// A name that the kernel keeps.
constexpr const char* kept_name = "bonding_masters";

std::string heading_of(Owner owner) {
  switch (owner) {
    case Owner::bond:
      return "OPTIONS OF BONDS";
    case Owner::vlan:
      return "OPTIONS OF VLAN LINKS";
    case Owner::bridge:
      return "OPTIONS OF BRIDGES";
    case Owner::bridge_port:
      return "OPTIONS OF PORTS OF BRIDGES";
    case Owner::bond_port:
      return "OPTIONS OF PORTS OF BONDS";
  }
  return {};
}

bool is_word(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::vector<std::string> words_of(const std::string& text) {
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

void drop(std::string& text, const std::string& part) {
  for (auto at = text.find(part); at != text.npos; at = text.find(part))
    text.erase(at, part.size());
}

// The lines of the page without comments, each "\-" as the "-" that it prints.
std::vector<std::string> lines_of_page() {
  std::vector<std::string> lines;
  std::ifstream file(page);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(".\\\"")) continue;
    for (auto at = line.find("\\-"); at != line.npos; at = line.find("\\-")) line.erase(at, 1);
    lines.push_back(line);
  }
  return lines;
}

// Under each heading (.SH) its entries (.TP and .B KEY), each with its first sentence.
using Entries = std::multimap<std::string, std::string>;

std::map<std::string, Entries> entries_by_heading() {
  std::map<std::string, Entries> all;
  std::string heading, before;
  std::string* sentence = nullptr;
  for (const auto& line : lines_of_page()) {
    if (line.starts_with(".SH ")) heading = line.substr(4);
    drop(heading, "\"");
    const bool macro = line.starts_with(".");
    if (macro) sentence = nullptr;
    if (before == ".TP" && line.starts_with(".B "))
      sentence = &all[heading].emplace(line.substr(3), "")->second;
    if (!macro && sentence != nullptr) {
      *sentence += (sentence->empty() ? "" : " ") + line;
      if (line.ends_with(".")) sentence = nullptr;
    }
    before = line;
  }
  return all;
}

template <typename List, typename Text>
std::string joined(const List& list, const std::string& between, Text text) {
  std::string all;
  for (const auto& element : list) all += (all.empty() ? "" : between) + std::string(text(element));
  return all;
}

std::string values_of(const OptionSpec& option) {
  std::string range = show(option.id, option.min) + " to " + show(option.id, option.max);
  const auto name = [](const Choice& choice) { return choice.name; };
  switch (option.form) {
    case Form::flag:
      return "true | false";
    case Form::number:
      return range;
    case Form::choice:
      return joined(option.choices, " | ", name);
    case Form::seconds:
      return range + " seconds";
    case Form::mac:
      return "MAC address";
    case Form::port:
      return "name of a port";
    case Form::addresses:
      return "list of addresses";
    case Form::qos_map:
      return "list of \"FROM:TO\"";
  }
  return {};
}

std::string modes_of(const OptionSpec& option) {
  if (option.modes == all_bond_modes) return {};
  std::vector<std::string_view> modes;
  for (const auto& mode : spec(Option::bond_mode).choices)
    if (has_option(static_cast<BondMode>(mode.number), option)) modes.push_back(mode.name);
  return "; mode " + joined(modes, ", ", [](std::string_view mode) { return mode; });
}

// What the table says of an option, in the words of the page.
std::string sentence_of(const OptionSpec& option) {
  return values_of(option) + modes_of(option) + (option.when == When::any ? "" : "; fixed") +
         (option.since.empty() ? "" : "; Linux " + std::string(option.since)) + ".";
}

// The keys of [vif] as the reader names them to somebody who is far off.
std::set<std::string> policy_keys() {
  const auto read = parse_topology("[vif]\nzzzzzzzzzzzzzz = 1\n");
  const auto message = std::get<Diagnostics>(read).front().message;
  const auto words = words_of(message.substr(message.find("its keys are ")));
  return {words.begin() + 3, words.end()};
}

// Units of plain numbers are the kernel's, and not in the table.
std::string without_unit(const OptionSpec& option, std::string sentence) {
  if (option.form != Form::number) return sentence;
  for (const auto* unit : {" milliseconds", " seconds"}) drop(sentence, unit);
  return sentence;
}

TEST(Manual, HasOneEntryForEveryOptionUnderTheHeadingOfItsOwner) {
  auto entries = entries_by_heading();
  for (const auto& option : all_options()) {
    const auto heading = heading_of(option.owner);
    EXPECT_EQ(entries[heading].count(std::string(option.key)), 1U)
        << option.key << " under " << heading;
  }
}

TEST(Manual, HasNoEntryForAnOptionThatDoesNotExist) {
  auto entries = entries_by_heading();
  for (const auto owner :
       {Owner::bond, Owner::vlan, Owner::bridge, Owner::bridge_port, Owner::bond_port})
    for (const auto& [key, sentence] : entries[heading_of(owner)])
      EXPECT_NE(find_option(owner, key), nullptr)
          << key << " is no option, and has an entry under " << heading_of(owner);
}

TEST(Manual, HasOneEntryForEveryKeyOfAPolicyAndNoOther) {
  auto entries = entries_by_heading();
  auto keys = policy_keys();
  ASSERT_TRUE(keys.contains("antispoof"));
  EXPECT_EQ(keys.erase("bridge"), 1U);  // has its entry under TABLES
  const auto& under = entries["POLICY FOR VIFS"];
  for (const auto& key : keys) EXPECT_EQ(under.count(key), 1U) << key;
  for (const auto& [key, sentence] : under) EXPECT_TRUE(keys.contains(key)) << key;
}

TEST(Manual, GivesValuesModesAndVersionsAsTheTableHasThem) {
  auto entries = entries_by_heading();
  for (const auto& option : all_options()) {
    const auto& under = entries[heading_of(option.owner)];
    const auto entry = under.find(std::string(option.key));
    ASSERT_NE(entry, under.end()) << option.key;
    EXPECT_EQ(without_unit(option, entry->second), sentence_of(option)) << option.key;
  }
}

TEST(Manual, NamesNoKeyThatDoesNotExist) {
  auto known = policy_keys();
  known.emplace(kept_name);
  known.insert(structure.begin(), structure.end());
  for (const auto& option : all_options()) {
    known.emplace(option.key);
    for (const auto& choice : option.choices) known.emplace(choice.name);
  }
  for (const auto word : acceptable_findings()) known.emplace(word);
  for (const auto& line : lines_of_page())
    for (const auto& word : words_of(line))
      EXPECT_TRUE(word.find('_') == word.npos || known.contains(word)) << word << " in: " << line;
}

TEST(Manual, HasOnlyKnownKeysInItsExamples) {
  auto known = structure;
  known.merge(policy_keys());
  for (const auto& option : all_options()) known.emplace(option.key);
  bool example = false;
  std::size_t keys = 0;
  for (const auto& line : lines_of_page()) {
    if (line == ".EX" || line == ".EE") example = line == ".EX";
    const auto sign = line.find(" = ");
    if (!example || sign == line.npos || line.starts_with("#")) continue;
    const auto words = words_of(line.substr(0, sign));
    ASSERT_EQ(words.size(), 1U) << line;
    EXPECT_TRUE(known.contains(words.front())) << line;
    ++keys;
  }
  EXPECT_GE(keys, 15U);
}

}  // namespace
}  // namespace vifchain

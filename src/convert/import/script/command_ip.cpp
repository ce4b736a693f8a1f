// SPDX-License-Identifier: Apache-2.0
// ip-address(8), and which of ip's objects a command is about.
#include <algorithm>
#include <array>

#include "convert/import/script/command_parts.hpp"

namespace vifchain::inline convert {
namespace {

// ip takes every beginning of a word.
bool begins(std::string_view whole, std::string_view word) {
  return !word.empty() && whole.starts_with(word);
}

bool only_shows(std::string_view verb) {
  return verb.empty() || begins("show", verb) || verb == "list" || verb == "ls" || verb == "get" ||
         verb == "save" || verb == "help" || verb == "monitor";
}

struct AddressWords {
  std::string address, link, label;
  std::vector<std::string> besides;
};

AddressWords address_words(Words words) {
  AddressWords said;
  constexpr std::array<std::string_view, 9> with_value{"broadcast",     "brd",    "anycast",
                                                       "scope",         "peer",   "valid_lft",
                                                       "preferred_lft", "metric", "proto"};
  while (!words.at_end()) {
    const auto word = words.next();
    if (word == "dev") {
      said.link = words.next();
    } else if (word == "local") {
      said.address = words.next();
    } else if (word == "label") {
      said.label = words.next();
    } else if (std::ranges::find(with_value, word) != with_value.end()) {
      const auto value = words.next();
      const bool usual = word == "broadcast" || word == "brd" || value == "global";
      if (!usual) said.besides.push_back(std::string(word) + " " + std::string(value));
    } else if (said.address.empty()) {
      said.address = word;
    } else {
      said.besides.emplace_back(word);
    }
  }
  return said;
}

void add_address(const AddressWords& said, const Said& at, DraftConfig& draft) {
  auto& link = draft.link(link_of_label(said.link), at);
  draft.add_address(link, said.address, {}, at);
  for (const auto& word : said.besides)
    draft.lose(at, "an address has no \"" + word + "\" in a vifchain.toml", link.name);
}

void tell_address(Words words, const Said& at, Telling& telling) {
  const auto verb = words.next();
  if (only_shows(verb)) return;
  const auto said = address_words(words);
  if (said.link.empty()) return telling.draft.lose(at, "names no link (dev …)");
  auto* known = telling.draft.find(link_of_label(said.link));
  if (begins("add", verb) || begins("replace", verb) || begins("change", verb))
    return add_address(said, at, telling.draft);
  if (known == nullptr) return;
  if (begins("flush", verb)) known->addresses.clear();
  if (begins("delete", verb))
    std::erase_if(known->addresses, [&](const LinkAddress& address) {
      return address.str() == said.address || address.address.str() == said.address;
    });
}

// The option of ip itself, and its value where it has one.
void skip_option(Words& words) {
  constexpr std::array<std::string_view, 7> with_value{"-f", "-family", "-n", "-netns",
                                                       "-l", "-loops",  "-rc"};
  const auto option = words.next();
  if (std::ranges::find(with_value, option) != with_value.end()) words.next();
}

bool is_elsewhere(std::string_view option) {
  return option == "-n" || option == "-netns";
}

bool is_batch(std::string_view option) {
  return option == "-b" || option == "-batch";
}

}  // namespace

void tell_ip(const ScriptCommand& command, Telling& telling) {
  Words words(command.words);
  bool v6 = false;
  while (words.peek().starts_with("-")) {
    if (is_elsewhere(words.peek()))
      return telling.draft.lose(command.at, "is about another network namespace");
    if (is_batch(words.peek()))
      return telling.draft.lose(command.at, "reads more commands from a file, which is not read");
    v6 = v6 || words.peek() == "-6";
    skip_option(words);
  }
  const auto object = words.next();
  if (begins("link", object)) return tell_ip_link(words, command.at, telling);
  if (begins("address", object)) return tell_address(words, command.at, telling);
  if (begins("route", object)) return tell_ip_route(words, v6, command.at, telling);
  if (object.empty() || object == "monitor") return;
  if (only_shows(words.peek())) return;
  if (begins("rule", object))
    return telling.draft.lose(command.at, "policy rules have no place in a vifchain.toml");
  telling.draft.lose(command.at, "vifchain has nothing for \"ip " + std::string(object) + "\"");
}

}  // namespace vifchain::inline convert

// SPDX-License-Identifier: Apache-2.0
// ip-address(8), and which of ip's objects a command is about.
#include <algorithm>

#include "convert/import/script/command_parts.hpp"

namespace vifchain::inline convert {
namespace {

bool only_shows(std::string_view verb) {
  return verb.empty() || begins("show", verb) || is_one_of(verb, "list ls get save help monitor");
}

void add_address(const CommandWords& said, const Said& at, DraftConfig& draft) {
  auto& link = draft.link(link_of_label(said.value("dev")), at);
  auto rest = said.others;
  if (!said.has("local") && !rest.empty()) rest.erase(rest.begin());
  draft.add_address(link, said.has("local") ? said.value("local") : said.other(0), {}, at);
  for (const auto& [key, value] : said.options)
    if (!is_one_of(key, "dev local label broadcast brd") && value != "global")
      rest.push_back(value.empty() ? key : key + " " + value);
  for (const auto& word : rest)
    draft.lose(at, "an address has no \"" + word + "\" in a vifchain.toml", link.name);
}

void tell_address(Words words, const Said& at, Telling& telling) {
  const auto verb = words.next();
  if (only_shows(verb)) return;
  const auto said = told_apart(
      words,
      "dev local label broadcast brd anycast scope peer valid_lft preferred_lft metric proto");
  const auto name = said.value("dev");
  if (name.empty()) return telling.draft.lose(at, "names no link (dev …)");
  auto* known = telling.draft.find(link_of_label(name));
  if (begins("add", verb) || begins("replace", verb) || begins("change", verb))
    return add_address(said, at, telling.draft);
  if (known == nullptr) return;
  if (begins("flush", verb)) known->addresses.clear();
  if (begins("delete", verb))
    std::erase_if(known->addresses, [&](const LinkAddress& address) {
      const auto gone = said.has("local") ? said.value("local") : said.other(0);
      return address.str() == gone || address.address.str() == gone;
    });
}

}  // namespace

void tell_ip(const ScriptCommand& command, Telling& telling) {
  Words words(command.words);
  bool v6 = false;
  for (; words.peek().starts_with("-"); words.next()) {
    if (is_one_of(words.peek(), "-n -netns"))
      return telling.draft.lose(command.at, "is about another network namespace");
    if (is_one_of(words.peek(), "-b -batch"))
      return telling.draft.lose(command.at, "reads more commands from a file, which is not read");
    v6 = v6 || words.peek() == "-6";
    if (is_one_of(words.peek(), "-f -family -l -loops -rc")) words.next();
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

// SPDX-License-Identifier: Apache-2.0
#include "edge/dhcp/recognise_client.hpp"

#include <algorithm>
#include <span>
#include <string_view>

namespace vifchain::inline edge::inline dhcp {
namespace {

using Words = std::span<const std::string>;

std::string_view without_folder(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

// What one process says of itself.
struct Said {
  std::vector<LinkName> links = {};
  bool v4 = true, v6 = true;
  bool every_link = false;
};

std::vector<DhcpClient> clients_for(DhcpProgram program, int pid, const Said& said) {
  std::vector<DhcpClient> clients;
  for (const bool v6 : {false, true}) {
    if (v6 ? !said.v6 : !said.v4) continue;
    for (const auto& link : said.links)
      clients.push_back({.program = program, .link = link, .v6 = v6, .pid = pid});
    if (said.every_link) clients.push_back({.program = program, .v6 = v6, .pid = pid});
  }
  return clients;
}

void take_link(Said& said, std::string_view word) {
  if (const auto name = LinkName::parse(word)) said.links.push_back(*name);
}

// Words that are no options, without the values of those options that have one.
template <typename HasValue, typename TakeOption>
Said read_words(Words words, const HasValue& has_value, const TakeOption& take_option) {
  Said said;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (!word.starts_with("-"))
      take_link(said, word);
    else if (take_option(said, word); has_value(word))
      ++i;
  }
  said.every_link = said.links.empty();
  return said;
}

// dhclient(8)
Said dhclient_words(Words words) {
  constexpr std::string_view with_value[] = {"-p",       "-D", "-pf", "-lf", "-df", "-cf",
                                             "-sf",      "-s", "-g",  "-F",  "-e",  "-m",
                                             "-timeout", "-C", "-H",  "-V"};
  bool v6 = false;
  Said said = read_words(
      words,
      [&](std::string_view word) {
        return std::ranges::find(with_value, word) != std::end(with_value);
      },
      [&](Said&, std::string_view word) { v6 = v6 || word == "-6"; });
  said.v4 = !v6;
  said.v6 = v6;
  return said;
}

// dhcpcd(8), before it has its title and where it shows none.
Said dhcpcd_words(Words words) {
  constexpr std::string_view with_value = "cefhijlmorstuvyzCFIOQSWXZ";
  return read_words(
      words,
      [&](std::string_view word) {
        return word.size() == 2 && with_value.find(word[1]) != with_value.npos;
      },
      [](Said& said, std::string_view word) {
        if (word == "-4") said.v6 = false;
        if (word == "-6") said.v4 = false;
      });
}

// "eth0 [ip4] [ip6]"
Said dhcpcd_title(std::string_view title) {
  const auto end = title.find(' ');
  const auto name = title.substr(0, end);
  const auto families = end == title.npos ? std::string_view() : title.substr(end);
  Said said;
  said.v4 = families.find("[ip4]") != families.npos;
  said.v6 = families.find("[ip6]") != families.npos;
  if (name == "[manager]" || name == "[master]")
    said.every_link = true;
  else if (!name.starts_with("["))
    take_link(said, name);
  return said;
}

// busybox's
Said udhcpc_words(Words words, bool v6) {
  Said said{.v4 = !v6, .v6 = v6};
  constexpr std::string_view long_form = "--interface";
  std::string link = "eth0";
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool value_follows = (word == "-i" || word == long_form) && i + 1 < words.size();
    if (value_follows)
      link = words[i + 1];
    else if (word.starts_with(std::string(long_form) + "="))
      link = word.substr(long_form.size() + 1);
    else if (word.starts_with("-i"))
      link = word.substr(2);
  }
  take_link(said, link);
  return said;
}

}  // namespace

std::vector<DhcpClient> clients_in(int pid, const std::vector<std::string>& words) {
  if (words.empty()) return {};
  constexpr std::string_view title = "dhcpcd: ";
  if (words.front().starts_with(title))
    return clients_for(DhcpProgram::dhcpcd, pid,
                       dhcpcd_title(std::string_view(words.front()).substr(title.size())));
  Words rest = words;
  if (without_folder(rest.front()) == "busybox" && rest.size() > 1) rest = rest.subspan(1);
  const auto program = without_folder(rest.front());
  rest = rest.subspan(1);
  if (program == "dhclient") return clients_for(DhcpProgram::dhclient, pid, dhclient_words(rest));
  if (program == "dhcpcd") return clients_for(DhcpProgram::dhcpcd, pid, dhcpcd_words(rest));
  if (program == "udhcpc" || program == "udhcpc6")
    return clients_for(DhcpProgram::udhcpc, pid, udhcpc_words(rest, program == "udhcpc6"));
  return {};
}

}  // namespace vifchain::inline edge::inline dhcp

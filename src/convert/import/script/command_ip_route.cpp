// SPDX-License-Identifier: Apache-2.0
// ip-route(8).
#include <algorithm>
#include <array>

#include "convert/import/script/command_parts.hpp"

namespace vifchain::inline convert {
namespace {

struct RouteWords {
  std::string to, via, link, metric;
  std::vector<std::string> besides;
  bool other_table = false;
  bool onlink = false;
};

bool is_type(std::string_view word) {
  constexpr std::array<std::string_view, 8> types{
      "blackhole", "unreachable", "prohibit", "throw", "nat", "multicast", "local", "broadcast"};
  return std::ranges::find(types, word) != types.end();
}

RouteWords route_words(Words words) {
  RouteWords said;
  constexpr std::array<std::string_view, 13> with_value{
      "src",    "proto",  "protocol", "scope", "tos",      "dsfield", "mtu",
      "advmss", "window", "rtt",      "pref",  "initcwnd", "realm"};
  while (!words.at_end()) {
    const auto word = words.next();
    if (word == "to" || word == "unicast" || word == "inet" || word == "inet6") continue;
    if (word == "dev") {
      said.link = words.next();
    } else if (word == "via") {
      while (words.take("inet") || words.take("inet6")) {
      }
      said.via = words.next();
    } else if (word == "metric" || word == "priority" || word == "preference") {
      said.metric = words.next();
    } else if (word == "table") {
      const auto table = words.next();
      said.other_table = table != "main" && table != "254";
    } else if (std::ranges::find(with_value, word) != with_value.end()) {
      const auto value = words.next();
      if (word != "proto" && word != "protocol" && word != "scope")
        said.besides.push_back(std::string(word) + " " + std::string(value));
    } else if (word == "onlink") {
      said.onlink = true;
    } else if (said.to.empty()) {
      said.to = word;
    } else {
      said.besides.emplace_back(word);
    }
  }
  return said;
}

void add_route(const RouteWords& said, const Said& at, DraftConfig& draft) {
  if (said.other_table)
    return draft.lose(at, "routes of other tables than main have no place in a vifchain.toml");
  DraftLink* link =
      said.link.empty() ? link_towards(said.via, draft) : &draft.link(link_of_label(said.link), at);
  if (link == nullptr)
    return draft.lose(at,
                      "no link is known that leads to " + (said.via.empty() ? said.to : said.via));
  draft.add_route(*link, said.to, {}, said.via, said.metric, at, said.onlink);
  for (const auto& word : said.besides)
    draft.lose(at, "a route has no \"" + word + "\" in a vifchain.toml", link->name);
}

bool begins(std::string_view whole, std::string_view word) {
  return !word.empty() && whole.starts_with(word);
}

}  // namespace

void tell_ip_route(Words words, bool v6, const Said& at, Telling& telling) {
  const auto verb = words.next();
  const bool adds = begins("add", verb) || begins("replace", verb) || begins("append", verb) ||
                    begins("change", verb) || begins("prepend", verb);
  if (!adds) return;
  if (is_type(words.peek()))
    return telling.draft.lose(at, "a vifchain.toml has routes over links alone");
  const auto said = route_words(words);
  const bool both = said.to == "default" && said.via.empty();
  if (both && !v6) return telling.draft.lose(at, "a default route needs a gateway");
  add_route(said, at, telling.draft);
}

}  // namespace vifchain::inline convert

// SPDX-License-Identifier: Apache-2.0
// ip-route(8) and the older route(8).
#include <algorithm>

#include "convert/import/script/command_parts.hpp"
#include "core/model/route.hpp"

namespace vifchain::inline convert {
namespace {

struct RouteWords {
  std::string to, netmask, via, link, metric;
  bool onlink = false;
  std::vector<std::string> besides = {};
};

void add_route(const RouteWords& said, const Said& at, DraftConfig& draft) {
  DraftLink* link =
      said.link.empty() ? link_towards(said.via, draft) : &draft.link(link_of_label(said.link), at);
  if (link == nullptr)
    return draft.lose(at,
                      "no link is known that leads to " + (said.via.empty() ? said.to : said.via));
  draft.add_route(*link, said.to, said.netmask, said.via, said.metric, at, said.onlink);
  for (const auto& word : said.besides)
    draft.lose(at, "a route has no \"" + word + "\" in a vifchain.toml", link->name);
}

RouteWords route_words(const CommandWords& words) {
  RouteWords said{.to = words.other(0),
                  .netmask = {},
                  .via = words.value("via"),
                  .link = words.value("dev"),
                  .metric = words.value("metric priority preference"),
                  .onlink = words.has("onlink")};
  for (const auto& [key, value] : words.options)
    if (!is_one_of(key, "dev via metric priority preference table proto protocol scope onlink"))
      said.besides.push_back(value.empty() ? key : key + " " + value);
  for (std::size_t i = 1; i < words.others.size(); ++i) said.besides.push_back(words.others[i]);
  return said;
}

// The link may stand at the end without a word before it.
RouteWords old_route_words(CommandWords words) {
  std::string link = words.value("dev");
  if (link.empty() && words.others.size() > 1) {
    link = words.others.back();
    words.others.pop_back();
  }
  const auto to = words.other(0);
  if (!words.others.empty()) words.others.erase(words.others.begin());
  return {.to = to == "0.0.0.0" || to == "0/0" ? "default" : to,
          .netmask = words.value("netmask"),
          .via = words.value("gw"),
          .link = link,
          .metric = words.value("metric"),
          .besides = words.others};
}

}  // namespace

DraftLink* link_towards(std::string_view address, DraftConfig& draft) {
  const auto neighbour = IpAddress::parse(address);
  if (!neighbour) return nullptr;
  const LinkAddress single{*neighbour, neighbour->bits()};
  for (const auto* link : draft.links())
    for (const auto& own : link->addresses)
      if (own.address.v6 == neighbour->v6 && contains(own, single)) return draft.find(link->name);
  return nullptr;
}

void tell_ip_route(Words words, bool v6, const Said& at, Telling& telling) {
  const auto verb = words.next();
  const bool adds = begins("add", verb) || begins("replace", verb) || begins("append", verb) ||
                    begins("change", verb) || begins("prepend", verb);
  if (!adds) return;
  if (is_one_of(words.peek(), "blackhole unreachable prohibit throw nat multicast local broadcast"))
    return telling.draft.lose(at, "a vifchain.toml has routes over links alone");
  std::vector<std::string> rest;
  while (!words.at_end()) rest.emplace_back(words.next());
  std::erase_if(rest, [](const auto& word) { return is_one_of(word, "to unicast inet inet6"); });
  const auto apart = told_apart(Words(rest, 0),
                                "dev via metric priority preference table src proto protocol scope "
                                "tos dsfield mtu advmss window rtt pref initcwnd realm",
                                "onlink");
  const auto said = route_words(apart);
  if (said.to == "default" && said.via.empty() && !v6)
    return telling.draft.lose(at, "a default route needs a gateway");
  if (apart.has("table") && !is_one_of(apart.value("table"), "main 254"))
    return telling.draft.lose(at,
                              "routes of other tables than main have no place in a vifchain.toml");
  add_route(said, at, telling.draft);
}

void tell_route(const ScriptCommand& command, Telling& telling) {
  Words words(command.words);
  while (words.peek().starts_with("-"))
    if (words.next() == "-A") words.next();
  if (words.next() != "add") return;
  add_route(old_route_words(told_apart(words, "gw netmask metric dev")), command.at, telling.draft);
}

}  // namespace vifchain::inline convert

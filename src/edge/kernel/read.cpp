// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/read.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "edge/base/error.hpp"
#include "edge/kernel/apart.hpp"
#include "edge/kernel/ipv6_settings.hpp"
#include "edge/kernel/link_uppers.hpp"
#include "edge/kernel/requests.hpp"
#include "edge/kernel/routes.hpp"
#include "edge/kernel/shaper.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

using Messages = std::vector<const nlmsghdr*>;

Seat seat_of(const Identity& identity) {
  return {identity.index, identity.controller};
}

bool says_gone(const Answer& answer) {
  return answer.error == ENODEV;
}

// A kernel whose bridges have no VLAN filtering, or that has loaded none, knows no such question.
bool says_no_vlans(const Answer& answer) {
  return answer.error == EOPNOTSUPP;
}

void must_not_have_failed(const Answer& answer, const std::string& doing) {
  if (answer.error != 0) throw Error(answer.error, doing, answer.words);
}

void append(std::vector<PortVlan>& vlans, std::vector<PortVlan> more) {
  std::ranges::move(more, std::back_inserter(vlans));
}

// A message may be about another link than was asked for, and about nothing that counts here.
void take(std::vector<LinkAddress>& addresses, const nlmsghdr& message, unsigned index) {
  if (const auto read = read_address(message); read.index == index && read.address)
    addresses.push_back(*read.address);
}
void take(std::vector<FdbEntry>& fdb, const nlmsghdr& message, unsigned index) {
  if (const auto read = read_fdb(message); read.index == index && read.entry)
    fdb.push_back(*read.entry);
}

bool on_a_bridge(const Actual& links, const Link& link) {
  if (!link.controller) return false;
  const auto controller = links.find(*link.controller);
  return controller != links.end() && std::holds_alternative<Bridge>(controller->second.kind);
}

Link* find_link(Actual& links, const LinkName& name) {
  const auto found = links.find(name);
  return found == links.end() ? nullptr : &found->second;
}

}  // namespace

// A link that was asked for and is there.
struct LinkReader::Found {
  const Ask* ask;
  Answer answer;
  Identity identity;
};

Actual LinkReader::snapshot(const std::vector<Ask>& asked) {
  const auto all = find(asked);
  Messages messages;
  for (const Found& found : all) messages.push_back(messages_of(found.answer).front());
  Names names;
  for (const Found& found : all) names.learn(found.identity.index, found.identity.name);
  Actual links = read_all(messages, names);
  for (const Found& found : all) {
    const auto& [name, index, controller, group, leaves, bridge_port] = found.identity;
    if (found.ask->addresses) read_addresses_of(index, links.at(name));
    if (found.ask->vlans && bridge_port) read_vlans_of(index, links.at(name));
    if (found.ask->fdb && bridge_port)
      read_fdb_of(index, links.at(name));
    else if (!found.ask->entries.empty() && bridge_port)
      read_entries_of(index, found.ask->entries, links.at(name));
    if (found.ask->routes) read_routes_of(index, links.at(name));
    if (found.ask->rate && is_given(links.at(name))) read_rate_of(index, links.at(name));
    if (found.ask->apart) read_apart(links, {name});
  }
  return links;
}

Message LinkReader::question_for(const Ask& ask) const {
  const auto index = indices.find(ask.name);
  return ask.same && index != indices.end() ? ask_link(index->second) : ask_link(ask.name);
}

std::map<LinkName, LinkName> LinkReader::follow_names(const std::vector<LinkName>& names) {
  std::map<LinkName, LinkName> renamed;
  std::vector<Identity> found;
  for (const auto& name : names) {
    const auto index = indices.find(name);
    if (index == indices.end()) continue;
    const auto answer = rtnl_.exchange(ask_link(index->second));
    if (says_gone(answer)) continue;
    must_not_have_failed(answer, "reading what " + name.str() + " is called now");
    found.push_back(identity_of(*messages_of(answer).at(0)));
    if (found.back().name != name) renamed.emplace(name, found.back().name);
  }
  for (const auto& identity : found) learn(identity);
  return renamed;
}

void LinkReader::learn(const Identity& identity) {
  seats.insert_or_assign(identity.name, seat_of(identity));
  indices.insert_or_assign(identity.name, identity.index);
}

// The kernel also finds a link by an alternative name; that is not the link of this name.
std::vector<LinkReader::Found> LinkReader::find(const std::vector<Ask>& asked) {
  std::vector<Message> questions;
  questions.reserve(asked.size());
  for (const Ask& ask : asked) questions.push_back(question_for(ask));
  auto answers = rtnl_.exchange(questions);
  std::vector<Found> all;
  all.reserve(asked.size());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const LinkName& name = asked[i].name;
    seats.erase(name);
    if (says_gone(answers[i])) continue;
    must_not_have_failed(answers[i], "reading the link " + name.str());
    const auto identity = identity_of(*messages_of(answers[i]).at(0));
    if (identity.name != name) continue;
    learn(identity);
    all.push_back({&asked[i], std::move(answers[i]), identity});
  }
  return all;
}

Actual LinkReader::read_all(const Messages& messages, Names& names) {
  Actual links;
  for (const auto* message : messages) {
    Link link = read_link(*message, names);
    const LinkName name = link.name;
    links.insert_or_assign(name, std::move(link));
  }
  return learn_missing(names) ? read_all(messages, names) : links;
}

// True when something was learnt; links that have gone meanwhile keep their stand-ins.
bool LinkReader::learn_missing(Names& names) {
  std::vector<Message> questions;
  for (const unsigned index : names.missing()) questions.push_back(ask_link(index));
  bool learnt = false;
  for (const Answer& answer : rtnl_.exchange(questions)) {
    if (answer.error != 0) continue;
    const auto identity = identity_of(*messages_of(answer).at(0));
    names.learn(identity.index, identity.name);
    learn(identity);
    learnt = true;
  }
  return learnt;
}

void LinkReader::read_addresses_of(unsigned index, Link& link) {
  const Answer answer = rtnl_.exchange(ask_addresses(index));
  if (!says_gone(answer))
    must_not_have_failed(answer, "reading the addresses of " + link.name.str());
  auto& addresses = link.addresses.emplace();
  for (const auto* message : messages_of(answer)) take(addresses, *message, index);
  std::ranges::sort(addresses);
}

void LinkReader::read_vlans_of(unsigned index, Link& link) {
  const Answer answer = rtnl_.exchange(ask_vlans(index));
  if (says_no_vlans(answer) || says_gone(answer)) return;
  must_not_have_failed(answer, "reading the VLANs of " + link.name.str());
  auto& vlans = link.vlans.emplace();
  for (const auto* message : messages_of(answer)) append(vlans, read_vlans(*message).vlans);
  std::ranges::sort(vlans);
}

void LinkReader::read_fdb_of(unsigned index, Link& link) {
  const auto doing = "reading the static entries of " + link.name.str();
  const Answer answer = dump(ask_fdb(index), doing.c_str());
  if (says_gone(answer)) return;
  must_not_have_failed(answer, doing);
  auto& fdb = link.fdb.emplace();
  for (const auto* message : messages_of(answer)) take(fdb, *message, index);
  std::ranges::sort(fdb);
}

void LinkReader::read_routes_of(unsigned index, Link& link) {
  const auto doing = "reading the routes over " + link.name.str();
  auto& routes = link.routes.emplace();
  for (const auto family : {AF_INET, AF_INET6}) {
    const Answer answer = dump(ask_routes(index, family), doing.c_str());
    // ENOENT: no route at all of this family (inet6_dump_fib and inet_dump_fib with a filter).
    if (says_gone(answer) || answer.error == ENOENT || answer.error == EAFNOSUPPORT) continue;
    must_not_have_failed(answer, doing);
    for (const auto* message : messages_of(answer))
      if (auto route = read_route(*message, index)) routes.push_back(std::move(*route));
  }
  if (link.addresses) note_routeless(routes, *link.addresses);
  drop_automatic_routes(routes, link.addresses);
  std::ranges::sort(routes);
}

void LinkReader::read_rate_of(unsigned index, Link& link) {
  const Answer answer = rtnl_.exchange(ask_limits(index));
  link.rate = 0;
  if (says_gone(answer) || answer.error == ENOENT) return;
  must_not_have_failed(answer, "reading the limit of " + link.name.str());
  for (const auto* message : messages_of(answer))
    if (const auto read = read_limit(*message); read.index == index) link.rate = read.rate;
}

void LinkReader::read_all_rates(Actual& links) {
  constexpr auto doing = "reading the limits of all links";
  const Answer answer = dump(ask_limits(0), doing);
  must_not_have_failed(answer, doing);
  std::map<unsigned, std::uint64_t> rates;
  for (const auto* message : messages_of(answer))
    if (const auto read = read_limit(*message); read.rate != 0)
      rates.emplace(read.index, read.rate);
  for (auto& [name, link] : links) {
    const auto seat = seats.find(name);
    if (!is_given(link) || seat == seats.end()) continue;
    const auto rate = rates.find(seat->second.index);
    link.rate = rate == rates.end() ? 0 : rate->second;
  }
}

void LinkReader::read_routes(Actual& links, const std::vector<LinkName>& of) {
  for (const auto& name : of)
    if (Link* link = find_link(links, name); link != nullptr && seats.contains(name))
      read_routes_of(seats.at(name).index, *link);
}

// The answer may be about another port of the bridge (br_fdb_get in net/bridge/br_fdb.c).
void LinkReader::read_entries_of(unsigned index, const std::vector<FdbEntry>& entries, Link& link) {
  const auto doing = "reading the static entries of " + link.name.str();
  std::vector<Message> questions;
  for (const auto& entry : entries) questions.push_back(ask_fdb_entry(index, entry));
  auto& fdb = link.fdb.emplace();
  for (const Answer& answer : rtnl_.exchange(questions)) {
    if (says_gone(answer) || answer.error == ENOENT) continue;
    must_not_have_failed(answer, doing);
    take(fdb, *messages_of(answer).at(0), index);
  }
  std::ranges::sort(fdb);
}

// A dump of everything is only worth something when nothing changed meanwhile.
Answer LinkReader::dump(const Message& request, const char* doing) {
  Answer answer = rtnl_.exchange(request);
  if (answer.error == 0 && answer.interrupted)
    throw Error(EAGAIN, doing, "they changed all the while they were read");
  return answer;
}

Actual LinkReader::everything() {
  constexpr auto doing = "reading all links";
  const Answer answer = dump(ask_all_links(), doing);
  must_not_have_failed(answer, doing);
  const auto messages = messages_of(answer);
  Names names;
  seats.clear();
  for (const auto* message : messages) {
    const auto identity = identity_of(*message);
    names.learn(identity.index, identity.name);
    learn(identity);
  }
  Actual links = read_all(messages, names);
  read_all_addresses(links, names);
  read_all_vlans(links, names);
  read_all_fdbs(links, names);
  read_all_secrets(links);
  read_all_apart(links, messages, names);
  return links;
}

// Those of others are left alone, whatever they have.
void LinkReader::read_apart(Actual& links, const std::vector<LinkName>& of) {
  std::vector<Link*> bridges;
  std::vector<Message> questions;
  for (const auto& name : of) {
    Link& link = links.at(name);
    if (!link.ours || !std::holds_alternative<Bridge>(link.kind)) continue;
    bridges.push_back(&link);
    questions.push_back(ask_closed(seats.at(name).index));
  }
  const auto answers = rtnl_.exchange(questions);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].error == EOPNOTSUPP || says_gone(answers[i])) continue;
    const bool closed = says_closed(answers[i]);
    if (closed || can_close()) bridges[i]->apart = closed;
  }
}

bool LinkReader::can_close() {
  if (!can_close_) can_close_ = can_close_to_host();
  return *can_close_;
}

void LinkReader::read_all_apart(Actual& links, const Messages& messages, Names& names) {
  std::vector<LinkName> all;
  for (const auto& [name, link] : links) all.push_back(name);
  read_apart(links, all);
  for (const auto* message : messages) {
    const auto below = carrier_of(*message);
    Link* link = below ? find_link(links, names[*below]) : nullptr;
    if (link != nullptr && link->apart == false) link->apart.reset();
  }
}

void LinkReader::read_all_secrets(Actual& links) {
  for (auto& [name, link] : links)
    if (link.addr_gen == AddrGen::stable_privacy) link.secret = read_secret(name);
}

void LinkReader::read_all_addresses(Actual& links, Names& names) {
  constexpr auto doing = "reading all addresses";
  const Answer answer = dump(ask_addresses(0), doing);
  must_not_have_failed(answer, doing);
  for (auto& [name, link] : links) link.addresses.emplace();
  for (const auto* message : messages_of(answer)) {
    const auto read = read_address(*message);
    Link* link = find_link(links, names[read.index]);
    if (link != nullptr && read.address) link->addresses->push_back(*read.address);
  }
  for (auto& [name, link] : links) std::ranges::sort(*link.addresses);
}

void LinkReader::read_all_vlans(Actual& links, Names& names) {
  constexpr auto doing = "reading the VLANs of all ports";
  const Answer answer = dump(ask_vlans(0), doing);
  if (says_no_vlans(answer)) return;
  must_not_have_failed(answer, doing);
  for (auto& [name, link] : links)
    if (on_a_bridge(links, link)) link.vlans.emplace();
  for (const auto* message : messages_of(answer)) {
    auto read = read_vlans(*message);
    Link* link = find_link(links, names[read.index]);
    if (link != nullptr && link->vlans) append(*link->vlans, std::move(read.vlans));
  }
  for (auto& [name, link] : links)
    if (link.vlans) std::ranges::sort(*link.vlans);
}

void LinkReader::read_all_fdbs(Actual& links, Names& names) {
  constexpr auto doing = "reading the static entries of all ports";
  const Answer answer = dump(ask_fdb(0), doing);
  must_not_have_failed(answer, doing);
  for (auto& [name, link] : links)
    if (on_a_bridge(links, link)) link.fdb.emplace();
  for (const auto* message : messages_of(answer)) {
    const auto read = read_fdb(*message);
    if (!read.entry) continue;
    Link* link = find_link(links, names[read.index]);
    if (link != nullptr && link->fdb) link->fdb->push_back(*read.entry);
  }
  for (auto& [name, link] : links)
    if (link.fdb) std::ranges::sort(*link.fdb);
}

}  // namespace vifchain::inline edge::inline kernel

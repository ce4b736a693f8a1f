// SPDX-License-Identifier: Apache-2.0
#include "edge/filter/filter_read.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <cerrno>

#include "core/filter/port_filter_rules.hpp"
#include "core/text/hash.hpp"
#include "edge/base/error.hpp"
#include "edge/netlink/new_message.hpp"

namespace vifchain::inline edge::inline filter {
namespace {

constexpr auto reading_filters = "reading the filters of guests' ports";

// ENOENT is an answer; a kernel without nftables does not know the question (EINVAL,
// nfnetlink_rcv_msg), and has no table then.
bool is_there(int error) {
  if (error == ENOENT || error == EINVAL) return false;
  if (error != 0) throw Error(error, reading_filters);
  return true;
}

std::string_view bytes_of(const nlattr* attribute) {
  if (attribute == nullptr) return {};
  return {static_cast<const char*>(nla_data(attribute)),
          static_cast<std::size_t>(nla_len(attribute))};
}

std::string value_in(const nlattr* data) {
  return std::string(bytes_of(Attributes<NFTA_DATA_MAX>(data)[NFTA_DATA_VALUE]));
}

FilterElement element_in(std::string_view set, const nlattr& attribute) {
  const Attributes<NFTA_SET_ELEM_MAX> own(&attribute);
  FilterElement element{set, value_in(own[NFTA_SET_ELEM_KEY])};
  if (const auto* end = own[NFTA_SET_ELEM_KEY_END]) element.end = value_in(end);
  if (element.end == element.key) element.end.clear();
  const Attributes<NFTA_DATA_MAX> data(own[NFTA_SET_ELEM_DATA]);
  const Attributes<NFTA_VERDICT_MAX> verdict(data[NFTA_DATA_VERDICT]);
  element.verdict = get_text(verdict[NFTA_VERDICT_CHAIN]);
  element.comment = nft_comment(own[NFTA_SET_ELEM_USERDATA]);
  return element;
}

// A counter counts on; everything else of an expression stays as it is.
std::string without_counters(const nlattr* expressions) {
  std::string text;
  for_each_attribute(expressions, [&](const nlattr& each) {
    const Attributes<NFTA_EXPR_MAX> expression(&each);
    const auto name = get_text(expression[NFTA_EXPR_NAME]);
    text += name + '\0';
    if (name != "counter") text += bytes_of(expression[NFTA_EXPR_DATA]);
  });
  return text;
}

// With its handle, so that one that was put in the place of another is another one.
std::string rule_text(const nlmsghdr& message) {
  const Attributes<NFTA_RULE_MAX> rule(message, sizeof(nfgenmsg));
  std::string text = get_text(rule[NFTA_RULE_CHAIN]) + '\0';
  text += bytes_of(rule[NFTA_RULE_HANDLE]);
  return text + without_counters(rule[NFTA_RULE_EXPRESSIONS]);
}

std::string chain_text(const nlmsghdr& message) {
  const Attributes<NFTA_CHAIN_MAX> chain(message, sizeof(nfgenmsg));
  std::string text = get_text(chain[NFTA_CHAIN_TYPE]);
  for (const auto part : {NFTA_CHAIN_HOOK, NFTA_CHAIN_POLICY, NFTA_CHAIN_FLAGS})
    (text += '\0') += bytes_of(chain[part]);
  return text;
}

std::string table_text(const nlmsghdr& message) {
  const Attributes<NFTA_TABLE_MAX> table(message, sizeof(nfgenmsg));
  return std::string(bytes_of(table[NFTA_TABLE_FLAGS]));
}

void put_keys(nl_msg& message, const std::vector<std::string>& keys) {
  const Nest list(message, NFTA_SET_ELEM_LIST_ELEMENTS);
  for (const auto& key : keys) {
    const Nest element(message, NFTA_LIST_ELEM);
    const Nest data(message, NFTA_SET_ELEM_KEY);
    put_bytes(message, NFTA_DATA_VALUE, key.data(), key.size());
  }
}

}  // namespace

Message FilterReader::about(int type, int flags) const {
  return nft_question(type, NFPROTO_BRIDGE, flags);
}

// Table, base chain and rules, without what counts.
std::optional<std::string> FilterReader::description() {
  std::string text;
  const auto take = [&](const auto& as_text) {
    return [&text, as_text](const nlmsghdr& message) { text += as_text(message); };
  };
  auto table = about(NFT_MSG_GETTABLE, 0);
  put_text(*table, NFTA_TABLE_NAME, filter_table);
  if (!is_there(socket_.ask(
          table, [&] { text.clear(); }, take(table_text))))
    return std::nullopt;
  auto chain = about(NFT_MSG_GETCHAIN, 0);
  put_text(*chain, NFTA_CHAIN_TABLE, filter_table);
  put_text(*chain, NFTA_CHAIN_NAME, filter_base_chain);
  if (!is_there(socket_.ask(
          chain, [] {}, take(chain_text))))
    return "";
  auto rules = about(NFT_MSG_GETRULE, NLM_F_DUMP);
  put_text(*rules, NFTA_RULE_TABLE, filter_table);
  const auto before = text.size();
  if (!is_there(socket_.ask(
          rules, [&] { text.resize(before); }, take(rule_text))))
    return "";
  return text;
}

std::optional<std::uint64_t> FilterReader::fingerprint() {
  const auto text = description();
  if (!text) return std::nullopt;
  return hash(*text + std::to_string(rules_version()));
}

FilterReader::State FilterReader::state() {
  const auto now = fingerprint();
  if (!now) return State::missing;
  auto chain = about(NFT_MSG_GETCHAIN, 0);
  put_text(*chain, NFTA_CHAIN_TABLE, filter_table);
  put_text(*chain, NFTA_CHAIN_NAME, seal_chain(*now));
  const auto nothing = [](const nlmsghdr&) {};
  return is_there(socket_.ask(
             chain, [] {}, nothing))
             ? State::whole
             : State::changed;
}

// Without keys all of them; none where one of the keys is not there.
std::vector<FilterElement> FilterReader::elements(std::string_view set,
                                                  const std::vector<std::string>& keys) {
  auto question = about(NFT_MSG_GETSETELEM, keys.empty() ? NLM_F_DUMP : 0);
  put_text(*question, NFTA_SET_ELEM_LIST_TABLE, filter_table);
  put_text(*question, NFTA_SET_ELEM_LIST_SET, std::string(set));
  if (!keys.empty()) put_keys(*question, keys);
  std::vector<FilterElement> all;
  const auto take = [&](const nlmsghdr& message) {
    const Attributes<NFTA_SET_ELEM_LIST_MAX> list(message, sizeof(nfgenmsg));
    for_each_attribute(list[NFTA_SET_ELEM_LIST_ELEMENTS],
                       [&](const nlattr& each) { all.push_back(element_in(set, each)); });
  };
  if (!is_there(socket_.ask(
          question, [&] { all.clear(); }, take)))
    return {};
  return all;
}

std::optional<FilterElement> FilterReader::element_of(std::string_view map, const LinkName& port) {
  auto found = elements(map, {link_key(port)});
  if (found.size() != 1) return std::nullopt;
  return std::move(found.front());
}

std::optional<FilterElement> FilterReader::mode_of(const LinkName& port) {
  return element_of("mode", port);
}

std::optional<FilterElement> FilterReader::place_of(const LinkName& port) {
  return element_of("places", port);
}

// So many that the question fits into its message, and one set after the other.
bool FilterReader::are_there(const std::vector<FilterElement>& wanted) {
  constexpr std::size_t most = 128;
  for (auto first = wanted.begin(); first != wanted.end();) {
    std::vector<std::string> keys;
    auto last = first;
    for (; last != wanted.end() && last->set == first->set && keys.size() < most; ++last)
      keys.push_back(last->key);
    const auto found = elements(first->set, keys);
    if (!std::equal(first, last, found.begin(), found.end())) return false;
    first = last;
  }
  return true;
}

bool FilterReader::is_guarded(const LinkName& bridge) {
  return elements("guarded", {link_key(bridge)}).size() == 1;
}

std::uint32_t FilterReader::uses_of(const std::string& chain) {
  auto question = about(NFT_MSG_GETCHAIN, 0);
  put_text(*question, NFTA_CHAIN_TABLE, filter_table);
  put_text(*question, NFTA_CHAIN_NAME, chain);
  std::uint32_t uses = 0;
  const auto take = [&](const nlmsghdr& message) {
    const Attributes<NFTA_CHAIN_MAX> own(message, sizeof(nfgenmsg));
    uses = ntohl(get<std::uint32_t>(own[NFTA_CHAIN_USE]).value_or(0));
  };
  return is_there(socket_.ask(
             question, [] {}, take))
             ? uses
             : 0;
}

std::vector<LinkName> FilterReader::ports_of(const Mac& mac) {
  std::vector<LinkName> ports;
  for (const auto& element : elements("macs", {}))
    if (const auto port = link_in_key(element.key); port && filter_of(*port, {element}).mac == mac)
      ports.push_back(*port);
  return ports;
}

PortElements FilterReader::all() {
  PortElements ports;
  for (const auto set : filter_sets)
    for (auto& element : elements(set, {}))
      if (const auto port = link_in_key(element.key)) ports[*port].push_back(std::move(element));
  return ports;
}

std::set<LinkName> FilterReader::guarded() {
  std::set<LinkName> bridges;
  for (const auto& element : elements("guarded", {}))
    if (const auto bridge = link_in_key(element.key)) bridges.insert(*bridge);
  return bridges;
}

}  // namespace vifchain::inline edge::inline filter

// SPDX-License-Identifier: Apache-2.0
// What the file says, table by table, each value with its place: read, and right in itself, but not
// yet put together with the other tables.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/model/hosting.hpp"
#include "core/model/link.hpp"
#include "core/model/option.hpp"
#include "core/model/policy.hpp"
#include "core/model/vid_ranges.hpp"
#include "core/text/document.hpp"

namespace vifchain::inline core::inline config {

template <typename T>
struct Written {
  T value;
  Place place;
  std::string text;  // as in the file
};

using Word = Written<std::string>;

// A value that was read of the node.
template <typename T>
Written<std::decay_t<T>> as_written(T&& value, const Node& node) {
  return {std::forward<T>(value), node.place, node.text};
}

// This host's own place on a link.
struct HostingDraft {
  std::optional<Place> place;  // of the first key; absent: there is none
  std::vector<Written<LinkAddress>> addresses;
  std::vector<Written<IpAddress>> gateways;
  std::vector<Written<Route>> routes;
  Dhcp dhcp = Dhcp::off;
  std::optional<Written<bool>> ra;
  std::optional<Written<bool>> onlink;  // of the gateways
};

// What tables of every kind have.
struct LinkDraft {
  std::string name;
  Place place;
  std::map<Option, Written<Value>> options;
  std::vector<Option> unread;  // options whose values are wrong: nothing is concluded from them
  std::optional<Written<unsigned>> mtu;
  HostingDraft hosting;  // of bonds, VLAN links and bridges
};

struct BondDraft : LinkDraft {
  bool slb = false;  // mode balance-slb; the options are those that it stands for
  std::vector<Word> ports;
  std::optional<Written<Mac>> mac;
};

struct VlanDraft : LinkDraft {
  std::optional<Word> link;
  std::optional<Written<VlanId>> id;
  VlanProtocol protocol = VlanProtocol::ieee_802_1q;
};

// A bridge, or a template when its name has {vid} in it.
struct BridgeDraft : LinkDraft {
  std::vector<Word> ports;
  std::optional<Written<Mac>> mac;
  std::optional<Written<VidRanges>> vids;
  VifPolicy policy;
  std::optional<Written<bool>> teardown;  // with the last vif
  bool teardown_unread = false;           // it is there, with a value that is wrong
  std::optional<Written<unsigned>> linger;
};

struct PortDraft : LinkDraft {
  std::optional<Written<VidRanges>> vlans;
  std::optional<Written<VlanId>> pvid;
};

struct Draft {
  std::vector<BondDraft> bonds;
  std::vector<VlanDraft> vlans;
  std::vector<BridgeDraft> bridges;
  std::vector<BridgeDraft> templates;
  std::vector<PortDraft> ports;
  VifPolicy vif;
  std::optional<Word> default_bridge;
  std::optional<DhcpProgram> dhcp_client;
  std::set<std::string> accepted;
};

// A table of that kind with its name and place.
template <typename Table>
Table table_at(const Entry& entry) {
  Table table;
  table.name = entry.key;
  table.place = entry.place;
  return table;
}

// The option as written; null when the table does not have it.
inline const Written<Value>* written(const LinkDraft& draft, Option option) {
  const auto found = draft.options.find(option);
  return found == draft.options.end() ? nullptr : &found->second;
}

// A flag, number, choice or time as written; nothing when the table does not have it.
inline std::optional<std::int64_t> integer(const LinkDraft& draft, Option option) {
  const auto* found = written(draft, option);
  if (found == nullptr) return std::nullopt;
  return std::get<std::int64_t>(found->value);
}

// True when the table has the option, with a value that is wrong.
inline bool is_unread(const LinkDraft& draft, Option option) {
  return std::find(draft.unread.begin(), draft.unread.end(), option) != draft.unread.end();
}

}  // namespace vifchain::inline core::inline config

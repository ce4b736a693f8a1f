// SPDX-License-Identifier: Apache-2.0
// What links have, in the few words of steps and differences; shared by the planner's files.
#pragma once

#include <algorithm>

#include "core/model/links.hpp"
#include "core/plan/plan.hpp"
#include "core/text/list.hpp"

namespace vifchain::inline core::inline plan {

inline std::string or_none(std::string text) {
  return text.empty() ? "none" : std::move(text);
}

// Each "none" for nothing: "1 pvid untagged, 5", "02:00:00:00:00:01 in VLAN 5", "eth0, eth1",
// "100Mbit", "mac-ip for 02:00:00:00:00:05 with 192.0.2.5".
std::string show_vlan(const PortVlan& vlan);
std::string show_vlans(const std::vector<PortVlan>& vlans);
std::string show_entries(const std::vector<FdbEntry>& entries);
std::string show_names(const std::vector<LinkName>& names);
std::string show_limit(std::uint64_t rate);
std::string show_filter(const PortFilter& filter);

// Of addresses or routes.
template <class T>
std::string show_all(const std::vector<T>& all) {
  return or_none(joined(all, [](const T& one) { return one.str(); }));
}

inline std::string show_rules(const SlbRules& rules) {
  return rules.spoilt ? "changed by others" : show_names(rules.ports);
}

// "eui64"
std::string word_of(AddrGen mode);

// Why steps are taken, as facts.
inline constexpr const char* missing = "missing";
inline constexpr const char* no_longer_needed = "no longer needed";

// "mtu: 1500 -> 9000"; "stp: false -> true, forward_delay: 0 -> 4".
inline std::string from_to(std::string_view what, const std::string& old, const std::string& now) {
  return std::string(what) + ": " + old + " -> " + now;
}
std::string from_to(const Options& wanted, const Options& have);

// Those of the options that the kernel only takes while the link is down: "mode and lacp_rate".
std::string offline_keys(const Options& options);

// Of addresses or routes that a link gets and loses: "192.0.2.5/24 moves from eth0". `all_of` tells
// those of a link.
template <class Change, class AllOf>
std::string why_changed(const LinkName& name, const Change& change, const Actual& before,
                        const Actual& wanted, const AllOf& all_of) {
  std::vector<std::string> reasons;
  const auto explain = [&](const auto& these, const Actual& links, const char* way,
                           const char* otherwise) {
    for (const auto& one : these) {
      const auto other = std::ranges::find_if(links, [&](const auto& link) {
        const auto& all = all_of(link.second);
        return link.first != name && std::ranges::find(all, one) != all.end();
      });
      auto reason = other == links.end() ? otherwise : one.str() + way + other->first.str();
      if (std::ranges::find(reasons, reason) == reasons.end()) reasons.push_back(std::move(reason));
    }
  };
  explain(change.add, before, " moves from ", missing);
  explain(change.remove, wanted, " moves to ", no_longer_needed);
  return joined(reasons);
}

}  // namespace vifchain::inline core::inline plan

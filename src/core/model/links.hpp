// SPDX-License-Identifier: Apache-2.0
// What is asked of links all the time: their kind, what they stand on, what they carry.
#pragma once

#include "core/model/link.hpp"
#include "core/text/find.hpp"

namespace vifchain::inline core::inline model {

template <class Kind>
bool is(const Link& link) {
  return std::holds_alternative<Kind>(link.kind);
}
template <class Kind>
bool is(const Link* link) {
  return link != nullptr && is<Kind>(*link);
}

// The link of that name; null when there is none.
inline const Link* link_in(const Actual& links, const LinkName& name) {
  return find_in(links, name);
}
// The same, null also where it must not exist.
inline const Link* link_in(const Desired& links, const LinkName& name) {
  const auto* found = find_in(links, name);
  return found == nullptr || !*found ? nullptr : &**found;
}
inline Link* link_in(Desired& links, const LinkName& name) {
  return const_cast<Link*>(link_in(std::as_const(links), name));
}

// Whether it is a VLAN link on that one.
inline bool is_stacked_on(const Link& link, const LinkName& parent) {
  const auto* stands_on = parent_of(link);
  return stands_on != nullptr && *stands_on == parent;
}

// What is known of what it carries; none where nothing is.
inline const std::vector<LinkAddress>& addresses_of(const Link& link) {
  static const std::vector<LinkAddress> none;
  return link.addresses ? *link.addresses : none;
}
inline const std::vector<Route>& routes_of(const Link& link) {
  static const std::vector<Route> none;
  return link.routes ? *link.routes : none;
}
inline bool is_v6(const LinkAddress& address) {
  return address.address.v6;
}

// The table that a link of this kind has in the file: "[bridge.xenbr0]".
inline std::string file_table(const Link& link) {
  const char* table = is<Bond>(link)     ? "bond."
                      : is<Vlan>(link)   ? "vlan."
                      : is<Bridge>(link) ? "bridge."
                                         : "port.";
  return "[" + (table + link.name.str()) + "]";
}

// "bond", "VLAN link", "bridge", "link".
inline std::string kind_name(const Link& link) {
  return is<Given>(link) ? "link" : kind_in_words(link.kind).substr(sizeof "a " - 1);
}

// "VLAN 3 on bond1"
inline std::string vlan_in_words(const Vlan& vlan) {
  return "VLAN " + std::to_string(vlan.id.number()) + " on " + vlan.parent.str();
}

}  // namespace vifchain::inline core::inline model

// SPDX-License-Identifier: Apache-2.0
// All that the administrator wrote, cross-checked; it knows nothing of this host's state.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/hosting.hpp"
#include "core/model/link.hpp"
#include "core/model/policy.hpp"
#include "core/text/document.hpp"

namespace vifchain::inline core::inline model {

// `[bridge."NAME{vid}"]`: bridges made on demand, one per VLAN.
struct Template {
  std::string before, after;                    // the name around {vid}
  std::vector<std::string> ports;               // with {vid} in them
  std::vector<std::pair<VlanId, VlanId>> vids;  // inclusive ranges, ascending, disjoint
  Link bridge;                                  // everything but name; options, mtu, mac as written
  Place place;
  VifPolicy policy = {};
  Teardown teardown = {};
};

struct Topology {
  // Every link the file names or implies, as wanted: bonds, VLAN links (LINK.VID names too),
  // bridges, and the NICs below them as `Given`. Controllers, parents and the MTUs of whole
  // chains (a bridge's mtu raises what lies below it) are filled in. Bonds and bridges carry
  // their birth options; MACs that depend on the host are left to desired_for().
  Actual links;
  std::map<LinkName, std::vector<LinkName>>
      ports;                         // of each bond and bridge, as ordered in the file
  std::map<LinkName, Place> places;  // where each link is first named
  std::vector<Template> templates;
  VifPolicy vif;                           // [vif]
  std::optional<LinkName> default_bridge;  // [vif] bridge; the file need not declare it
  std::map<LinkName, VifPolicy> policies;  // of each declared bridge, what it says itself
  std::map<LinkName, Teardown> teardowns;  // of each declared bridge
  std::map<LinkName, Hosting> hosting;     // this host's own place, on the links that have one
  std::set<std::string> accepted = {};     // [host] accept: findings that are not to be told of
};

// The links one bridge needs, itself included. `bridge` is among `links`.
struct Chain {
  LinkName bridge;
  Actual links;
  std::map<LinkName, std::vector<LinkName>> ports;
  VifPolicy policy = {};  // the bridge's own over [vif]
  Teardown teardown = {};
};

// The ports that the file gives the chain's bridge, in its order; none for somebody else's.
std::vector<LinkName> uplinks_of(const Chain& chain);

// Links that are looked at together: those of the whole file, or of several chains.
struct Stack {
  Actual links;
  std::map<LinkName, std::vector<LinkName>> ports;
};

// All that the file declares, and what its templates made of the bridges that are in `actual`.
Stack whole_stack(const Topology& topology, const Actual& actual);

// The chains of these bridges, declared or a template's, as one, and of other links of the file
// with what they stand on; names that the file does not know are passed over.
Stack stack_for(const Topology& topology, const std::vector<LinkName>& tops);

// The chain of the declared bridge `name`, or of the template that makes it; nothing when the
// file knows no such bridge.
std::optional<Chain> chain_for(const Topology& topology, std::string_view name);

// The bridge of a vif that names none: `[vif] bridge`, which may be somebody else's, or else the
// only one that is declared; nothing when there is no such, or there are several.
std::optional<std::string> usual_bridge(const Topology& topology);

// The names that a guest's `bridge=` may use, for messages: declared bridges, then templates.
std::vector<std::string> bridge_names(const Topology& topology);

}  // namespace vifchain::inline core::inline model
